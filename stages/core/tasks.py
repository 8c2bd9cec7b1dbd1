"""A task: what the texts are, which labels there are, and the texts of real people that it is measured on.

`data/tasks/<task>/task.yaml` is written by hand:

    domain: messages that customers of an online shop send to its support desk
    form: one message typed into a contact form, often in a hurry
    words: [4, 80]
    labels:
      order_status: asks where an order is that is not late yet
      refund_status:            # a description may be missing
    dimensions:                 # may be missing: then the model proposes some
    - name: situation
      about: what happened before the customer wrote
      per_label: true
    - name: tone
      about: how the customer sounds
      values: [calm, annoyed, worried]
    imported:                   # may be missing: columns of the files in imported/, if they have other names than these
      text: text
      label: label
      attributes: [tone]        # none, if left out; columns to keep, null or empty where a text has no such attribute
      labels: {RefundStatus: refund_status, "3": order_status}  # their labels, if they have other names than ours
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from stages.core import paths
from stages.core.checked_yaml import Section, read_checked
from stages.core.errors import InputError
from stages.core.lengths import LENGTH, WordRange, parse_range
from stages.core.slugs import Slug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Label(Section):
    """A class: its name as it stands in the data, and what people would call it."""

    name: str
    description: str = ""

    @property
    def title(self) -> str:
        """The name as words, for prompts: `refund_status` is "refund status"."""
        return " ".join(self.name.replace("_", " ").split())


class Dimension(Section):
    """One way in which texts differ: a name, what it means, whether its values depend on the label."""

    name: Slug
    about: Annotated[str, Field(min_length=1)]
    per_label: bool = False
    values: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    @model_validator(mode="after")
    def _values_fit(self) -> Dimension:
        if self.per_label and self.values:
            raise ValueError("values that depend on the label are found by the model; leave out values or per_label")
        if len(set(self.values)) < len(self.values):
            raise ValueError("a value stands here twice")
        if self.name == LENGTH:
            for value in self.values:
                parse_range(value)
        return self


def _labels_as_pairs(found: object) -> object:
    """A list of names, or names with a description each, as a list of `Label` fields."""
    if isinstance(found, dict):
        return tuple({"name": name, "description": "" if about is None else about} for name, about in found.items())
    return tuple({"name": name} for name in found) if isinstance(found, list) else found


class Imported(Section):
    """What the columns of labelled texts that were made elsewhere are called, and their labels by our names."""

    text: str = "text"
    label: str = "label"
    attributes: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)


class TaskFile(Section):
    """The keys of task.yaml."""

    domain: Annotated[str, Field(min_length=1)]
    form: str = ""
    words: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = (3, 100)
    labels: Annotated[tuple[Label, ...], BeforeValidator(_labels_as_pairs)]
    dimensions: tuple[Dimension, ...] | None = None
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
    def _dimensions_tell_apart(cls, dimensions: tuple[Dimension, ...] | None) -> tuple[Dimension, ...] | None:
        names = [each.name for each in dimensions or ()]
        if len(set(names)) < len(names):
            raise ValueError("two dimensions have the same name")
        return dimensions

    @model_validator(mode="after")
    def _imported_labels_are_ours(self) -> TaskFile:
        strange = sorted(set(self.imported.labels.values()) - {label.name for label in self.labels})
        if strange:
            raise ValueError(f"imported: labels: {', '.join(strange)} is not among labels")
        return self


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the stages see it. `dimensions` is None where the model shall propose them."""

    slug: str
    domain: str
    form: str
    words: WordRange
    labels: tuple[Label, ...]
    dimensions: tuple[Dimension, ...] | None
    imported: Imported = field(default_factory=Imported)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in the order of task.yaml, which is their order everywhere."""
        return tuple(label.name for label in self.labels)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One line of test.jsonl or train.jsonl."""

    text: str
    label: str


def load_task(slug: str) -> Task:
    """Read `data/tasks/<slug>/task.yaml`.

    Raises:
        InputError: a line for each problem.
    """
    file = read_checked(paths.task_file(slug), TaskFile)
    return Task(slug, file.domain, file.form, WordRange(*file.words), file.labels, file.dimensions, file.imported)


def read_labelled(path: Path, labels: tuple[str, ...]) -> list[LabelledText]:
    """Read `{"text": str, "label": str}` lines written by people.

    Raises:
        InputError: the file is missing or empty, or a line for each broken one (at most ten), with its number.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            found = list(_labelled(path, lines, labels))
    except FileNotFoundError:
        raise InputError(
            f'{path}: there is no such file; it holds a JSON object a line, {{"text": ..., "label": ...}}'
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    problems = [each for each in found if isinstance(each, str)]
    if problems:
        more = [f"{path}: and {len(problems) - 10} lines more"] if len(problems) > 10 else []  # noqa: PLR2004
        raise InputError(*problems[:10], *more)
    if not found:
        raise InputError(f"{path}: is empty; it holds a JSON object a line, " + '{"text": ..., "label": ...}')
    return [each for each in found if isinstance(each, LabelledText)]


def _labelled(path: Path, lines: Iterator[str], labels: tuple[str, ...]) -> Iterator[LabelledText | str]:
    """A text, or what is wrong, for each line that is not blank."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield f"{path}:{number}: not a JSON object: {error}"
            continue
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("text", "label")):
            yield f'{path}:{number}: expected {{"text": ..., "label": ...}} with two strings'
        elif not row["text"].strip():
            yield f"{path}:{number}: the text is empty"
        elif row["label"] not in labels:
            yield f"{path}:{number}: label {row['label']!r} is not in task.yaml; add it there, or correct it here"
        else:
            yield LabelledText(row["text"], row["label"])
