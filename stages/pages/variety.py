"""What the report says of how varied the texts are: a row a method, one of the real texts; shortcut words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.files import Json

REAL = "real texts"
_WORDS = 5  # shortcut words of a method that are shown
_CHANCE = 0.05  # the p below which values are said to be far from the plan


@dataclass(frozen=True, slots=True)
class Balance:
    """One attribute of one method, in words: see `measures/bias.Bias`.

    Attributes:
        commonest: The value that most texts have, and its share with the interval.
        evenness: Of all texts.
        off: Share of all texts that would need another value to meet the plan.
        worst: The label that is farthest from its plan, with the same share and what it is by chance.
        far: Whether the worst label is farther from its plan than chance explains.
    """

    method: str
    attribute: str
    commonest: str
    evenness: str
    off: str
    worst: str
    far: bool


@dataclass(frozen=True, slots=True)
class Variety:
    """What the page shows of one task.

    Attributes:
        header: Of the table.
        rows: Its cells; empty where a set is too small for a figure.
        balance: Of each method and attribute, how its values came out beside the plan; no method whose texts have none.
        shortcuts: By method, the words that give a label away most surely: see `measures/shortcuts.Shortcut`, with the
            label.
        sizes: How many words and texts sets are compared at.
    """

    header: list[str]
    rows: list[list[str]]
    balance: list[Balance]
    shortcuts: dict[str, list[Json]]
    sizes: tuple[int, int]


def read_studies(task: str, methods: Sequence[str]) -> dict[str, Json]:
    """What stage `study` found out about the texts of each method.

    Raises:
        ArtifactError: that of one is missing.
    """
    return {method: files.read_json(paths.study_file(task, method), "study") for method in methods}


def variety(studies: Mapping[str, Json]) -> Variety:
    """What the page shows, of the studies of a task's methods, at least one; the real texts are the same in all."""
    first = next(iter(studies.values()))
    words, texts = first["words"], first["texts"]
    header = [
        "method", "texts", f"different words among {words:,}", f"distinct-2 of {words:,}", "similarity within a label",
        "between labels", f"Vendi score of {texts:,}", "near-duplicates", "distance to real texts",
    ]  # fmt: skip
    rows = [[method, *_figures(each["generated"])] for method, each in studies.items()]
    return Variety(
        header=header,
        rows=[*rows, [REAL, *_figures(first["real"])]],
        balance=[
            _balance(method, attribute, found)
            for method, each in studies.items()
            for attribute, found in each["attributes"].items()
        ],
        shortcuts={method: _surest(each["shortcuts"])[:_WORDS] for method, each in studies.items()},
        sizes=(words, texts),
    )


def _figures(found: Json) -> list[str]:
    overall = found["overall"]
    return [
        f"{overall['texts']:,}",
        _shown(overall["expected_vocabulary"], ",.0f"),
        _shown(overall["distinct_2"], ".3f"),
        _shown(found["within"], ".3f"),
        _shown(found["between"], ".3f"),
        _shown(overall["vendi"], ".1f"),
        _shown(overall["near_duplicates"], ".1%"),
        _shown(overall["cmd"], ".3f"),
    ]


def _balance(method: str, attribute: str, found: Json) -> Balance:
    overall, worst = found["overall"], found["worst"]
    share = f"{overall['share']:.0%} ({overall['share_low']:.0%} to {overall['share_high']:.0%})"
    off = worst["total_variation"] > 0
    return Balance(
        method,
        attribute,
        f"{overall['commonest']}: {share}",
        f"{overall['evenness']:.2f}",
        f"{overall['total_variation']:.0%}",
        f"{worst['label']}: {worst['total_variation']:.0%}, by chance {worst['by_chance']:.0%}" if off else "none",
        worst["p"] < _CHANCE,
    )


def _shown(figure: float | None, form: str) -> str:
    return "" if figure is None else format(figure, form)


def _surest(shortcuts: Mapping[str, Sequence[Json]]) -> list[Json]:
    """All words of all labels, the surest first."""
    words = [{**each, "label": label} for label, found in shortcuts.items() for each in found]
    return sorted(words, key=lambda each: (-each["z"], each["label"], each["word"]))
