"""Which values of one dimension a row may have, so that each is always within one of its share.

After n rows a value of share s shall stand in |count - n s| < 1 of them. Its j-th copy (from 1) must then be one of the
rows floor((j - 1) / s) + 1 to ceil(j / s): earlier the count is one too high, later one too low. Such windows can
always be met: spread copy j evenly over the stretch from (j - 1) / s to j / s, which takes s of each row and so 1 of
each row over all values; that is a fractional matching of copies to rows, and where there is a fractional matching of a
bipartite graph there is an integral one. Taking the copy that is due first finds it. Source: the chairman assignment
problem (Tijdeman 1980, Discrete Mathematics 32), as just-in-time sequencing (Steiner and Yeomans 1993, Management
Science 39).

The freedom left beside "due first" is told exactly. With t rows done, the slack of a later row b is the rows from t + 1
to b less the copies not yet taken that are due by b. By Hall's theorem the rest can be met as long as no slack is
negative. Taking a copy that is due at row d takes one from the slack of the rows before d and leaves the others alone.
So what may be taken is what is released and due no later than the first row without slack; the copy that is due first
is always among it. With equal shares the rows without slack are the multiples of the number of values, and what may be
taken is the rest of a deck of cards: `Deck` is that case, without the bookkeeping.
"""

from __future__ import annotations

import heapq
from fractions import Fraction
from hashlib import blake2b, shake_128
from math import lcm
from struct import unpack
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

# Rows that `Quota` looks ahead. A value rarer than one in so many is taken only when its turn is that near.
_AHEAD = 4096
_NEVER = 2**63


class Source(Protocol):
    """A dimension, row by row: one of `free` is taken for the next row."""

    free: list[int]

    def take(self, value: int) -> None:
        """Give `value`, one of `free`, to the next row."""


def source(key: str, weights: Sequence[int]) -> Source:
    """The values 0 to len(weights) - 1 of one dimension, each as often as its positive weight says."""
    return Deck(key, len(weights)) if len(set(weights)) == 1 else Quota(key, weights)


def exact(share: float) -> Fraction:
    """The number that a float stands for: 1/3 for 0.3333333333333333, if there is one with so small a denominator.

    A share that was calculated is a rounding away from the fraction that is meant; left so, a count that should be met
    after ten rows would be met after eleven.
    """
    simple = Fraction(share).limit_denominator(1_000_000)
    return simple if abs(simple - Fraction(share)) <= Fraction(share) / 10**14 else Fraction(share)


def weights_of(shares: Sequence[float]) -> list[int]:
    """Whole numbers in the ratio of the shares."""
    fractions = [exact(each) for each in shares]
    common = lcm(*(each.denominator for each in fractions))
    return [int(each * common) for each in fractions]


def noise(key: str) -> int:
    """A number from 0 to 2^64 - 1 that hangs on `key` alone, in every version of Python."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")


def shuffled(key: str, size: int) -> list[int]:
    """The numbers from 0 to `size` - 1 in an order that hangs on `key` alone, in every version of Python."""
    noise = unpack(f">{size}Q", shake_128(key.encode()).digest(8 * size))
    return sorted(range(size), key=noise.__getitem__)


class Deck:
    """Values with equal shares: each once before any comes again, so that none is ahead by more than one."""

    def __init__(self, key: str, size: int) -> None:
        self._key, self._size, self._deck = key, size, 0
        self.free = shuffled(f"{key}|0", size)

    def take(self, value: int) -> None:
        """Give `value`, one of `free`, to the next row."""
        self.free.remove(value)
        if not self.free:
            self._deck += 1
            self.free = shuffled(f"{self._key}|{self._deck}", self._size)


class Quota:
    """Values with any shares: the module's docstring, in whole numbers."""

    def __init__(self, key: str, weights: Sequence[int]) -> None:
        self._weights, self._total = weights, sum(weights)
        self._order = shuffled(key, len(weights))
        self._taken = [0] * len(weights)
        self._released = [1] * len(weights)
        self._due = [self._end(value, 1) for value in range(len(weights))]
        self._row = 1  # the next one, counted from 1
        self._to_come = [(due, value, 1) for value, due in enumerate(self._due)]  # a heap: copies due behind the last
        heapq.heapify(self._to_come)
        self._come = 0  # copies due up to the last row looked at
        self._early = list[int]()  # a heap: the rows at which copies are due that are taken, but due behind the last
        self._slack = list[int]()  # of the rows from `_first` on
        self._first = 1
        self._tight = _NEVER  # the first row to come without slack
        for _ in range(min(self._total // min(weights) + 3, _AHEAD)):
            self._look_further()
        self.free = self._free()

    def take(self, value: int) -> None:
        """Give `value`, one of `free`, to the next row."""
        due = self._due[value]
        if due >= self._first + len(self._slack):
            heapq.heappush(self._early, due)
        at = self._row - self._first
        less = [slack - 1 for slack in self._slack[at : due - self._first]]
        self._slack[at : at + len(less)] = less
        if 0 in less[1:]:
            self._tight = min(self._tight, self._row + less.index(0, 1))
        taken = self._taken[value] = self._taken[value] + 1
        self._released[value] = taken * self._total // self._weights[value] + 1
        self._due[value] = self._end(value, taken + 1)
        self._row += 1
        self._look_further()
        if self._tight < self._row:
            self._tight = self._next_tight()
        if self._row - self._first > _AHEAD:
            del self._slack[: self._row - self._first]
            self._first = self._row
        self.free = self._free()

    def _free(self) -> list[int]:
        row, released, due = self._row, self._released, self._due
        last = min(self._tight, self._first + len(self._slack) - 1)
        free = [value for value in self._order if released[value] <= row and due[value] <= last]
        return free or [min((due[value], value) for value in self._order if released[value] <= row)[1]]

    def _end(self, value: int, copy: int) -> int:
        return -(-copy * self._total // self._weights[value])

    def _look_further(self) -> None:
        """Work out the slack of one more row."""
        row = self._first + len(self._slack)
        while self._to_come[0][0] <= row:
            _, value, copy = self._to_come[0]
            heapq.heapreplace(self._to_come, (self._end(value, copy + 1), value, copy + 1))
            self._come += 1
        while self._early and self._early[0] <= row:
            heapq.heappop(self._early)
        self._slack.append(row - self._come - len(self._early))
        if not self._slack[-1] and row < self._tight:
            self._tight = row

    def _next_tight(self) -> int:
        try:
            return self._slack.index(0, self._row - self._first) + self._first
        except ValueError:
            return _NEVER
