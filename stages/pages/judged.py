"""What the report says of a judge: how far people's labels bear it out, then what it says of each method's texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.judged import judge_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json

_LUCK = 0.5  # an area under the curve that says nothing


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """What the page shows of one task.

    Attributes:
        trusted: Whether any gate goes by what the judge says.
        agreement: Sentences about how far it agrees with people.
        header: Of the table.
        rows: A row a method, and one of the real texts.
        methods: By method, the texts whose label it would not give.
    """

    trusted: bool
    agreement: list[str]
    header: list[str]
    rows: list[list[str]]
    methods: dict[str, list[Json]]


def judged_page(task: str, methods: Sequence[str]) -> JudgedPage | None:
    """What the page shows; None where no text has a verdict.

    Raises:
        ArtifactError: a file is not what stage `judge` writes.
    """
    there = {each: judge_scores(task, each) for each in methods}
    scores = {each: found for each, found in there.items() if found and found["generated"]["texts"]}
    if not scores:
        return None
    # All methods share the answers about real texts; where some are missing, the one that has most of them speaks.
    best = max(scores.values(), key=lambda each: each["real"]["texts"])
    real = [_row("real texts", best["real"], {})] if best["real"]["texts"] else []
    return JudgedPage(
        trusted=best["trusted"],
        agreement=list(_agreement(best)),
        header=["texts of", "judged", f"chance of the label under {best['fit']:g}", "realism 1 or 2",
                "mean realism", "a real text looks more real than one of these"],
        rows=[*(_row(method, each["generated"], each) for method, each in scores.items()), *real],
        methods={method: each["disputed"] for method, each in scores.items() if each["disputed"]},
    )  # fmt: skip


def _agreement(scores: Json) -> list[str]:
    found = scores["agreement"]
    if not found:
        return [f"The judge is {scores['told']}."]
    said = [
        f"The judge is {scores['told']}.",
        f"It gives the label that people gave to {_with_bounds(found, 'accuracy')} of them.",
        f"Its chances are off by {_with_bounds(found, 'calibration_error')} on average.",
    ]
    if found["auc"] is not None:
        said.append(
            f"The chance that it gives a right label is above that of the likeliest wrong one in {found['auc']:.0%} "
            "of pairs; half would be luck."
        )
    return said


def _row(name: str, texts: Json, scores: Json) -> list[str]:
    rated = sum(texts["realism"])
    mean = sum(score * count for score, count in enumerate(texts["realism"], 1)) / rated if rated else None
    return [
        name,
        f"{texts['texts']:,}",
        _with_bounds(texts, "unfit"),
        _with_bounds(texts, "unreal"),
        "" if mean is None else f"{mean:.1f}",
        _apart(scores),
    ]


def _apart(scores: Json) -> str:
    """How often a real text has the higher realism; and where that may be luck, so."""
    if scores.get("realism_auc") is None:
        return ""
    luck = scores["realism_auc_low"] <= _LUCK <= scores["realism_auc_high"]
    return _with_bounds(scores, "realism_auc") + (": it cannot tell them apart" if luck else "")


def _with_bounds(found: Json, name: str) -> str:
    if found[name] is None:
        return ""
    return f"{found[name]:.0%} ({found[f'{name}_low']:.0%} to {found[f'{name}_high']:.0%})"
