"""Prompts: the plan of a method's texts, grouped into requests, and each request's messages."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.errors import InputError
from stages.core.records import Prompt
from stages.design.further import further_labels
from stages.design.plan import Factor, mixed, plan_texts
from stages.design.reporting import WISH, Reporting, spreads_of
from stages.design.table import described

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.examples import Example
    from stages.core.records import PlannedText
    from stages.core.sections import Method, Prompts
    from stages.core.taskfile import Label
    from stages.core.tasks import Task
    from stages.core.templates import Templates
    from stages.design.table import AttributeTable


@dataclass(frozen=True, slots=True)
class Material:
    """What prompts are made of.

    Attributes:
        task: As people wrote it.
        table: What was found out about it.
        examples: Texts of people.
    """

    task: Task
    table: AttributeTable
    examples: Sequence[Example] = ()


def prompts_for(
    material: Material, method: Method, wanted: Prompts, templates: Templates, *, reserve: bool = False
) -> Iterator[Prompt]:
    """The requests, in the order in which more of them would be appended.

    Args:
        material: What they are made of.
        method: Which of it they are given, and in which words.
        wanted: How many texts, and how many in a request.
        templates: Those of methods.
        reserve: Whether those of the reserve follow: the next texts of the same plan, in requests of their own. These
            end where those of a larger plan would, so what was paid for them serves that plan too.
    """
    task, table = described(material.task, material.table.definitions), material.table
    total = wanted.per_label + (reserved(method, wanted) if reserve else 0)
    every = wanted.model_copy(update={"per_label": total})
    plans = {label.name: planned(material, method, every, label.name) for label in task.labels}
    as_json = wanted.texts_per_request > 1 or method.report
    reports = {label.name: _reporting(material, method, wanted, label, templates) for label in task.labels}
    shown = {label.name: _Shown(label.name, material.examples, method.examples) for label in task.labels}
    seen = Counter[bytes]()  # by digest: a million prompts are a gigabyte
    bounds = sorted({*range(0, total, wanted.texts_per_request), wanted.per_label, total})
    for place, (start, end) in enumerate(pairwise(bounds)):
        for label in task.labels:
            rows = tuple(islice(plans[label.name], end - start))
            told = reports[label.name]
            given = {**_given(task, table, method, label, rows), **shown[label.name].next(), "as_json": as_json}
            text = templates.render(method.template, {**given, "report": told.shown() if told else ()})
            digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            messages, report = ({"role": "user", "content": text},), told.of(place, len(rows)) if told else None
            kept_back = start >= wanted.per_label
            yield Prompt(label.name, rows, messages, as_json, seen[digest], report=report, reserve=kept_back)
            seen[digest] += 1


def reserved(method: Method, wanted: Prompts) -> int:
    """Texts of each label that are held in reserve.

    None where values are reported, since what a request says depends on all before it, or texts are imported.
    """
    return 0 if method.report or method.imported else math.ceil(round(wanted.reserve * wanted.per_label, 6))


def planned(material: Material, method: Method, wanted: Prompts, label: str) -> Iterator[PlannedText]:
    """The texts of one label that a method plans.

    Raises:
        InputError: its incompatible pairs leave a value without company.
    """
    core = wanted.core_share if method.core_share is None else method.core_share
    together = material.table.together.get(label, {})
    also = further_labels(f"{wanted.seed}|{label}", together, design=wanted.design)
    try:
        for row in plan_texts(
            label,
            factors_of(material, method, wanted, label),
            wanted.per_label,
            design=wanted.design,
            seed=wanted.seed,
            core_share=core if any(method.uses(each.name) for each in material.table.dimensions) else 0.0,
            incompatible=material.task.incompatible,
        ):
            yield replace(row, also=next(also)) if together else row
    except ValueError as error:
        raise InputError(f"{paths.task_file(material.task.slug)}: incompatible: {label}: {error}") from None


def factors_of(material: Material, method: Method, wanted: Prompts, label: str) -> list[Factor]:
    """The dimensions that a method fills in, with the share of each value in the texts of one label.

    None where the model reports what a text has: then nothing is ordered.
    """
    return [] if method.report else _used(material, method, wanted, label)


def _used(material: Material, method: Method, wanted: Prompts, label: str) -> list[Factor]:
    """The dimensions that a method uses, be it that it orders values of them or has them reported."""
    frequencies = wanted.frequencies if method.frequencies is None else method.frequencies
    amount = {"uniform": 0.0, "natural": 1.0}.get(str(frequencies))
    mixture = float(frequencies) if amount is None else amount
    return [
        Factor(each.name, each.values_for(label), mixed(each.shares_for(label), mixture))
        for each in material.table.dimensions
        if method.uses(each.name)
    ]


def _given(
    task: Task, table: AttributeTable, method: Method, label: Label, rows: Sequence[PlannedText]
) -> dict[str, object]:
    """The names that a method's template may use."""
    near = table.similar.get(label.name, ())
    similar = [each for each in task.labels if each.name in near]
    return {
        "task": task,
        "label": label,
        "similar": similar,
        "n": len(rows),
        "rows": [row.attributes for row in rows],
        "also": [[each for each in task.labels if each.name in row.also] for row in rows],
        "form": task.form if method.form else "",
        "labels": task.labels if method.labels else (),
        "instructions": table.instructions.get(label.name, "") if method.instructions else "",
        "contrasts": [_contrast(row, similar) if method.contrast else None for row in rows],
    }


def _contrast(row: PlannedText, similar: Sequence[Label]) -> Label | None:
    """The similar label that a text could be taken for at first: the next one in turn that it does not have."""
    others = [each for each in similar if each.name not in row.also]
    return others[row.index % len(others)] if others else None


def _reporting(
    material: Material, method: Method, wanted: Prompts, label: Label, templates: Templates
) -> Reporting | None:
    """What the requests of a label want to be told; None where values are ordered, or there are none."""
    spreads = tuple(spreads_of(_used(material, method, wanted, label.name))) if method.report else ()
    if not spreads:
        return None
    about = {each.name: each.about for each in material.table.dimensions}
    wish = cache(lambda n: templates.render(WISH, {"task": material.task, "label": label, "n": n}))
    return Reporting(spreads, about, wanted.texts_per_request, wish)


class _Shown:
    """The examples that the requests of a label show: all of them in turn, so that requests do not echo the same few.

    Args:
        label: Its name.
        examples: All of the task's; those of the label are shown, or where it has none, those without a label.
        wanted: How many in a request.
    """

    def __init__(self, label: str, examples: Sequence[Example], wanted: int) -> None:
        own = [each.text for each in examples if label in each.labels]
        self._texts = own or [each.text for each in examples if not each.labels]
        self._of_label, self._wanted = bool(own), min(wanted, len(self._texts))
        self._turns = self._shuffled(label)

    def next(self) -> dict[str, object]:
        """What the next request is given."""
        shown = dict[str, None]()
        while len(shown) < self._wanted:
            shown[self._texts[next(self._turns)]] = None
        return {"examples": list(shown), "examples_of_label": self._of_label}

    def _shuffled(self, label: str) -> Iterator[int]:
        """Positions, each once before any comes again; by hash, so that they are the same everywhere."""
        deck = 0
        while True:
            yield from sorted(range(len(self._texts)), key=lambda number: _hash(f"{label}|examples|{deck}|{number}"))
            deck += 1


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
