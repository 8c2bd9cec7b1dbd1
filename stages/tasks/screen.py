"""Texts of a model in a terminal, side by side with their attributes. They are untrusted: none may move the cursor,
change colours, or turn the direction of what is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from stages.core.texts import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NARROWEST = 80  # columns


@dataclass(frozen=True, slots=True)
class Shown:
    """One text: `no_text` is the reason why there is none, or empty."""

    text: str
    attributes: Mapping[str, str]
    no_text: str = ""


def side_by_side(
    by_label: Mapping[str, Mapping[str, Sequence[Shown]]], width: int, *, colour: bool, about: Mapping[str, str]
) -> str:
    """A block a label, in it the texts of each method, each beside its attributes.

    Args:
        by_label: By label, and then by method, its texts.
        width: Of the terminal, in columns; never less than `NARROWEST`.
        colour: Whether the terminal shows colours.
        about: What belongs to each label, by its name.
    """
    from rich.console import Console  # noqa: PLC0415 - used by this command alone
    from rich.table import Table  # noqa: PLC0415 - likewise
    from rich.text import Text  # noqa: PLC0415 - likewise

    whole = StringIO()
    console = Console(
        file=whole, width=max(width, NARROWEST), force_terminal=colour, color_system="standard" if colour else None,
        no_color=not colour, highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    for label, by_method in by_label.items():
        title = f"{label}: {about[label]}" if about.get(label) else label
        console.print(Text(harmless(title), style="bold"))
        table = Table(box=None, show_header=False, expand=True, padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True, style="cyan")
        table.add_column(no_wrap=True, style="cyan")
        table.add_column(ratio=3, overflow="fold")
        table.add_column(ratio=2, overflow="fold", style="green")
        for method, texts in by_method.items():
            for number, each in enumerate(texts, 1):
                name, told = (method if number == 1 else ""), Text(harmless(each.text))
                if each.no_text:
                    told = Text(f"(no text: {harmless(each.no_text)})", "red")
                values = "\n".join(harmless(f"{key}: {value}") for key, value in each.attributes.items())
                table.add_row(name, str(number), told, Text(values))
        console.print(table)
    return whole.getvalue().rstrip("\n")
