"""Dimensions: the ways in which texts of a task differ. Paper: section 3.1, attribute dimensions asked of the model.

People have the last word: task.yaml pins dimensions, renames those that the model proposes, or bans them. The model is
asked several times, and once more to merge what it proposed by meaning: one answer alone is a matter of luck.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stages.core.dimensions import Dimension
from stages.core.lengths import LENGTH, split_range
from stages.core.slugs import slugify
from stages.design.interview import Question, objects_in, some
from stages.design.table import TableDimension
from stages.llm.chat import STRING, object_schema
from stages.llm.reading import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.sections import Attributes
    from stages.core.tasks import Task
    from stages.design.interview import Asks

_MOST = 100  # dimensions of one answer that are looked at: the question that merges them names them all
_FORM = object_schema(name=STRING, about=STRING, per_label={"type": "boolean"}, ordered={"type": "boolean"})


def find_dimensions(task: Task, wanted: Attributes, interview: Asks, examples: Sequence[str]) -> list[Dimension]:
    """The task's own dimensions, and those that the model proposes, where it is to.

    Args:
        task: With pins, bans and new names.
        wanted: How many in all, and in how many rounds.
        interview: Who is asked.
        examples: Texts of people, to look at; may be empty.
    """
    pinned = list(task.dimensions)
    missing = wanted.dimensions - len(pinned)
    if not task.propose or missing <= 0:
        return pinned
    given = {"task": task, "wanted": missing, "pinned": pinned, "banned": task.ban, "examples": examples}
    example = [_example(number) for number in range(missing)]
    rounds = [
        Question(
            "dimensions", {"round": str(number + 1)}, given, "dimensions", _FORM, _read, example, number, wanted.rounds
        )
        for number in range(wanted.rounds)
    ]
    proposed = interview.ask(rounds)
    if len(proposed) > 1:
        flat = [each for one in proposed for each in one]
        merge = Question("merge", {}, {**given, "proposed": flat}, "dimensions", _FORM, _read, example)
        proposed = interview.ask([merge])
    return [*pinned, *_allowed(task, proposed[0])[:missing]]


def length_dimension(task: Task, ranges: int) -> Iterable[TableDimension]:
    """Length as a dimension, from the task's range of words, unless the task pins one of its own."""
    if ranges and not any(each.name == LENGTH for each in task.dimensions):
        values = dict.fromkeys((str(each) for each in split_range(task.words, ranges)), 1.0)
        yield TableDimension(name=LENGTH, about="how long the text is", ordered=True, values=values)


def _allowed(task: Task, proposed: Iterable[Dimension]) -> list[Dimension]:
    """What is proposed, under the names that people gave, without what they banned or have already."""
    taken = {LENGTH, *(each.name for each in task.dimensions)}
    found = dict[str, Dimension]()
    for each in proposed:
        name = task.rename.get(each.name, each.name)
        if name not in taken and each.name not in task.ban and name not in task.ban:
            found.setdefault(name, each.model_copy(update={"name": name}))
    return list(found.values())


def _read(answer: list[Any]) -> list[Dimension]:
    found: dict[str, Dimension] = {}
    for proposed in objects_in(answer[:_MOST]):
        name, about = slugify(tidy(proposed.get("name"))), tidy(proposed.get("about"))
        per_label, ordered = proposed.get("per_label") is True, proposed.get("ordered") is True
        if name and about and name != LENGTH:
            found.setdefault(name, Dimension(name=name, about=about, per_label=per_label, ordered=ordered))
    return list(some(found.values(), "dimension"))


def _example(number: int) -> dict[str, object]:
    """As an answer may be, at its longest: a dimension of each label has the most questions."""
    return {"name": f"dimension_{number}", "about": "what it is, in a line of some length as models write it",
            "per_label": True, "ordered": False}  # fmt: skip
