"""Numbers of params.yaml: what they may be."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]


def part_of(share: float, count: int) -> int:
    """`share` of `count`, rounded up; so that 0.1 of 30 is 3 all the same."""
    return math.ceil(round(share * count, 6))
