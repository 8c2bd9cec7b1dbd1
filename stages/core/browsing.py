"""The section `report` of params.yaml: what the page shows. What the key does is said there, beside its value."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stages.core.checked_yaml import Section


class ReportPage(Section):
    """What there is to look through."""

    texts: Annotated[int, Field(ge=0)]
