"""The attribute table: what `attributes` finds out about a task and `prompts` draws from. A YAML file for people."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

from pydantic import Field
from ruamel.yaml import YAML

from stages.core.checked_yaml import Section, read_checked
from stages.core.dimensions import Weights, shares
from stages.core.errors import ArtifactError, InputError
from stages.core.files import write_text
from stages.core.together import Together

if TYPE_CHECKING:
    from pathlib import Path

    from stages.core.tasks import Task


class Dropped(Section):
    """A value that was asked for and is not used."""

    value: str
    fits: str
    reason: str


class TableDimension(Section):
    """A dimension with its values: one list for all labels, or a list for each.

    Attributes:
        ordered: Whether the values have an order, as lengths do.
        values: The values of a dimension that does not depend on the label, each with how common it is in real texts;
            empty otherwise.
        per_label: The values of one that does, by label; empty otherwise.
        dropped: Values that also fit a similar label, by label, with that label and the reason.
        counted: By label ("" for a dimension that does not depend on it), how many texts of people have each value,
            where its share was counted in them; a label that is not in it has shares that were estimated.
    """

    name: str
    about: str
    ordered: bool = False
    values: Weights = Field(default_factory=dict)
    per_label: dict[str, Weights] = Field(default_factory=dict)
    dropped: dict[str, tuple[Dropped, ...]] = Field(default_factory=dict)
    counted: dict[str, dict[str, int]] = Field(default_factory=dict)

    def values_for(self, label: str) -> tuple[str, ...]:
        """The values that a text of `label` can have."""
        return tuple(self._weights(label))

    def shares_for(self, label: str) -> tuple[float, ...]:
        """How common each of them is: shares that sum to 1."""
        return shares(self._weights(label))

    def _weights(self, label: str) -> dict[str, float]:
        return self.per_label.get(label) or self.values


class AttributeTable(Section):
    """What was found out about a task.

    Attributes:
        dimensions: With their values.
        similar: By label, the labels that it is most easily taken for.
        definitions: By label, what belongs to it, for labels without a description in task.yaml.
        instructions: By label, how to write its texts, where a method wants that.
        together: By label, the share of its texts that have another label too, where a text may have several.
    """

    dimensions: tuple[TableDimension, ...] = ()
    similar: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    definitions: dict[str, str] = Field(default_factory=dict)
    instructions: dict[str, str] = Field(default_factory=dict)
    together: Together = Field(default_factory=dict)


def described(task: Task, definitions: dict[str, str]) -> Task:
    """The task with a description of every label: that of task.yaml, else the model's definition."""
    labels = tuple(
        each if each.description else each.model_copy(update={"description": definitions.get(each.name, "")})
        for each in task.labels
    )
    return replace(task, labels=labels)


def write_table(path: Path, table: AttributeTable) -> None:
    """Write the table as YAML, empty parts left out."""
    yaml = YAML()
    yaml.width, yaml.allow_unicode = 120, True
    text = StringIO()
    yaml.dump(table.model_dump(mode="json", exclude_defaults=True), text)
    write_text(path, text.getvalue())


def read_table(path: Path) -> AttributeTable:
    """Read the table.

    Raises:
        ArtifactError: it is missing or not what stage `attributes` writes.
    """
    try:
        return read_checked(path, AttributeTable)
    except InputError as error:
        raise ArtifactError(f"{error}\nstage attributes writes it: run dvc repro, or dvc pull") from None
