"""What stage `judge` left: for gates, for students that learn from its chances, and for those who tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.judgements import Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json

Chances = dict[str, dict[str, float]]
"""By text, how likely each label is."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge said.

    Attributes:
        scores: What its verdicts come to (see `measures/judge`).
        texts: Those of the method that have a verdict; none where the judge is not trusted.
    """

    scores: Json
    texts: Sequence[Judgement] = ()


def judge_scores(task: str, method: str) -> Json | None:
    """What the verdicts come to (see `measures/judge`), and what was asked; None where stage `judge` did not run.

    Raises:
        ArtifactError: the file is broken.
    """
    path = paths.judge_metrics(task, method)
    return files.read_json(path, "judge") if path.exists() else None


def read_judged(task: str, method: str) -> Judged | None:
    """What stage `judge` left; None where it did not run, or no text has a verdict: nobody is bound to have a judge.

    Raises:
        ArtifactError: what it left is broken.
    """
    scores = judge_scores(task, method)
    if scores is None:
        return None
    if not scores["trusted"]:
        return Judged(scores) if scores["generated"]["texts"] else None
    said = files.read_records(paths.judged_file(task, method), Judgement, "judge")
    texts = [each for each in said if not each.real and each.reason is None]
    return Judged(scores, texts) if texts else None


def believed(task: str, method: str) -> Chances:
    """The chances that a trusted judge gave to labels of the method's texts; none where there is no such judge.

    Raises:
        ArtifactError: what stage `judge` left is broken.
    """
    judged = read_judged(task, method)
    return {each.text: each.chances for each in judged.texts} if judged else {}
