"""Reports: what a model is to say of each text that it writes, where values are reported and not ordered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from stages.core.lengths import LENGTH

if TYPE_CHECKING:
    from stages.core.files import Json

OTHER = "other"  # what a model says of a text that has none of the values


@dataclass(frozen=True, slots=True)
class Spread:
    """How the texts of a label are spread over the values of one dimension.

    Attributes:
        name: The dimension's.
        values: Its values, each once.
        shares: Of the texts, of each value, above 0; they sum to 1 and have the six digits that files keep.
    """

    name: str
    values: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def measured(self) -> bool:
        """Whether a text's value is counted here rather than reported: models count words badly."""
        return self.name == LENGTH

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read one of a report."""
        return cls(row["name"], tuple(row["values"]), tuple(row["shares"]))


@dataclass(frozen=True, slots=True)
class Report:
    """What a request wants to be told of its texts, and how it is told what the texts before it lack.

    Attributes:
        round: From 0; a request depends on what was reported for its label in the rounds before its own.
        before: Texts of its label and round that the requests before it ask for.
        wish: What announces the values that are missing; empty in round 0, which nothing came before.
        spreads: The dimensions to report on.
    """

    round: int
    before: int
    wish: str
    spreads: tuple[Spread, ...]

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read that of a prompt or of a completion."""
        return cls(row["round"], row["before"], row["wish"], tuple(map(Spread.from_json, row["spreads"])))
