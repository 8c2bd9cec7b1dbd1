"""Numbers, names and lists of params.yaml: what they may be."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import AfterValidator, Field

if TYPE_CHECKING:
    from collections.abc import Hashable

Item = TypeVar("Item", bound="Hashable")

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]


def each_once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """`items` themselves.

    Raises:
        ValueError: some stand there twice; the message names them.
    """
    twice = sorted({str(item) for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands here twice")
    return items


def part_of(share: float, count: int) -> int:
    """`share` of `count`, rounded up; so that 0.1 of 30 is 3 all the same."""
    return math.ceil(round(share * count, 6))


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        # Not quoted: who writes here what belongs into the variable writes a secret.
        raise ValueError("expected the name of an environment variable (A-Z, 0-9, _), and not what is in it")
    return name


Variable = Annotated[str, AfterValidator(_variable)]
