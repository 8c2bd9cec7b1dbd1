"""Numbers and names of params.yaml: what they may be."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        # Not quoted: who writes here what belongs into the variable writes a secret.
        raise ValueError("expected the name of an environment variable (A-Z, 0-9, _), and not what is in it")
    return name


Variable = Annotated[str, AfterValidator(_variable)]
