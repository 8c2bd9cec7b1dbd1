"""Prompts: the plan of a method's texts, grouped into requests, and each request's messages."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING

from stages.core.records import Prompt
from stages.design.plan import Factor, mixed, plan_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.records import PlannedText
    from stages.core.sections import Method, Prompts
    from stages.core.tasks import Label, Task
    from stages.design.table import AttributeTable
    from stages.design.templates import Templates


def prompts_for(
    task: Task, table: AttributeTable, method: Method, wanted: Prompts, templates: Templates
) -> Iterator[Prompt]:
    """The requests, in the order in which more of them would be appended."""
    used = [each for each in table.dimensions if method.uses(each.name)]
    plans = {
        label.name: plan_texts(
            label.name,
            [_uniform(each.name, each.values_for(label.name)) for each in used],
            wanted.per_label,
            design=wanted.design,
            seed=wanted.seed,
        )
        for label in task.labels
    }
    as_json = wanted.texts_per_request > 1
    seen = Counter[bytes]()  # by digest: a million prompts are a gigabyte
    for _ in range(0, wanted.per_label, wanted.texts_per_request):
        for label in task.labels:
            rows = tuple(islice(plans[label.name], wanted.texts_per_request))
            text = templates.render(method.template, _given(task, table, label, rows, as_json=as_json))
            digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            yield Prompt(label.name, rows, ({"role": "user", "content": text},), as_json, seen[digest])
            seen[digest] += 1


def _uniform(name: str, values: Sequence[str]) -> Factor:
    once = tuple(dict.fromkeys(values))  # the table may have been edited by hand
    return Factor(name, once, mixed([1.0] * len(once), 0))


def _given(
    task: Task, table: AttributeTable, label: Label, rows: tuple[PlannedText, ...], *, as_json: bool
) -> dict[str, object]:
    """The names that a method's template may use."""
    similar = [each for each in task.labels if each.name in table.similar.get(label.name, ())]
    return {
        "task": task,
        "label": label,
        "similar": similar,
        "n": len(rows),
        "as_json": as_json,
        "rows": [row.attributes for row in rows],
    }
