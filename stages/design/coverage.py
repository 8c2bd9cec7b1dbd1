"""What a plan, or what is left of it, reached: the values seen, their shares, and the pairs of values seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from stages.core.files import Json
    from stages.design.plan import Factor, Incompatible


@dataclass(frozen=True, slots=True)
class DimensionCoverage:
    """What was reached in one dimension.

    Attributes:
        values: How many values there are to be seen: those with a share above 0.
        seen: The share of them that some row has, from 0 to 1; 1 where there are none.
        deviation: max |count - n * share| over all values, in rows, where n rows have the dimension. With the balanced
            design, without incompatible values and over all rows planned so far, it is below 1.
    """

    values: int
    seen: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was reached with one label.

    Attributes:
        rows: Rows counted, core rows included.
        core: Rows without any attribute.
        dimensions: By name.
        pairs: How many pairs of values of two dimensions there are to be seen: shares above 0, not incompatible.
        pairs_seen: The share of them that some row has, from 0 to 1; 1 where there are none.
        together: The same as of a dimension of the label's further labels, each of which a row may have or not; None
            where a text has one label.
    """

    rows: int
    core: int
    dimensions: dict[str, DimensionCoverage]
    pairs: int
    pairs_seen: float
    together: DimensionCoverage | None = None

    def as_json(self) -> Json:
        """As it stands in a metrics file."""
        found = asdict(self)
        return {name: value for name, value in found.items() if value is not None}


class Tally:
    """Counts of the values and the pairs of values that rows of one label have, while they go by.

    Args:
        factors: The dimensions that were planned.
        incompatible: As in `plan_texts`: not to be seen.
        together: Of the rows, the share that shall have each further label; None where a text has one label.
    """

    def __init__(
        self,
        factors: Sequence[Factor],
        incompatible: Collection[Incompatible] = (),
        together: Mapping[str, float] | None = None,
    ) -> None:
        self._factors, self._incompatible, self._together = factors, incompatible, together
        self._rows = self._core = 0
        self._further = Counter[str]()
        self._counts = {each.name: Counter[str]() for each in factors}
        self._pairs = set[tuple[str, str, str, str]]()

    def add(self, row: Mapping[str, str], also: Iterable[str] = ()) -> None:
        """Count a row, by its attributes and its further labels. What is not among the factors is passed over."""
        self._rows += 1
        self._further.update(also)
        self._core += not row
        cells = [(name, row[name]) for name in self._counts if name in row]
        for name, value in cells:
            self._counts[name][value] += 1
        self._pairs.update((*one, *two) for one, two in combinations(cells, 2))

    def coverage(self) -> Coverage:
        """What the rows reached."""
        to_see = self._pairs_to_see()
        return Coverage(
            self._rows,
            self._core,
            {each.name: _of(each, self._counts[each.name]) for each in self._factors},
            len(to_see),
            len(self._pairs & to_see) / len(to_see) if to_see else 1.0,
            None if self._together is None else _reached(self._together, self._further, self._rows),
        )

    def _pairs_to_see(self) -> set[tuple[str, str, str, str]]:
        wanted = [
            (each.name, {value for value, share in zip(each.values, each.shares, strict=True) if share})
            for each in self._factors
        ]
        return {
            (one, a, two, b)
            for (one, of_one), (two, of_two) in combinations(wanted, 2)
            for a in of_one
            for b in of_two
            if frozenset(((one, a), (two, b))) not in self._incompatible
        }


def _of(factor: Factor, counts: Counter[str]) -> DimensionCoverage:
    return _reached(dict(zip(factor.values, factor.shares, strict=True)), counts, counts.total())


def _reached(shares: Mapping[str, float], counts: Counter[str], number: int) -> DimensionCoverage:
    wanted = [value for value, share in shares.items() if share]
    seen = sum(counts[value] > 0 for value in wanted) / len(wanted) if wanted else 1.0
    deviation = max((abs(counts[value] - number * shares.get(value, 0.0)) for value in {*shares, *counts}), default=0.0)
    return DimensionCoverage(len(wanted), seen, deviation)
