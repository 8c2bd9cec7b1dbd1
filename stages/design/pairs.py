"""Which combination of values is best for the pairs: what a row costs, and the search for a cheap one.

A row's cost is a sum over its values and over its pairs of values of two dimensions:

- a pair that no row had yet: -1 (`_NEW`), the greedy choice of what covers most;
- a value: 0.6 of the share of its pairs that no row had yet, summed over the other dimensions. A value that is spent on
  a row that covers little is missing where its pairs would have been covered, so it is kept back for them. Without it
  the last pairs wait for values that the decks deal apart; 0.6 was best of 0, 0.3, 0.6 and 1 for 5 dimensions of 6 to
  12;
- a pair that rows had already: what one more adds to Pearson's chi-square, the sum over all pairs of
  (count - expected)^2 / expected, where expected = n s_a s_b after n rows and s is a value's share. That is
  (2 count + 1) / (n s_a s_b) less 2, so that (2 count + 1) / (s_a s_b) ranks. It is far below `_NEW`: it decides among
  rows that cover as much, and alone once everything is covered.

Costs are whole numbers, the same on every machine; ties are broken by noise from a hash, less than one more row.
"""

from __future__ import annotations

from hashlib import shake_128
from itertools import combinations, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    Pair = frozenset[tuple[int, int]]  # two times (dimension, value)
    Row = list[int]  # by dimension, the value

_NEW = 2**44
OFF_SHARE = 2**52  # what it costs to take a value whose turn it is not: more than any row covers
FORBIDDEN = 2**60  # more than all else that a row can cost
_ROOT, _LARGEST_ROOT = 8, 2**16  # a pair's step is the product of its values' roots: 64 / (s_a s_b), within bounds


class Pairs:
    """The pairs of values of all dimensions of one label, and how often the rows so far had them.

    Attributes:
        uncovered: How many pairs no row had yet, forbidden ones not counted.
        held: held[d][x]: what it costs to spend value x of dimension d.
        cost: cost[d][x][e][y]: what the pair with value y of dimension e costs. It stands there from both sides.
    """

    def __init__(
        self, key: str, names: Sequence[str], weights: Sequence[Sequence[int]], forbidden: Collection[Pair]
    ) -> None:
        sizes = [len(each) for each in weights]
        # Starts of a search: many where they are cheap, two where a row has hundreds of values to choose from.
        self.starts = min(max(4000 // (len(sizes) * sum(sizes)), 2), 40)
        self._keep = [_NEW * 3 // (5 * size) for size in sizes]
        self._roots = [[min(_ROOT * sum(each) // weight, _LARGEST_ROOT) for weight in each] for each in weights]
        self.uncovered = 0
        self.held = [[0] * size for size in sizes]
        self.cost = [[[[0] * other for other in sizes] for _ in range(size)] for size in sizes]
        for one, two in combinations(range(len(sizes)), 2):
            noise = shake_128(f"{key}|{names[one]}|{names[two]}".encode()).digest(sizes[one] * sizes[two])
            for (a, b), tie in zip(product(range(sizes[one]), range(sizes[two])), noise, strict=True):
                if frozenset(((one, a), (two, b))) in forbidden:
                    cost = FORBIDDEN
                else:
                    cost = self._roots[one][a] * self._roots[two][b] // 2 + tie - _NEW
                    self.held[one][a] += self._keep[two]
                    self.held[two][b] += self._keep[one]
                    self.uncovered += 1
                self.cost[one][a][two][b] = self.cost[two][b][one][a] = cost

    def take(self, row: Row) -> None:
        """Count the pairs of one more row."""
        for one, two in combinations(range(len(row)), 2):
            a, b = row[one], row[two]
            cost = self.cost[one][a][two][b]
            if cost < 0:
                cost += _NEW
                self.held[one][a] -= self._keep[two]
                self.held[two][b] -= self._keep[one]
                self.uncovered -= 1
            cost += self._roots[one][a] * self._roots[two][b]
            self.cost[one][a][two][b] = self.cost[two][b][one][a] = cost

    def settle(self, free: Sequence[Sequence[int]]) -> Row:
        """Choose and count a row in one go, at a few microseconds, where there is little or nothing left to cover.

        The first value that is free of the first dimension, then the cheapest beside those chosen. From the first such
        row on, `cost` is kept from one side only and `held` not at all: the other methods are of no use any more.
        """
        value = free[0][0]
        row = [value]
        beside = [(self.cost[0][value], self._roots[0][value])]
        for at in range(1, len(free)):
            columns = [costs[at] for costs, _ in beside]
            lowest = FORBIDDEN
            for each in free[at]:
                total = 0
                for column in columns:
                    total += column[each]
                if total < lowest:
                    lowest, value = total, each
            root = self._roots[at][value]
            for column, (_, other) in zip(columns, beside, strict=True):
                column[value] += root * other + (_NEW if column[value] < 0 else 0)
            row.append(value)
            beside.append((self.cost[at][value], root))
        return row

    def best(self, free: Sequence[Sequence[int]], held: Sequence[Sequence[int]]) -> Row:
        """The cheapest row that was found of the values in `free`, by dimension, where values cost what `held` says.

        From each of some values in turn, the others one by one as cheap as they come, then `improved`.
        """
        found, lowest = list[int](), 0
        for start in range(self.starts):
            at, first = divmod(start, len(free))
            if at >= len(free[first]):
                continue
            row = [0] * len(free)
            row[first] = free[first][at]
            done = [first]
            for other in [*range(first + 1, len(free)), *range(first)]:
                row[other] = self._cheapest(free[other], held[other], row, other, done)
                done.append(other)
            row = self.improved(row, free, held)
            cost = self.of(row, held)
            if not found or cost < lowest:
                found, lowest = row, cost
        return found

    def improved(self, row: Row, free: Sequence[Sequence[int]], held: Sequence[Sequence[int]]) -> Row:
        """The row with value after value exchanged for the cheapest beside the rest, until none is cheaper."""
        others = [[each for each in range(len(free)) if each != at] for at in range(len(free))]
        row, before = row[:], list[int]()
        while row != before:
            before = row[:]
            for at, values in enumerate(free):
                row[at] = self._cheapest([row[at], *values], held[at], row, at, others[at])
        return row

    def of(self, row: Row, held: Sequence[Sequence[int]]) -> int:
        """What a row costs."""
        pairs = combinations(enumerate(row), 2)
        return sum(self.cost[one][a][two][b] for (one, a), (two, b) in pairs) + sum(
            held[at][value] for at, value in enumerate(row)
        )

    def _cheapest(self, values: Sequence[int], held: Sequence[int], row: Row, at: int, done: Sequence[int]) -> int:
        columns = [self.cost[other][row[other]][at] for other in done]
        found = values[0]
        lowest = held[found] + sum([column[found] for column in columns])
        for each in values[1:]:
            total = held[each]
            for column in columns:
                total += column[each]
            if total < lowest:
                lowest, found = total, each
        return found
