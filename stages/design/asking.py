"""The attributes of a task found for real, as stage `attributes` finds them, and written nowhere but into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.templates import Templates
from stages.design.attributes import find_attributes
from stages.design.interview import Interview
from stages.design.rehearsal import attribute_sources

if TYPE_CHECKING:
    from stages.core.params import Everything
    from stages.core.tasks import Task
    from stages.design.brief import Brief
    from stages.design.table import AttributeTable


def ask_attributes(everything: Everything, task: Task, brief: Brief) -> AttributeTable:
    """What the methods of the grid need to know; asks for answers that are not at hand.

    Raises:
        AskingError: the model could not be asked, or gave no usable answer. What was answered is kept.
    """
    if brief.table is not None:
        return brief.table
    with attribute_sources(everything, task.slug) as sources:
        interview = Interview(sources, Templates(paths.ATTRIBUTE_TEMPLATES), everything.llm, sources.forget)
        methods = [everything.methods[name] for name in everything.run.methods]
        return find_attributes(task, everything.attributes, methods, interview, brief.examples, to_count=brief.to_count)
