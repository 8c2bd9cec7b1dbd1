"""Learning curves: the texts of a growing share of a plan, what they cost, and what a student makes of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from stages.core.bounds import part_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stages.core.files import Json
    from stages.core.records import Generated, Text


@dataclass(frozen=True, slots=True)
class Cost:
    """What was paid for something.

    Attributes:
        tokens: Of prompts and completions; None for texts that were made elsewhere.
        dollars: None for these too, and where no price is known.
    """

    tokens: int | None
    dollars: float | None

    @classmethod
    def of_metrics(cls, metrics: Json) -> Self:
        """From what a stage that asks wrote under data/metrics."""
        return cls(metrics["prompt_tokens"] + metrics["completion_tokens"], metrics["dollars"])

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            None if self.tokens is None or other.tokens is None else self.tokens + other.tokens,
            None if self.dollars is None or other.dollars is None else self.dollars + other.dollars,
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One request: of which label, for which texts of it (their numbers, from 0), at what cost."""

    label: str
    rows: tuple[int, ...]
    cost: Cost

    @classmethod
    def of(cls, generated: Generated) -> Self:
        """What one line of a generated file cost."""
        tokens = None if generated.imported else generated.prompt_tokens + generated.completion_tokens
        return cls(generated.label, tuple(row.index for row in generated.rows), Cost(tokens, generated.dollars))


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a plan: its accepted texts, and the cost of all requests that asked for one of the planned ones."""

    share: float
    texts: tuple[Text, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a learning curve: a part, what it cost, and the macro-F1 with the bounds of its interval.

    Attributes:
        tokens_with_attributes: Those of the part, and those that finding the attributes took, once for the task.
        dollars_with_attributes: Likewise.
    """

    share: float
    texts: int
    tokens: int | None
    dollars: float | None
    tokens_with_attributes: int | None
    dollars_with_attributes: float | None
    macro_f1: float
    low: float
    high: float

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read one of the points that stage `curve` wrote."""
        return cls(**row)


def parts(shares: Iterable[float], requests: Sequence[Request], accepted: Sequence[Text]) -> Iterator[Part]:
    """The part of each share: of each label the first texts of its plan, so that a smaller part lies in a larger one.

    A share of n planned texts is the first ceil(share * n) of them, at least one, whatever became of them: so the same
    share of two methods is of plans of the same size. Where none of these was accepted, the first one that was is
    taken. A request is paid for as a whole, be it one of its texts that is in the part or all of them.

    Args:
        shares: Each from 0 to 1, in any order.
        requests: All of the method, those that came to nothing too.
        accepted: All texts of the method that were.
    """
    planned = Counter(each.label for each in requests for _ in each.rows)
    first = dict[str, int]()
    for text in accepted:
        first[text.label] = min(text.index, first.get(text.label, text.index))
    for share in sorted(shares):
        size = {label: part_of(share, n) for label, n in planned.items()}
        upto = {label: max(n, 1, first.get(label, 0) + 1) for label, n in size.items()}
        paid = (each.cost for each in requests if min(each.rows) < upto[each.label])
        yield Part(share, tuple(text for text in accepted if text.index < upto[text.label]), sum(paid, Cost(0, 0.0)))
