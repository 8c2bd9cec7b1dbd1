"""Names that differ in how they are written alone: `Sci_Tech`, `sci tech`, `Sci & Tech`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def form(name: str) -> str:
    """The form in which names are compared: letters and digits alone, no `and`, no case."""
    return "".join(each for each in re.findall(r"[^\W_]+", name.casefold()) if each != "and")


def names_by_form(names: Iterable[str]) -> Mapping[str, str]:
    """Each name by its form. A form that two names share finds neither: which one is meant cannot be told."""
    found = dict[str, list[str]]()
    for name in names:
        found.setdefault(form(name), []).append(name)
    return {each: alike[0] for each, alike in found.items() if len(alike) == 1}
