"""The section `judge` of params.yaml, and what a judge says of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from stages.core.bounds import Count, Share
from stages.core.checked_yaml import Section

if TYPE_CHECKING:
    from stages.core.files import Json
    from stages.core.sections import Llm

REALISM = (1, 2, 3, 4, 5)
UNREAL = 2  # a realism up to which a text looks made up


class Judge(Section):
    """What a judge is shown, and when it is believed."""

    texts: Annotated[int, Field(ge=0)]
    real: Annotated[int, Field(ge=0)]
    texts_per_request: Count
    labels: Count
    model: Annotated[str, Field(min_length=1)] | None
    kappa: Share
    fit: Share

    @model_validator(mode="after")
    def _is_held_against_people(self) -> Judge:
        if self.texts and not self.real:
            raise ValueError("real is 0: a judge is believed by real texts alone; raise it, or set texts to 0 as well")
        return self

    def asked(self, llm: Llm) -> Llm:
        """The model that judges, asked as the other one is."""
        return llm.model_copy(update={"model": self.model}) if self.model else llm


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says of one text, without being told its label or where it is from.

    Attributes:
        real: Whether it is a text of the test set, rather than one of the method's accepted ones.
        labels: Those that it has; a generated text was planned for the first.
        index: Its place among the texts of its file, from 0.
        text: As the judge was shown it.
        chances: By label, how likely it is that of the text, from 0 to 1; those that are not there have none. They add
            up to 1 where a text has one label. Empty where there is no verdict.
        realism: From 1 (no person would write this) to 5; None where nothing of use is said of it.
        why: What gives a text away that does not look real; else empty.
        reason: Why there is no verdict; None where there is one.
        key: Under which the answer is stored or recorded; empty where there is none.
    """

    real: bool
    labels: tuple[str, ...]
    index: int
    text: str
    chances: dict[str, float]
    realism: int | None
    why: str
    reason: str | None
    key: str

    @property
    def label(self) -> str:
        """That it was planned for; of a real text the first."""
        return self.labels[0]

    @property
    def fit(self) -> float:
        """The chance of its label; of several, that of the least likely one."""
        return min(self.chances.get(label, 0.0) for label in self.labels)

    @property
    def likeliest(self) -> str:
        """The label with the highest chance; of equal ones the first by name."""
        return min(self.chances, key=lambda label: (-self.chances[label], label))

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read a line of a judged file."""
        return cls(**{**row, "labels": tuple(row["labels"])})
