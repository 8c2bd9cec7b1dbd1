"""What is looked for in the texts of each label: what a model is asked about, and what is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core.annotating import NONE_OF_THESE, Sought
from stages.core.lengths import LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stages.core.annotating import Annotate
    from stages.core.tasks import Task
    from stages.design.table import AttributeTable, TableDimension

SoughtByLabel = dict[str, tuple[Sought, ...]]


def sought_in(task: Task, table: AttributeTable, chosen: Annotate) -> SoughtByLabel:
    """What the model is asked about: the attributes of params.yaml, then the task's dimensions but for length."""
    dimensions = [each for each in table.dimensions if chosen.dimensions and each.name != LENGTH]
    own = {each.name for each in dimensions}
    general = [Sought(name, each.about, each.values) for name, each in chosen.attributes.items() if name not in own]
    return {label: (*general, *_of(label, dimensions)) for label in task.names}


def counted_in(task: Task, table: AttributeTable) -> SoughtByLabel:
    """What is counted: the length, where the table has ranges for it."""
    lengths = [each for each in table.dimensions if each.name == LENGTH]
    return {label: tuple(_of(label, lengths)) for label in task.names}


def _of(label: str, dimensions: Iterable[TableDimension]) -> Iterable[Sought]:
    return (
        Sought(each.name, each.about, values, each.shares_for(label), NONE_OF_THESE)
        for each in dimensions
        if (values := each.values_for(label))
    )
