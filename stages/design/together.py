"""How often labels go together, for tasks in which a text may have several.

For each label the first that there is of: what people wrote (`together` in task.yaml, else in an attributes.yaml of
theirs), what was counted in `examples.jsonl` where 20 texts there have the label, and what the model estimates. The
texts of train.jsonl are not counted: what is trained on them is what methods without labelled data are compared with.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from stages.design.interview import Question, objects_in
from stages.llm.chat import object_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from stages.core.examples import Example
    from stages.core.taskfile import Label
    from stages.core.tasks import Task
    from stages.core.together import Together
    from stages.design.interview import Asks

_ENOUGH = 20  # texts of a label: of fewer, a share is off by more than a tenth too often (standard error 0.11 at 0.5)


def known_together(task: Task, examples: Sequence[Example], written: Mapping[str, dict[str, float]]) -> Together:
    """By label, the share of its texts that have another too, for labels of which that is known without the model.

    Args:
        task: As people wrote it.
        examples: Texts of people.
        written: What people wrote into attributes.yaml.
    """
    if not task.multilabel:
        return {}
    found = {**_counted(task, examples), **written, **task.together}
    return {name: _in_order(task, found[name]) for name in task.names if name in found}


def find_together(task: Task, examples: Sequence[Example], interview: Asks) -> Together:
    """The same for all labels: the model is asked about those of which nothing is known."""
    known = known_together(task, examples, {})
    open_ = [label for label in task.labels if label.name not in known] if task.multilabel else []
    estimated = interview.ask([_question(task, label) for label in open_]) if open_ else []
    found = known | dict(zip((label.name for label in open_), estimated, strict=True))
    return {name: found[name] for name in task.names if name in found}


def _counted(task: Task, examples: Sequence[Example]) -> Together:
    having = Counter(label for each in examples for label in each.labels)
    pairs = Counter((one, two) for each in examples for one in each.labels for two in each.labels if one != two)
    return {
        label: {other: round(pairs[label, other] / having[label], 3) for other in task.names if pairs[label, other]}
        for label in task.names
        if having[label] >= _ENOUGH
    }


def _in_order(task: Task, others: Mapping[str, float]) -> dict[str, float]:
    return {name: others[name] for name in task.names if others.get(name)}


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
    return _in_order(task, found)
