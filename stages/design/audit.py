"""The attributes of a task as a page for reviewers: every value with its share, and every value that was dropped."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.design.table import AttributeTable, TableDimension

_LINK = re.compile(r"(?<=:)//|(?<=www)\.", re.IGNORECASE)  # addresses, which pages of GitHub make links of
_BLOCK = re.compile(r"\A(?:(?=[-=])|\d+(?=[.)]))")  # what would begin an item of a list, or be a rule


def audit_page(task: str, table: AttributeTable) -> str:
    """The page in Markdown, in which nothing that a model wrote is markup."""
    return "\n".join(_lines(task, table)).rstrip() + "\n"


def _lines(task: str, table: AttributeTable) -> Iterator[str]:
    yield f"# Attributes of {task}"
    yield ""
    yield (
        "Found by stage `attributes`. To change one, pin it in task.yaml: `dimensions`, `ban`, `rename`, and the "
        "descriptions of `labels`."
    )
    if table.definitions:
        yield from ("", "## Labels that the model defined", "", "| label | what belongs to it |", "| --- | --- |")
        yield from (_row(label, text) for label, text in table.definitions.items())
    if table.similar:
        yield from ("", "## Labels that are easily taken for one another", "")
        yield from ("| label | taken for |", "| --- | --- |")
        yield from (_row(label, ", ".join(names)) for label, names in table.similar.items())
    if table.together:
        yield from ("", "## Labels that texts have together", "", "| label | of its texts have also |", "| --- | --- |")
        yield from (
            _row(label, "; ".join(f"{other} ({share:.1%})" for other, share in others.items()) or "none")
            for label, others in table.together.items()
        )
    if any(each.counted for each in table.dimensions):
        yield from (
            "",
            "Shares with a number of texts were counted in texts of people; the others the model estimated.",
        )
    for dimension in table.dimensions:
        yield from _dimension(dimension)
    dropped = [(dimension, label, each) for dimension in table.dimensions
               for label, out in dimension.dropped.items() for each in out]  # fmt: skip
    if table.dimensions:
        yield from ("", "## Values that were dropped, because they fit a similar label too", "")
    if dropped:
        yield from ("| dimension | label | value | fits | reason |", "| --- | --- | --- | --- | --- |")
        yield from (_row(each.name, label, one.value, one.fits, one.reason) for each, label, one in dropped)
    elif table.dimensions:
        yield "None."


def _dimension(dimension: TableDimension) -> Iterator[str]:
    yield from ("", f"## {_plain(dimension.name)}", "")
    yield _paragraph(dimension.about) + (", in their order" if dimension.ordered else "") + "."
    yield ""
    if dimension.per_label:
        yield from ("| label | values, with the share of texts that have them |", "| --- | --- |")
        yield from (_row(label, _values(dimension, label)) for label in dimension.per_label)
    else:
        yield _paragraph(_values(dimension, "")) + "."


def _values(dimension: TableDimension, label: str) -> str:
    values, shares = dimension.values_for(label), dimension.shares_for(label)
    if seen := dimension.counted.get(label):
        counted = f"of {sum(seen.values())} texts"
        return "; ".join(
            f"{value} ({share:.0%}, {seen.get(value, 0)} {counted})"
            for value, share in zip(values, shares, strict=True)
        )
    even = max(shares) - min(shares) < 0.001  # noqa: PLR2004 - a tenth of a percent, which is not shown
    return "; ".join(value if even else f"{value} ({share:.0%})" for value, share in zip(values, shares, strict=True))


def _row(*cells: str) -> str:
    return "| " + " | ".join(map(_plain, cells)) + " |"


def _paragraph(text: str) -> str:
    return _BLOCK.sub(r"\g<0>\\", _plain(text))


def _plain(text: str) -> str:
    """Text in which no character means anything to Markdown or HTML."""
    escaped = _LINK.sub(r"\\\g<0>", re.sub(r"([\\`*_{}\[\]#+!|~])", r"\\\1", " ".join(text.split())))
    return html.escape(escaped, quote=False)
