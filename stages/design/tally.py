"""What was read of published attribute values and what was not, for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stages.design.phrases import BLANK, Phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.design.table import AttributeTable

SIMILAR = "similar"


@dataclass(slots=True)
class Tally:
    """What was read and what was not, for people.

    Attributes:
        files: What was found in each file that was read, by its path below the data set.
        notes: Whatever else has to be known: files that were not read, labels without values, ...
    """

    files: dict[str, Phrases] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def lines(self, table: AttributeTable) -> Iterator[str]:
        """A line a dimension, then a line for each file that lost more than blank lines, then the notes."""
        for each in table.dimensions:
            counts = [len(values) for values in each.per_label.values()] or [len(each.values)]
            whose = f"{len(counts)} labels, {_span(counts)} values each" if each.per_label else "for all labels"
            yield f"{each.name}: {sum(counts)} values, {whose}"
        if table.similar:
            counts = [len(near) for near in table.similar.values()]
            yield f"{SIMILAR}: {sum(counts)} labels, {_span(counts)} for each of {len(counts)}"
        whole = sum((each.skipped for each in self.files.values()), start=Phrases().skipped)
        skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(whole.items()))
        count = sum(each.lines for each in self.files.values())
        yield f"{len(self.files)} files, {count} lines; skipped: {skipped or 'none'}"
        for name, found in self.files.items():
            if why := ", ".join(f"{n} {reason}" for reason, n in sorted(found.skipped.items()) if reason != BLANK):
                yield f"{name}: {found.lines} lines, {len(found.phrases)} values; skipped: {why}"
        yield from self.notes


def _span(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"
