"""The gates of a judge that people's labels bear out: labels that it would not give, and texts that look made up to it.

A judge errs too, so each lets through what it says of real texts, and so much more as params.yaml has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from stages.checks.expectations import Gate
from stages.core import files, paths
from stages.core.judgements import REALISM, UNREAL, Judgement

# Below `expectations`, which sets what the package reads when it is imported.
import great_expectations.expectations as expect  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.files import Json
    from stages.core.gates import Validation

TABLE = "judged texts"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge said.

    Attributes:
        scores: What its verdicts come to (see `measures/judge`).
        texts: Those of the method that have a verdict; none where the judge is not trusted.
    """

    scores: Json
    texts: Sequence[Judgement] = ()


def read_judged(task: str, method: str) -> Judged | None:
    """What stage `judge` left; None where it did not run, or no text has a verdict: nobody is bound to have a judge.

    Raises:
        ArtifactError: what it left is broken.
    """
    if not paths.judge_metrics(task, method).exists():
        return None
    scores = files.read_json(paths.judge_metrics(task, method), "judge")
    if not scores["trusted"]:
        return Judged(scores) if scores["generated"]["texts"] else None
    said = files.read_records(paths.judged_file(task, method), Judgement, "judge")
    texts = [each for each in said if not each.real and each.reason is None]
    return Judged(scores, texts) if texts else None


def judged_frame(judged: Judged) -> pd.DataFrame:
    """A row a text.

    Columns, beside label, index and text:
        unfit: What the judge would call a text whose label has a chance under `fit`; unfit_by: how unlikely that is.
        unreal: Why it looks made up; unreal_by: how much.
    """
    fit = judged.scores["fit"]
    rows = [
        (
            *(each.label, each.index, each.text),
            *(_instead(each) if each.fit < fit else None, 1 - each.fit),
            *(_made_up(each), max(REALISM) - (each.realism or max(REALISM))),
        )
        for each in judged.texts
    ]
    columns = ["label", "index", "text", "unfit", "unfit_by", "unreal", "unreal_by"]
    # Left to itself pandas takes a column of which all is missing for one of numbers.
    return pd.DataFrame(rows, columns=columns).astype({"unfit": object, "unreal": object})


def judged_gates(scores: Json, limits: Validation) -> Iterator[Gate]:
    """Both gates, about the table of `judged_frame`."""
    for name, column, most, finding in (
        ("judged_label", "unfit", limits.judged_label, f"have a label with a chance under {scores['fit']:g}"),
        ("judged_realism", "unreal", limits.judged_realism, f"have a realism of {UNREAL} or less of {max(REALISM)}"),
    ):
        of_real = scores["real"][column] or 0.0
        told = f"at most {most:.1%} of the texts more than of the real ones ({of_real:.1%}) {finding}, by the judge"
        none = expect.ExpectColumnValuesToBeNull(column=column, mostly=max(0.0, 1 - most - of_real))
        yield Gate(name, TABLE, told, none, getattr(limits.severity, name))


def _instead(said: Judgement) -> str:
    own = ", ".join(f"{label} {said.chances.get(label, 0.0):.2f}" for label in said.labels)
    because = f": {said.why}" if said.why else ""
    return f"rather {said.likeliest} {said.chances[said.likeliest]:.2f}, {own}{because}"


def _made_up(said: Judgement) -> str | None:
    if said.realism is None or said.realism > UNREAL:
        return None
    return f"realism {said.realism}{f': {said.why}' if said.why else ''}"
