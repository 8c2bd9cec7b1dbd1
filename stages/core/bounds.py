"""Numbers and lists of params.yaml: what they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field

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
