"""How often labels go together, as the model estimates it: a question for each label of which nothing is known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from stages.design.interview import Question, objects_in
from stages.design.together import in_order_of, known_together
from stages.llm.chat import object_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stages.core.examples import Example
    from stages.core.taskfile import Label
    from stages.core.tasks import Task
    from stages.core.together import Together
    from stages.design.interview import Asks


def find_together(task: Task, examples: Sequence[Example], interview: Asks) -> Together:
    """By label, the share of its texts that have another too; nothing for a task with one label a text.

    Args:
        task: With every label described, as far as may be.
        examples: Texts of people.
        interview: Who is asked about labels of which nothing is known.
    """
    known = known_together(task, examples, {})
    open_ = [label for label in task.labels if label.name not in known] if task.multilabel else []
    estimated = interview.ask([_question(task, label) for label in open_]) if open_ else []
    found = known | dict(zip((label.name for label in open_), estimated, strict=True))
    return {name: found[name] for name in task.names if name in found}


def _question(task: Task, label: Label) -> Question[dict[str, float]]:
    others = [name for name in task.names if name != label.name]
    items = object_schema(label={"type": "string", "enum": others}, percent={"type": "number"})
    likely = [{"label": name, "percent": 10} for name in others[:3]]
    given = {"task": task, "label": label}
    return Question("together", {"label": label.name}, given, "together", items, partial(_read, task, others), likely)


def _read(task: Task, others: Collection[str], answer: list[Any]) -> dict[str, float]:
    found = dict[str, float]()
    for each in objects_in(answer):
        name, percent = each.get("label"), each.get("percent")
        if name in others and isinstance(percent, int | float) and 0 < percent <= 100:  # noqa: PLR2004
            found.setdefault(str(name), round(percent / 100, 3))
    return in_order_of(task, found)
