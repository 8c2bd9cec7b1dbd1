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


def further_coverage(shares: Mapping[str, float], rows: Iterable[Sequence[str]]) -> DimensionCoverage:
    """What was reached with the further labels of one label.

    Args:
        shares: Of the rows, that shall have each further label.
        rows: The further labels of each row.
    """
    number, counts = 0, Counter[str]()
    for number, row in enumerate(rows, 1):  # noqa: B007 - how many there were
        counts.update(row)
    return _reached(shares, counts, number)


def coverage(
    factors: Sequence[Factor], rows: Iterable[Mapping[str, str]], incompatible: Collection[Incompatible] = ()
) -> Coverage:
    """Go through the rows of one label once, keeping counts of values and pairs alone.

    Args:
        factors: The dimensions that were planned.
        rows: The attributes of each row, by dimension. What is not among the factors is passed over.
        incompatible: As in `plan_texts`: not to be seen.
    """
    wanted = [
        (each.name, {value for value, share in zip(each.values, each.shares, strict=True) if share}) for each in factors
    ]
    names = [name for name, _ in wanted]
    number = core = 0
    counts = {name: Counter[str]() for name in names}
    pairs = set[tuple[str, str, str, str]]()
    for row in rows:
        number += 1
        core += not row
        cells = [(name, row[name]) for name in names if name in row]
        for name, value in cells:
            counts[name][value] += 1
        pairs.update((*one, *two) for one, two in combinations(cells, 2))
    to_see = {
        (one, a, two, b)
        for (one, of_one), (two, of_two) in combinations(wanted, 2)
        for a in of_one
        for b in of_two
        if frozenset(((one, a), (two, b))) not in incompatible
    }
    seen = len(pairs & to_see) / len(to_see) if to_see else 1.0
    return Coverage(number, core, {each.name: _of(each, counts[each.name]) for each in factors}, len(to_see), seen)


def _of(factor: Factor, counts: Counter[str]) -> DimensionCoverage:
    return _reached(dict(zip(factor.values, factor.shares, strict=True)), counts, counts.total())


def _reached(shares: Mapping[str, float], counts: Counter[str], number: int) -> DimensionCoverage:
    wanted = [value for value, share in shares.items() if share]
    seen = sum(counts[value] > 0 for value in wanted) / len(wanted) if wanted else 1.0
    deviation = max((abs(counts[value] - number * shares.get(value, 0.0)) for value in {*shares, *counts}), default=0.0)
    return DimensionCoverage(len(wanted), seen, deviation)
