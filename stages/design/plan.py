"""The plan: which attribute values each text shall have.

Deterministic from the seed and prefix-stable: a larger count only appends. `balanced` holds each value within one of
its share after any number of rows and covers the pairs of values of two dimensions as early as that allows (`balance`).
`random` is the paper's independent draw.

Chance is by hash, not by Python's generator: it is the same in every version, and it depends on positions, not on the
names of values, so that renaming a value moves no other.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from itertools import count as count_up
from typing import TYPE_CHECKING

from stages.core.records import PlannedText
from stages.design.balance import balanced
from stages.design.conflicts import allowed, first_allowed, hopeless
from stages.design.quotas import exact, noise, weights_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stages.design.pairs import Pair, Row

Incompatible = frozenset[tuple[str, str]]
"""Two (dimension, value) of different dimensions that no text has at once."""

_REDRAWS = 100_000


@dataclass(frozen=True, slots=True)
class Factor:
    """One dimension of a plan.

    Attributes:
        name: The dimension's.
        values: Its values, each once.
        shares: Of the rows, of each value, from 0 to 1. They sum to 1, if there are any.
    """

    name: str
    values: tuple[str, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        """Raise a ValueError where the fields contradict each other."""
        if len(self.values) != len(self.shares):
            raise ValueError(f"{self.name}: {len(self.values)} values and {len(self.shares)} shares")
        twice = [value for value, times in Counter(self.values).items() if times > 1]
        if twice:
            raise ValueError(f"{self.name}: the value {twice[0]} stands there twice")
        if self.values and not (min(self.shares) >= 0 and abs(sum(self.shares) - 1) < 1e-9):  # noqa: PLR2004
            raise ValueError(f"{self.name}: shares must be 0 or more and sum to 1, but are {self.shares}")


def mixed(natural: Sequence[float], amount: float) -> tuple[float, ...]:
    """Shares between uniform and natural ones: amount * natural / sum(natural) + (1 - amount) / number.

    Args:
        natural: How often each value is seen, in any unit: 0 or more, and one above 0 unless `amount` is 0.
        amount: 0 is uniform, 1 is natural.

    Returns:
        One share for each value; they sum to 1. Empty for no values.
    """
    if not 0 <= amount <= 1:
        raise ValueError(f"the amount must be from 0 to 1, but is {amount}")
    if not amount:
        return (1 / len(natural),) * len(natural) if natural else ()
    whole = sum(natural)
    if natural and not (min(natural) >= 0 and whole > 0):
        raise ValueError(f"natural frequencies must be 0 or more and not all 0, but are {tuple(natural)}")
    return tuple(amount * each / whole + (1 - amount) / len(natural) for each in natural)


def plan_texts(
    label: str,
    factors: Sequence[Factor],
    count: int,
    *,
    design: str,
    seed: int,
    core_share: float = 0.0,
    incompatible: Collection[Incompatible] = (),
) -> Iterator[PlannedText]:
    """The first `count` texts of one label.

    With `balanced`, after any number n of rows that are no core rows, a value of share s stands in more than n s - 1
    and fewer than n s + 1 of them; so with equal shares no value is ahead of another by more than one. With
    `incompatible` pairs, what always holds is that no row has one. Shares are then kept as near as the pairs allow:
    where no row can be made of values whose turn it is, others are given and made up for as soon as may be. How far off
    a share is in the end is told by `design/coverage`.

    Args:
        label: The label's name. Another label, another plan.
        factors: The dimensions. One without values is left out; a value of share 0 is never drawn.
        count: How many texts, core rows included.
        design: "balanced" or "random".
        seed: Another seed, another plan.
        core_share: Of the rows, from 0 to 1, that have no attributes, mixed in evenly: row n (from 0) is one if
            floor((n + 1) core_share) > floor(n core_share). The others have the same attributes whatever it is.
        incompatible: Pairs that no row has. One that names a dimension or a value not among the factors has no effect.

    Raises:
        ValueError: Before the first row: a design or a share that there is not, a value that is incompatible with every
            value of another dimension, pairs that leave no row possible. While drawing, with `random`: pairs that
            leave so few rows possible that 100,000 draws in a row had one.
    """
    if design not in ("balanced", "random"):
        raise ValueError(f"there is no design {design}")
    if not 0 <= core_share <= 1:
        raise ValueError(f"the share of core rows must be from 0 to 1, but is {core_share}")
    drawn = [each for each in map(_drawn, factors) if each.values]
    forbidden = _forbidden(drawn, incompatible)
    weights = [weights_of(each.shares) for each in drawn]
    key = f"{seed}|{label}"
    names = [each.name for each in drawn]
    rows = balanced(key, names, weights, forbidden) if design == "balanced" else _random(key, names, weights, forbidden)
    return _texts(drawn, rows, count, core_share)


def _texts(factors: Sequence[Factor], rows: Iterator[Row], count: int, core_share: float) -> Iterator[PlannedText]:
    names = [each.name for each in factors]
    values = [each.values for each in factors]
    core = exact(core_share) if core_share else None
    for index in range(count):
        if not factors or (core is not None and (index + 1) * core // 1 > index * core // 1):
            yield PlannedText(index)
        else:
            row = next(rows)
            yield PlannedText(index, {name: of[at] for name, of, at in zip(names, values, row, strict=True)})


def _drawn(factor: Factor) -> Factor:
    kept = [at for at, share in enumerate(factor.shares) if share]
    return Factor(factor.name, tuple(factor.values[at] for at in kept), tuple(factor.shares[at] for at in kept))


def _forbidden(factors: Sequence[Factor], incompatible: Collection[Incompatible]) -> frozenset[Pair]:
    """The incompatible pairs by position, without those that name what is not drawn."""
    numbers = {(each.name, value): (at, n) for at, each in enumerate(factors) for n, value in enumerate(each.values)}
    for pair in incompatible:
        if len({name for name, _ in pair}) != 2 or len(pair) != 2:  # noqa: PLR2004
            raise ValueError(f"{sorted(pair)} are not two values of two dimensions")
    found = frozenset(frozenset(numbers[each] for each in pair) for pair in incompatible if pair <= numbers.keys())
    sizes = [len(each.values) for each in factors]
    bad = hopeless(sizes, found)
    if bad:
        at, value, other = bad
        one, two = factors[at], factors[other]
        raise ValueError(f"{one.name} {one.values[value]} is incompatible with every value of {two.name}")
    if found and first_allowed([range(size) for size in sizes], found) is None:
        raise ValueError("every combination of values has an incompatible pair")
    return found


def _random(
    key: str, names: Sequence[str], weights: Sequence[Sequence[int]], forbidden: Collection[Pair]
) -> Iterator[Row]:
    """Each value independently with its share; a row with a forbidden pair is drawn anew."""
    sums = [list(accumulate(each)) for each in weights]
    named = list(zip(names, sums, strict=True))
    for turn in count_up():
        for again in range(_REDRAWS):
            row = [bisect(ends, noise(f"{key}|{name}|{turn}|{again}") * ends[-1] >> 64) for name, ends in named]
            if not forbidden or allowed(row, forbidden):
                break
        else:
            raise ValueError(f"of {_REDRAWS} draws, each had an incompatible pair")
        yield row
