"""How often labels go together, for tasks in which a text may have several.

For each label the first that there is of: what people wrote (`together` in task.yaml, else in an attributes.yaml of
theirs), what was counted in `examples.jsonl` where 20 texts there have the label, and what the model estimates (see
`estimates`). The texts of train.jsonl are not counted: what is trained on them is what methods without labelled data
are compared with.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from stages.core.examples import Example
    from stages.core.tasks import Task
    from stages.core.together import Together

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
    return {name: in_order_of(task, found[name]) for name in task.names if name in found}


def together_by_values(task: Task, dimensions: Sequence[Mapping[str, Collection[str]]]) -> Together:
    """The share of each label's values that are another's too, where a text may have several labels.

    Args:
        task: As people wrote it.
        dimensions: Of each, the values by label; the same value stands under all labels that texts with it have.
    """
    found: Together = {}
    for label in task.names if task.multilabel else ():
        own = [(each, value) for each in dimensions for value in each.get(label, ())]
        shared = Counter(
            other for each, value in own for other in task.names if other != label and value in each.get(other, ())
        )
        if own:
            found[label] = {name: round(shared[name] / len(own), 3) for name in task.names if shared[name]}
    return found


def _counted(task: Task, examples: Sequence[Example]) -> Together:
    having = Counter(label for each in examples for label in each.labels)
    pairs = Counter((one, two) for each in examples for one in each.labels for two in each.labels if one != two)
    return {
        label: {other: round(pairs[label, other] / having[label], 3) for other in task.names if pairs[label, other]}
        for label in task.names
        if having[label] >= _ENOUGH
    }


def in_order_of(task: Task, others: Mapping[str, float]) -> dict[str, float]:
    """Shares of other labels in the order of task.yaml, without those that are 0."""
    return {name: others[name] for name in task.names if others.get(name)}
