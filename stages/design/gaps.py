"""What a plan cannot have, said before it is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.sections import Method
    from stages.core.tasks import Task
    from stages.design.table import AttributeTable


def gaps(task: Task, table: AttributeTable, method: Method, per_label: int) -> Iterator[str]:
    """Dimensions with more values than there are texts of a label, and incompatible values that no text can have."""
    for dimension in table.dimensions:
        most = max(len(dimension.values_for(name)) for name in task.names)
        if method.uses(dimension.name) and most > per_label:
            yield (
                f"{per_label} texts of a label cannot have all {most} values of {dimension.name}; raise "
                "prompts.per_label, or lower attributes.values or validation.coverage"
            )
    known = {(each.name, value) for each in table.dimensions for name in task.names for value in each.values_for(name)}
    for name, value in sorted({one for pair in task.incompatible for one in pair if one not in known}):
        yield f"{paths.task_file(task.slug)}: incompatible: there is no value {name}: {value}"
