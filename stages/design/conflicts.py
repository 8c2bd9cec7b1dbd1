"""Values of two dimensions that no text can have at once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from stages.design.pairs import Pair, Row


def hopeless(sizes: Sequence[int], forbidden: Collection[Pair]) -> tuple[int, int, int] | None:
    """A value that is forbidden beside every value of another dimension: (dimension, value, other dimension).

    Args:
        sizes: How many values each dimension has.
        forbidden: The pairs of (dimension, value) that no row has.
    """
    beside = defaultdict[tuple[int, int, int], int](int)
    for one, two in (tuple(pair) for pair in forbidden):
        beside[*one, two[0]] += 1
        beside[*two, one[0]] += 1
    return next((each for each in sorted(beside) if beside[each] == sizes[each[2]]), None)


def allowed(row: Sequence[int], forbidden: Collection[Pair]) -> bool:
    """Whether a row has no forbidden pair."""
    cells = set(enumerate(row))
    return not any(pair <= cells for pair in forbidden)


def first_allowed(values: Sequence[Iterable[int]], forbidden: Collection[Pair]) -> Row | None:
    """The first row without a forbidden pair, by trying the values of each dimension in their order and going back.

    None if there is no such row. The time is that of a constraint satisfaction problem: exponential at worst, a few
    steps where few pairs are forbidden.
    """
    banned = defaultdict[tuple[int, int], set[tuple[int, int]]](set)
    for one, two in (tuple(pair) for pair in forbidden):
        banned[one].add(two)
        banned[two].add(one)
    row = list[int]()

    def filled() -> bool:
        at = len(row)
        if at == len(values):
            return True
        for value in values[at]:
            if all(each not in banned[at, value] for each in enumerate(row)):
                row.append(value)
                if filled():
                    return True
                row.pop()
        return False

    return row if filled() else None
