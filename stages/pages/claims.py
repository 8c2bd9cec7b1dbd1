"""What may be said of scores at all: every sentence of the report that ranks or compares asks here first.

from                                          may be said
the best cell against labels given blindly    anything about scores, curves and their costs (`Standing.CHANCE`: not)
it and every other method, paired             that it is better than those, or best of all
the ends of a learning curve                  that it rises
a method's bounds and the baseline's best     at which share of the cost it comes up to that
the bounds of two curves                      that they cross
the bounds of a worth in texts of people      that worth
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from stages.measures.human import FEWER, MORE

if TYPE_CHECKING:
    from stages.measures.curves import Point
    from stages.measures.efficiency import Reach
    from stages.pages.evidence import Best, Evidence


class Standing(Enum):
    """How the best method of a task stands: not above chance, no better than any other, ahead of some, best of all."""

    CHANCE = auto()
    TIED = auto()
    AHEAD = auto()
    BEST = auto()


def standing(best: Best, known: Evidence) -> Standing:
    """What the test texts carry about the best method, with the student that it is best with.

    One that there is nothing to compare with is ahead; so is one whose next best is a blend, which is not compared.
    """
    if (best.method, best.student) not in known.informed:
        return Standing.CHANCE
    pairs = [each for each in known.pairs if best.method in (each.first, each.second) and each.student == best.student]
    beaten = [each for each in pairs if each.verdict == f"{best.method} better"]
    if pairs and not beaten:
        return Standing.TIED
    whole = len(beaten) == len(pairs) and best.beside(best.next, pairs) is not None
    return Standing.BEST if whole else Standing.AHEAD


def comparable(student: str, baseline: str, known: Evidence) -> bool:
    """Whether costs can be held against a baseline's best score: not where that is what chance gives."""
    return (baseline, student) in known.informed


def rises(before: Point, last: Point) -> bool:
    """Whether a step of a learning curve goes up: each score lies outside of the other's interval.

    Both are scored on the same texts: where their errors go together by half or more, an interval of the step is no
    wider than either's own.
    """
    return last.macro_f1 > before.high and before.macro_f1 < last.low


def share_known(found: Reach) -> bool:
    """Whether a share of the cost can be named: both bounds come up to the baseline's score."""
    return found.share is not None and found.high is not None


def worth_known(words: str) -> bool:
    """Whether a worth says something: its interval does not go from below the least to beyond the most."""
    return not (FEWER in words and MORE in words)
