"""The balanced design: each value within one of its share, and every pair of values as early as that allows.

Each row is the cheapest that `pairs` finds among the values that `quotas` leaves free. The choice of what covers most
is the one-row-at-a-time greedy of covering arrays (Cohen, Dalal, Fredman and Patton 1997, IEEE Transactions on Software
Engineering 23), under quotas.

All pairs are covered within `rows_to_cover`, if shares are equal and no pair is forbidden, because the greedy is given
`patience` rows, after which what is left is covered by rotation, one dimension i after another but for the largest:

- From the first deck of i on, i runs through its values in order in every deck. From its first deck after that, at row
  u, every other dimension j does so too, but one place further on for each lcm(v_i, v_j) rows since u.
- In lcm(v_i, v_j) rows from u or from a multiple of it after u, the pairs (t mod v_i, t mod v_j) are all different
  (Chinese remainder theorem): all those whose difference modulo g = gcd(v_i, v_j) is the same. One place further on is
  the next difference, so that g times as many rows, v_i v_j, cover all pairs of i and j.
- i waits for its deck at most v_i - 1 rows and j another v_j - 1, so a dimension's turn takes no more than
  (v_i - 1) + (v_j - 1) + v_i v_j = (v_i + 1) (v_j + 1) - 3 rows, where j is the largest.

Whole decks in any order keep the quotas, so nothing of this moves a value from its share. Rotation has not been seen to
be needed: with 5 dimensions the greedy is done after 1.1 to 1.6 times the product of the two largest sizes, with 20
after 2.5 times, and has 3 and 5 times as many rows.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

from stages.design.conflicts import allowed, first_allowed
from stages.design.pairs import OFF_SHARE, Pairs
from stages.design.quotas import source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stages.design.pairs import Pair, Row
    from stages.design.quotas import Source


def balanced(
    key: str,
    names: Sequence[str],
    weights: Sequence[Sequence[int]],
    forbidden: Collection[Pair],
    patience: int | None = None,
) -> Iterator[Row]:
    """The rows, without end: by dimension, the number of the value.

    Args:
        key: Another key, another plan.
        names: Of the dimensions; at least one. With `key`, all that chance hangs on.
        weights: By dimension and value, positive whole numbers in the ratio of the shares.
        forbidden: Pairs of (dimension, value) that no row has. There must be a row without any.
        patience: After how many rows the greedy gives way; by default `patience_for` the sizes.
    """
    sizes = [len(each) for each in weights]
    patience = patience_for(sizes) if patience is None else patience
    sources = [source(f"{key}|{name}", each) for name, each in zip(names, weights, strict=True)]
    pairs = Pairs(key, names, weights, forbidden)
    if forbidden:
        swapped = [_Swapped(each, size) for each, size in zip(sources, sizes, strict=True)]
        yield from _without(forbidden, pairs, swapped, patience)
    equal = all(len(set(each)) == 1 for each in weights)
    done = 0
    while pairs.uncovered and (done < patience or equal):
        free = [each.free for each in sources]
        if done >= patience:
            forced = rotated(sizes, patience, done)
            free = [values if each is None else [each] for values, each in zip(free, forced, strict=True)]
        row = pairs.best(free, pairs.held)
        pairs.take(row)
        _take(sources, row)
        yield row
        done += 1
    while True:
        row = pairs.settle([each.free for each in sources])
        _take(sources, row)
        yield row


def patience_for(sizes: Sequence[int]) -> int:
    """For how many rows the greedy may search: the product of the two largest sizes, times log2 of the dimensions."""
    *_, two, one = [1, *sorted(sizes)]
    return one * two * len(sizes).bit_length()


def rows_to_cover(sizes: Sequence[int], patience: int | None = None) -> int:
    """The number of rows in which all pairs are covered at the latest: the module's docstring has the proof."""
    *others, largest = sorted(sizes)
    patience = patience_for(sizes) if patience is None else patience
    return patience + sum((each + 1) * (largest + 1) - 3 for each in others)


def rotated(sizes: Sequence[int], start: int, row: int) -> list[int | None]:
    """By dimension, the value that rotation from row `start` on wants at `row`; None where a deck is yet to end."""
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    turn = order[0]
    for turn in order[:-1]:
        length = (sizes[turn] + 1) * (sizes[order[-1]] + 1) - 3
        if row < start + length:
            break
        start += length
    first = _next_multiple(start, sizes[turn])
    found = list[int | None]()
    for at, size in enumerate(sizes):
        begin = first if at == turn else _next_multiple(first, size)
        deck = row - row % size
        further = 0 if at == turn else (deck - begin) // lcm(size, sizes[turn])
        found.append((row + further) % size if deck >= begin else None)
    return found


def _next_multiple(number: int, of: int) -> int:
    return -(-number // of) * of


def _take(sources: Sequence[Source], row: Row) -> None:
    for each, value in zip(sources, row, strict=True):
        each.take(value)


class _Swapped:
    """A dimension that may give a row another value than one whose turn it is, and makes up for it later.

    Where the value x is given for y, whose turn it is, the quota goes on as if y had been given, so that it stays
    within one; x is then one ahead and y one behind until, at a turn of a value that is ahead, one that is behind is
    given.
    """

    def __init__(self, quota: Source, size: int) -> None:
        self._quota = quota
        self._behind = [0] * size

    def prices(self) -> list[int]:
        """By value, how much further it would bring the dimension from its shares, in `OFF_SHARE`; less is nearer."""
        return [OFF_SHARE * self._price(value)[0] for value in range(len(self._behind))]

    def take(self, value: int) -> None:
        """Give `value` to the next row."""
        _, turn = self._price(value)
        self._behind[turn] += 1
        self._behind[value] -= 1
        self._quota.take(turn)

    def _price(self, value: int) -> tuple[int, int]:
        behind = self._behind
        turn = min(self._quota.free, key=behind.__getitem__)
        more = abs(behind[turn] + 1) - abs(behind[turn]) + abs(behind[value] - 1) - abs(behind[value])
        if value in self._quota.free and (more >= 0 or turn == value):
            return 0, value
        return more, turn


def _without(forbidden: Collection[Pair], pairs: Pairs, sources: Sequence[_Swapped], patience: int) -> Iterator[Row]:
    done = 0
    while True:
        if done >= patience or not pairs.uncovered:
            pairs.starts = 1
        prices = [each.prices() for each in sources]
        free = [sorted(range(len(each)), key=each.__getitem__) for each in prices]
        held = [
            [price + kept for price, kept in zip(*both, strict=True)] for both in zip(prices, pairs.held, strict=True)
        ]
        row = pairs.best(free, held)
        if not allowed(row, forbidden):
            found = first_allowed(free, forbidden)
            if found is None:
                raise ValueError("every row has a forbidden pair")
            row = pairs.improved(found, free, held)
        pairs.take(row)
        for each, value in zip(sources, row, strict=True):
            each.take(value)
        yield row
        done += 1
