"""How many accepted texts of each label have each value of each attribute: the heat map of the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.records import Text
    from stages.design.table import AttributeTable, TableDimension

LEVELS = 8  # shades of a heat map, besides none
_COLUMNS = 15  # values of an attribute that are shown


@dataclass(frozen=True, slots=True)
class Square:
    """One label and value: how many texts have it, and the shade, from 0 to `LEVELS`."""

    value: str
    texts: int
    level: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One attribute of one method.

    Attributes:
        name: Of the attribute.
        about: What it is.
        columns: The values, where all labels have the same; empty where each has its own.
        rows: By label, its values.
        hidden: How many values more there are, each with no more texts than those that are shown.
    """

    name: str
    about: str
    columns: list[str]
    rows: dict[str, list[Square]]
    hidden: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The heat maps of one method, and what they come to in words."""

    told: str
    maps: list[HeatMap]


def shade(texts: int, most: int) -> int:
    """The shade of a count, from 0 for none to `LEVELS` for the most there is."""
    return -(-texts * LEVELS // max(most, 1))


def coverage(table: AttributeTable, accepted: Sequence[Text], labels: Sequence[str]) -> Coverage:
    """The heat maps of the attributes that some text of a method has, those of the table first.

    Args:
        table: The attributes of the task. Texts that were made elsewhere may have others.
        accepted: The accepted texts; of several labels the one counts that a text was planned for.
        labels: Of the task, in their order.
    """
    counts = Counter((name, each.label, value) for each in accepted for name, value in each.attributes.items())
    found = {name: None for each in accepted for name in each.attributes}
    known = {each.name: each for each in table.dimensions if each.name in found}
    names = (*known, *(name for name in found if name not in known))
    maps = [_map(name, known.get(name), counts, labels) for name in names]
    squares = [each for heat in maps for row in heat.rows.values() for each in row]
    empty = [
        f"{heat.name} {each.value} of {label}"
        for heat in maps
        for label, row in heat.rows.items()
        for each in row
        if not each.texts
    ]
    told = f"{len(squares) - len(empty)} of {len(squares)} values of a label have a text."
    if empty:
        told += f" None has: {'; '.join(empty[:5])}{f'; and {len(empty) - 5} more' if len(empty) > 5 else ''}."  # noqa: PLR2004
    return Coverage(told, maps)


def _map(
    name: str, dimension: TableDimension | None, counts: Counter[tuple[str, str, str]], labels: Sequence[str]
) -> HeatMap:
    values = {
        label: list(dict.fromkeys([*(dimension.values_for(label) if dimension else ()), *_found(name, label, counts)]))
        for label in labels
    }
    own = bool(dimension and dimension.per_label)
    columns = [] if own else list(dict.fromkeys(value for each in values.values() for value in each))
    if not own:
        totals = {value: sum(counts[name, label, value] for label in labels) for value in columns}
        kept = set(sorted(columns, key=lambda value: -totals[value])[:_COLUMNS])
        hidden, columns = len(columns) - len(kept), [value for value in columns if value in kept]
        values = dict.fromkeys(labels, columns)
    else:
        hidden = 0
    most = max((counts[name, label, value] for label in labels for value in values[label]), default=0)
    return HeatMap(
        name,
        dimension.about if dimension else "",
        columns,
        {
            label: [Square(each, texts := counts[name, label, each], shade(texts, most)) for each in values[label]]
            for label in labels
        },
        hidden,
    )


def _found(name: str, label: str, counts: Counter[tuple[str, str, str]]) -> list[str]:
    return sorted(value for attribute, of, value in counts if (attribute, of) == (name, label))
