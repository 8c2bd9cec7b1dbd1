"""The section `annotate` of params.yaml, and what is looked for in a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, field_validator

from stages.core.bounds import Count, Share
from stages.core.checked_yaml import Section
from stages.core.lengths import LENGTH
from stages.core.slugs import Slug

NOT_SAID = "not said"  # what a text says of an attribute of params.yaml, where it says nothing
NONE_OF_THESE = "none of these"  # likewise, of a dimension of the task

Values = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class LookedFor(Section):
    """One attribute that any text may have, whatever the task."""

    about: Annotated[str, Field(min_length=1)]
    values: Values

    @field_validator("values")
    @classmethod
    def _can_be_told_apart(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        plain = [" ".join(each.split()).casefold() for each in (*values, NOT_SAID)]
        if twice := [each for each in plain if plain.count(each) > 1]:
            raise ValueError(f"{twice[0]!r} is there twice; {NOT_SAID!r} is one of the values anyway")
        return values


class Annotate(Section):
    """What the model is asked about texts that are there."""

    texts: Annotated[int, Field(ge=0)]
    texts_per_request: Count
    dimensions: bool
    attributes: dict[Slug, LookedFor]
    ignored_below: Share

    @field_validator("attributes")
    @classmethod
    def _length_is_counted(cls, attributes: dict[str, LookedFor]) -> dict[str, LookedFor]:
        if LENGTH in attributes:
            raise ValueError(f"{LENGTH} is counted, and nobody is asked for it; give the attribute another name")
        return attributes


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in the texts of one label.

    Attributes:
        name: The attribute's.
        about: What it means.
        values: Those that a text can have, each once.
        shares: How common each of them is in real texts, as the attribute table has it; empty where it is not known.
        unsaid: What a text has that has none of them.
    """

    name: str
    about: str
    values: tuple[str, ...]
    shares: tuple[float, ...] = ()
    unsaid: str = NOT_SAID

    @property
    def answers(self) -> tuple[str, ...]:
        """All that can be said of a text."""
        return (*self.values, self.unsaid)
