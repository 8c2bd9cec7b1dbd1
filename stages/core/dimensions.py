"""Dimensions, the ways in which texts differ, as people write them into task.yaml; and values with a weight each.

    values: [calm, annoyed]
    values: {calm: 3, annoyed: 1}         # how common each is

The weights need not sum to anything; a list is short for equal ones.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from stages.core.checked_yaml import Section
from stages.core.lengths import LENGTH, parse_range
from stages.core.slugs import Slug


def _from_list(found: object) -> object:
    if not isinstance(found, list | tuple):
        return found
    twice = sorted({str(each) for each in found if found.count(each) > 1})
    if twice:
        raise ValueError(f"a value stands here twice: {', '.join(twice)}")
    return dict.fromkeys(found, 1.0)


def _some_weigh_something(found: dict[str, float]) -> dict[str, float]:
    if found and not any(found.values()):
        raise ValueError("every value has the weight 0; give at least one a weight")
    if not all(found):
        raise ValueError("a value is empty")
    return found


def _as_people_write(found: dict[str, float]) -> list[str] | dict[str, float]:
    return list(found) if len(set(found.values())) <= 1 else found


Weights = Annotated[
    dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]],
    BeforeValidator(_from_list),
    AfterValidator(_some_weigh_something),
    PlainSerializer(_as_people_write),
]


def shares(weights: dict[str, float]) -> tuple[float, ...]:
    """The weights as shares of the whole, which sum to 1."""
    whole = sum(weights.values())
    return tuple(each / whole for each in weights.values())


class Dimension(Section):
    """One way in which texts differ: a name, what it means, whether its values depend on the label or have an order."""

    name: Slug
    about: Annotated[str, Field(min_length=1)]
    per_label: bool = False
    ordered: bool = False
    values: Weights = Field(default_factory=dict)

    @model_validator(mode="after")
    def _values_fit(self) -> Dimension:
        if self.per_label and self.values:
            raise ValueError("values that depend on the label are found by the model; leave out values or per_label")
        if self.name == LENGTH:
            for value in self.values:
                parse_range(value)
        return self
