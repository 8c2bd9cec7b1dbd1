"""Reading reports: what a model says of each text that it wrote, in `{"texts": [{"text": ..., "values": {...}}]}`.

What it says is untrusted. Of the values only those are taken that were there to choose from, under the name that they
have in the table, so that nothing a model says here gets into a prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stages.checks.completions import NoText, items_in
from stages.core.lengths import count_words, parse_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stages.core.files import Json
    from stages.core.reports import Report, Spread


class Reported(NamedTuple):
    """A text, and its known values by dimension."""

    text: str
    values: dict[str, str]


def read_reports(completion: str, wanted: int, spreads: Sequence[Spread]) -> list[Reported | NoText]:
    """The texts in a completion, in their places, each with what was reported of it.

    Args:
        completion: As the model wrote it.
        wanted: How many texts were asked for; more are passed over.
        spreads: What there is to be reported.

    Returns:
        `wanted` texts, or what stands in their place. A text of which nothing usable is said has no values but those
        that can be counted.
    """
    found = [_reported(item, spreads) for item in items_in(completion)[:wanted]]
    return [*found, *[NoText.MISSING] * (wanted - len(found))]


def known_values(said: object, spreads: Iterable[Spread]) -> dict[str, str]:
    """Those values in what was said that there are, but for case and blanks, by dimension."""
    if not isinstance(said, dict):
        return {}
    found = dict[str, str]()
    for spread in spreads:
        value = None if spread.measured else matching(said.get(spread.name), spread.values)
        if value is not None:
            found[spread.name] = value
    return found


def matching(said: object, values: Iterable[str]) -> str | None:
    """The one of the values that is said, but for case and blanks; None where it is none of them."""
    by_form = {_form(each): each for each in values}
    return by_form.get(_form(said)) if isinstance(said, str) else None


def measured_values(text: str, spreads: Iterable[Spread]) -> dict[str, str]:
    """The values of a text that are counted: its length, where one of the ranges holds it."""
    words = count_words(text)
    found = ((each.name, value) for each in spreads if each.measured for value in each.values
             if words in parse_range(value))  # fmt: skip
    return dict(found)


class RoundCoverage:
    """How many of the values that there are some text has, after each round of requests."""

    def __init__(self) -> None:
        self._wanted, self._seen = set[tuple[str, str, str]](), set[tuple[str, str, str]]()
        self._after = list[int]()  # how many of them were seen, by round
        self._unknown = 0

    def begin(self, label: str, report: Report | None) -> None:
        """An answer of a label is gone through; rounds come in their order."""
        for each in report.spreads if report else ():
            self._wanted.update((label, each.name, value) for value in each.values)
        while report and len(self._after) <= report.round:
            self._after.append(len(self._seen))

    def add(self, label: str, report: Report | None, values: Mapping[str, str]) -> None:
        """Count a text in."""
        if report:
            self._seen.update((label, *each) for each in values.items())
            self._unknown += sum(each.name not in values for each in report.spreads)
            self._after[report.round] = len(self._seen)

    def as_json(self) -> Json:
        """As it stands in a metrics file: nothing where nothing was reported."""
        if not self._after:
            return {}
        return {"coverage": [each / len(self._wanted) for each in self._after], "unreported": self._unknown}


def _reported(item: object, spreads: Sequence[Spread]) -> Reported | NoText:
    text, said = (item.get("text"), item.get("values")) if isinstance(item, dict) else (item, None)
    if not isinstance(text, str):
        return NoText.MALFORMED
    text = text.strip()
    return Reported(text, {**known_values(said, spreads), **measured_values(text, spreads)})


def _form(value: str) -> str:
    return " ".join(value.split()).casefold()
