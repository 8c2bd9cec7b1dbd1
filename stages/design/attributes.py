"""Finding out what there is to say about a task: what its labels mean, and which attributes its texts can have.

In rounds, each of which builds on the one before: similar labels, definitions of labels that have none, dimensions,
values, verdicts on values, counts of values in texts of people, instructions where a method wants some, and which
labels go together where texts have several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stages.design.ambiguity import find_similar, without_ambiguous
from stages.design.counting import counted
from stages.design.dimensions import find_dimensions, length_dimension
from stages.design.estimates import find_together
from stages.design.interview import Question, some
from stages.design.table import AttributeTable, described
from stages.design.values import find_values
from stages.llm.chat import STRING
from stages.llm.reading import tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stages.core.examples import Example
    from stages.core.sections import Attributes, Method
    from stages.core.taskfile import Label
    from stages.core.tasks import Task
    from stages.core.together import Together
    from stages.design.interview import Asks
    from stages.design.table import TableDimension

_SHOWN = 8  # texts of people in a question, at most
_LONGEST = 2000  # characters of a definition or of instructions


def find_attributes(
    task: Task,
    wanted: Attributes,
    methods: Collection[Method],
    interview: Asks,
    examples: Sequence[Example] = (),
    *,
    to_count: Sequence[Example] = (),
) -> AttributeTable:
    """Ask for everything that some method needs.

    Args:
        task: As people wrote it.
        wanted: How much of everything.
        methods: Those of the grid.
        interview: Who is asked.
        examples: Texts of people, with or without a label; never of the test set.
        to_count: Texts of people in which it is counted how common values are; likewise.

    Raises:
        RequestsFailedError: a question got no usable answer.
    """
    if not any(each.asks_about_labels for each in methods):
        return AttributeTable(together=_together(task, methods, interview, examples))
    undescribed = not all(each.description for each in task.labels)
    similar = dict[str, tuple[str, ...]]()
    if undescribed or any(each.uses_some or each.contrast or each.instructions for each in methods):
        similar = find_similar(task, wanted, interview)
    definitions = _definitions(task, similar, interview) if undescribed else {}
    task = described(task, definitions)
    near = {name: [each for each in task.labels if each.name in names] for name, names in similar.items()}
    return AttributeTable(
        dimensions=tuple(_dimensions(task, wanted, near, interview, examples=examples, to_count=to_count))
        if any(each.uses_some for each in methods)
        else (),
        similar=similar,
        definitions=definitions,
        instructions=_instructions(task, near, interview) if any(each.instructions for each in methods) else {},
        together=_together(task, methods, interview, examples),
    )


def _dimensions(
    task: Task,
    wanted: Attributes,
    near: dict[str, list[Label]],
    interview: Asks,
    *,
    examples: Sequence[Example],
    to_count: Sequence[Example],
) -> list[TableDimension]:
    by_label = {name: [each.text for each in examples if name in each.labels][:_SHOWN] for name in task.names}
    by_label[""] = [each.text for each in examples][:: max(1, len(examples) // _SHOWN)][:_SHOWN]
    dimensions = find_dimensions(task, wanted, interview, by_label[""])
    found = find_values(task, dimensions, near, wanted, interview, examples=by_label)
    length = length_dimension(task, wanted.length_ranges)
    whole = [*length, *without_ambiguous(task, found, near, interview)]
    return counted(task, whole, to_count, interview) if to_count else whole


def _together(task: Task, methods: Collection[Method], interview: Asks, examples: Sequence[Example]) -> Together:
    """How often labels go together, where any text is to be asked for."""
    return find_together(task, examples, interview) if not all(each.imported for each in methods) else {}


def _definitions(task: Task, similar: dict[str, tuple[str, ...]], interview: Asks) -> dict[str, str]:
    """What belongs to each label that people did not describe, the similar labels in view."""
    bare = [label for label in task.labels if not label.description]
    near = {label.name: [each for each in task.labels if each.name in similar.get(label.name, ())] for label in bare}
    found = interview.ask([_about(task, "define", label, near[label.name]) for label in bare])
    return {label.name: text for label, text in zip(bare, found, strict=True)}


def _instructions(task: Task, near: dict[str, list[Label]], interview: Asks) -> dict[str, str]:
    """How to write texts of each label, in the model's own words. Paper: MetaPrompt among its baselines."""
    found = interview.ask([_about(task, "instructions", label, near.get(label.name, [])) for label in task.labels])
    return dict(zip(task.names, found, strict=True))


def _about(task: Task, template: str, label: Label, similar: list[Label]) -> Question[str]:
    """A question about a label whose answer is one text."""
    given = {"task": task, "label": label, "similar": similar}
    return Question(template, {"label": label.name}, given, "text", STRING, _read_text, ["some sentences " * 20])


def _read_text(answer: list[Any]) -> str:
    return next(iter(some([text for each in answer if (text := tidy(each, _LONGEST))], "text")))
