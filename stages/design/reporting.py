"""Values that are reported and not ordered: what a prompt says of them, and which round a request stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.reports import Report, Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stages.design.plan import Factor

WISH = "missing"  # the template that announces which values the texts written so far lack
_DIGITS = 6  # of a share: those that files keep, so that a plan in memory and one from its file ask the same


def round_of(place: int) -> tuple[int, int]:
    """The round of a label's request, and its place in it, both from 0.

    Rounds of 1, 1, 2, 4, 8, ... requests: each is told what all before it, as many as itself, have come to. So a
    thousand texts in requests of five are nine rounds and not two hundred, one waiting for the other.

    Args:
        place: Of the request in its label's sequence, from 0.
    """
    number = place.bit_length()
    return number, place - (1 << number >> 1)


@dataclass(frozen=True, slots=True)
class Reporting:
    """What the requests of one label want to be told.

    Attributes:
        spreads: The dimensions, those without values left out.
        about: What each dimension means, by its name.
        size: Texts in a full request.
        wish: Renders what announces the missing values, for so many texts.
    """

    spreads: tuple[Spread, ...]
    about: Mapping[str, str]
    size: int
    wish: Callable[[int], str]

    def of(self, place: int, wanted: int) -> Report:
        """That of a request: its place in its label's sequence, and how many texts it asks for."""
        number, before = round_of(place)
        return Report(number, before * self.size, self.wish(wanted) if number else "", self.spreads)

    def shown(self) -> list[dict[str, object]]:
        """What a template is given: of each dimension its name, what it means, and its values with whole percents."""
        return [
            {
                "name": each.name,
                "about": self.about[each.name],
                "measured": each.measured,
                "values": [(value, max(1, round(100 * share)))
                           for value, share in zip(each.values, each.shares, strict=True)],
            }
            for each in self.spreads
        ]  # fmt: skip


def spreads_of(factors: Iterable[Factor]) -> Iterator[Spread]:
    """The dimensions with the values that texts can have."""
    for each in factors:
        kept = [(value, round(share, _DIGITS)) for value, share in zip(each.values, each.shares, strict=True) if share]
        if kept:
            values, shares = zip(*kept, strict=True)
            yield Spread(each.name, values, shares)
