"""Every two methods on the same test texts, for each student: which of them can be told apart, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from stages.core.errors import ArtifactError
from stages.measures.significance import Difference, McNemar, holm, mcnemar, p_shown, paired_bootstrap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.sections import Evaluate
    from stages.measures.predictions import Predictions

APART = "cannot be told apart"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two methods and a student.

    Attributes:
        gap: Macro-F1 of the first less that of the second.
        test: Of the accuracy; None where texts have several labels.
        p: Of the test, corrected for the number of pairs.
        verdict: Who is better, or `APART`.
    """

    first: str
    second: str
    student: str
    gap: Difference
    test: McNemar | None
    p: float | None
    verdict: str


def differences(
    cells: Mapping[str, Mapping[str, Predictions]], labels: Sequence[str], settings: Evaluate
) -> list[Pair]:
    """Compare every two methods.

    With one label a text, who is better has a corrected p below 1 - confidence and a higher macro-F1 as well. With
    several labels, the interval of the difference leaves out 0, which is not corrected for the number of pairs.

    Args:
        cells: By method and student, in the order of the rows; the same students for each method.
        labels: All labels of the task.
        settings: Of the intervals.

    Raises:
        ArtifactError: two were scored on different test texts.
    """
    found = []
    for one, two in combinations(cells, 2):
        for student, first in cells[one].items():
            second = cells[two][student]
            if (first.actual, first.multilabel) != (second.actual, second.multilabel):
                raise ArtifactError(
                    f"{one} and {two} were scored on different test texts ({student}); make both anew: "
                    "dvc repro, or for a comparison at equal cost dvc exp remove, and compare again"
                )
            answers = (first.actual, first.predicted, second.predicted)
            test = None if first.multilabel else mcnemar(*answers)
            found.append((one, two, student, paired_bootstrap(*answers, labels, settings), test))
    corrected = iter(holm([test.p for *_, test in found if test]))
    pairs = list[Pair]()
    for one, two, student, gap, test in found:
        p = next(corrected) if test else None
        better = f"{one if gap.value > 0 else two} better"
        pairs.append(Pair(one, two, student, gap, test, p, better if _clear(gap, test, p, settings) else APART))
    return pairs


def _clear(gap: Difference, test: McNemar | None, p: float | None, settings: Evaluate) -> bool:
    if test is None or p is None:
        return gap.low > 0 or gap.high < 0
    return p < 1 - settings.confidence and (test.first_only - test.second_only) * gap.value > 0


def pair_table(pairs: Sequence[Pair]) -> tuple[list[str], list[list[str]]]:
    """A header and a row a pair, for people; the first three columns are names, and so is the last."""
    header = ["method A", "method B", "student", "macro-F1, A less B"]
    if any(each.test for each in pairs):
        header += ["only A right to only B right", "McNemar p", "p, corrected"]
    return [*header, "verdict"], [_row(each) for each in pairs]


def _row(pair: Pair) -> list[str]:
    interval = f"{pair.gap.value:+.3f} ({pair.gap.low:+.3f} to {pair.gap.high:+.3f})"
    tested = list[str]()
    if pair.test is not None and pair.p is not None:
        tested = [f"{pair.test.first_only} to {pair.test.second_only}", p_shown(pair.test.p), p_shown(pair.p)]
    return [pair.first, pair.second, pair.student, interval, *tested, pair.verdict]


def how_compared(pairs: Sequence[Pair], texts: int, settings: Evaluate) -> str:
    """What has to be known to read the table.

    Args:
        pairs: Its rows.
        texts: Of the test set.
        settings: As in `differences`.
    """
    bootstrap = f"{settings.confidence:.0%} paired bootstrap"
    how = f"Paired on the same {texts} test texts. Intervals: {bootstrap}, each for itself."
    if not all(each.gap.drawn for each in pairs):
        how += " Where no resample differs from another, they are as wide as Tango's score interval of the accuracy's."
    if any(each.test for each in pairs):
        how += (
            f" p: exact two-sided McNemar test of the accuracy, corrected by Holm for the {len(pairs)} rows of this "
            f"table. Better: corrected p below {1 - settings.confidence:.2g}, and a higher macro-F1 as well."
        )
    else:
        how += " Better: an interval without 0, not corrected for the number of rows."
    return (
        f"{how} This holds for these generated texts: how much another draw of them would move the scores is not in it."
    )
