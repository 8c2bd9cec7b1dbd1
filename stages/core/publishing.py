"""The section of params.yaml about texts that are given away."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stages.core.checked_yaml import Section

_Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Dataset(Section):
    """What is said of the texts, and what goes with them."""

    license: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.+-]*$")]
    language: Annotated[tuple[_Language, ...], Field(min_length=1)]
    test: bool
