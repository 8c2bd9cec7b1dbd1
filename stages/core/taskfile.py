"""The file that people write about a task, `data/tasks/<task>/task.yaml`:

    domain: messages that customers of an online shop send to its support desk
    form: one message typed into a contact form, often in a hurry
    words: [4, 80]
    labels:
      order_status: asks where an order is that is not late yet
      refund_status:            # a description may be missing: then the model writes one
    kind: multiclass            # a text has one label; multilabel: one or more
    together:                   # of the texts of a label, the share that have another too; else counted, or estimated
      order_status: {refund_status: 0.05}
    dimensions:                 # always used; where there are none, the model proposes some
    - name: situation
      about: what happened before the customer wrote
      per_label: true
    - name: tone
      about: how the customer sounds
      values: [calm, annoyed, worried]          # or with how common each is: {calm: 5, annoyed: 3, worried: 1}
    propose: true               # the model proposes more of them, up to attributes.dimensions
    ban: [gender]               # but never these
    rename: {mood: tone}        # and this one under another name
    incompatible:               # values that no text may have both
    - {tone: calm, situation: the third complaint about the same thing}
    imported:                   # columns of the files in imported/, if they have other names than these
      text: text
      label: label              # for kind: multilabel usually labels: in JSON lines and Parquet a list may stand there
      separator: ";"            # of several labels in one cell, as in CSV; none, if left out
      attributes: [tone]        # none, if left out; columns to keep, null or empty where a text has no such attribute
      labels: {RefundStatus: refund_status, "3": order_status}  # their labels, if they have other names than ours

Only domain and labels have to be there.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from stages.core.checked_yaml import Section
from stages.core.dimensions import Dimension
from stages.core.slugs import Slug
from stages.core.together import Together


class Label(Section):
    """A class: its name as it stands in the data, and what people would call it."""

    name: str
    description: str = ""

    @property
    def title(self) -> str:
        """The name as words, for prompts: `refund_status` is "refund status"."""
        return " ".join(self.name.replace("_", " ").split())


def _labels_as_pairs(found: object) -> object:
    """A list of names, or names with a description each, as a list of `Label` fields."""
    if isinstance(found, dict):
        return tuple({"name": name, "description": "" if about is None else about} for name, about in found.items())
    if isinstance(found, list) and any(isinstance(each, dict) for each in found):
        raise ValueError("labels with a line each are written without dashes, as refund: wants money back")
    return tuple({"name": name} for name in found) if isinstance(found, list) else found


class Imported(Section):
    """What the columns of labelled texts that were made elsewhere are called, and their labels by our names."""

    text: str = "text"
    label: str = "label"
    separator: Annotated[str, Field(min_length=1)] | None = None
    attributes: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)


class TaskFile(Section):
    """The keys of task.yaml."""

    domain: Annotated[str, Field(min_length=1)]
    form: str = ""
    words: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = (3, 100)
    labels: Annotated[tuple[Label, ...], BeforeValidator(_labels_as_pairs)]
    kind: Literal["multiclass", "multilabel"] = "multiclass"
    together: Together = Field(default_factory=dict)
    dimensions: tuple[Dimension, ...] = ()
    propose: bool | None = None
    ban: tuple[Slug, ...] = ()
    rename: dict[Slug, Slug] = Field(default_factory=dict)
    incompatible: tuple[dict[Slug, str], ...] = ()
    imported: Imported = Imported()

    @field_validator("words")
    @classmethod
    def _low_first(cls, words: tuple[int, int]) -> tuple[int, int]:
        if words[0] >= words[1]:
            raise ValueError("expected the shortest length first, then a longer one")
        return words

    @field_validator("labels")
    @classmethod
    def _labels_tell_apart(cls, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        if len(labels) < 2:  # noqa: PLR2004 - two is what a classifier needs
            raise ValueError(f"expected at least two labels, found {len(labels) or 'none'}")
        first: dict[str, str] = {}
        for label in labels:
            if not label.title:
                raise ValueError("a label without a name")
            if not label.name.isprintable():
                raise ValueError(f"{label.name!r} holds characters that cannot be shown")
            if (read := label.title.casefold()) in first:
                raise ValueError(
                    f"{label.name!r} stands here twice"
                    if first[read] == label.name
                    else f"{first[read]!r} and {label.name!r} read the same in a prompt"
                )
            first[read] = label.name
        return labels

    @field_validator("dimensions")
    @classmethod
    def _dimensions_tell_apart(cls, dimensions: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
        names = [each.name for each in dimensions]
        if len(set(names)) < len(names):
            raise ValueError("two dimensions have the same name")
        return dimensions

    @field_validator("incompatible")
    @classmethod
    def _pairs(cls, incompatible: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...]:
        if any(len(each) != 2 for each in incompatible):  # noqa: PLR2004 - a pair
            raise ValueError("expected a value of each of two dimensions, as {tone: formal, writer: a child}")
        return incompatible
