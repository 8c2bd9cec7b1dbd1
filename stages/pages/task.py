"""Everything that the page shows of one task, put together for the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.records import Prompt, Text
from stages.measures.chance import above_chance
from stages.measures.differences import APART, differences, how_compared, pair_table
from stages.measures.predictions import read_cell, read_predictions
from stages.measures.scarce import ENOUGH
from stages.measures.summary import methods_of, students_of, summary_table
from stages.measures.variety import read_studies
from stages.pages.besides import paid_besides
from stages.pages.confusion import matrix
from stages.pages.costs import cost_sentences
from stages.pages.coverage import coverage
from stages.pages.curve_picture import curve_panel
from stages.pages.disputes import read_disputes
from stages.pages.evidence import Best, Evidence
from stages.pages.found import found_page
from stages.pages.gates import read_checked
from stages.pages.headline import headline
from stages.pages.judged import judged_page
from stages.pages.per_class import per_class
from stages.pages.sample import in_words, sample
from stages.pages.scores import strips
from stages.pages.untrusted import script_json
from stages.pages.variety import variety

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.files import Json
    from stages.core.sections import Evaluate, Run
    from stages.design.table import AttributeTable
    from stages.measures.curves import Point
    from stages.measures.efficiency import Costs
    from stages.pages.coverage import Coverage


def task_page(
    task: str,
    summary: Json,
    curves: Mapping[str, Mapping[str, Sequence[Point]]],
    costs: Mapping[str, Costs | None],
    table: AttributeTable,
    *,
    grid: Run,
    evaluate: Evaluate,
    size: int,
) -> Json:
    """What the template `task` is given.

    Args:
        task: One of the grid's.
        summary: Of the whole grid.
        curves: Of the task, by student and method.
        costs: Of the task, by student.
        table: The attributes of the task.
        grid: `run:` of params.yaml.
        evaluate: Of the intervals.
        size: Of each label and method, how many to look through.

    Raises:
        ArtifactError: something that an earlier stage writes is missing.
    """
    known, labels = _evidence(task, summary, curves, costs, grid=grid, evaluate=evaluate)
    best = Best.of(known.summary)
    return {
        "name": task,
        "headline": headline(known),
        "strips": strips(summary, task),
        "scores": summary_table(summary, task, grid),
        "besides": paid_besides(task, grid.methods),
        "pairs": (*pair_table(known.pairs), how_compared(known.pairs, known.texts, evaluate), APART),
        "curves": [(each, curve_panel(of), [*cost_sentences(of, each, known)]) for each, of in costs.items() if of],
        "best": (best.method, best.student),
        "confused": list(known.confused.values()),
        "per_class": {student: per_class(task, student, summary, evaluate.confidence) for student in grid.students},
        "enough": ENOUGH,
        "checked": list(known.checked.values()),
        **_texts(task, grid.methods, table, labels, size),
    }


def _evidence(
    task: str,
    summary: Json,
    curves: Mapping[str, Mapping[str, Sequence[Point]]],
    costs: Mapping[str, Costs | None],
    *,
    grid: Run,
    evaluate: Evaluate,
) -> tuple[Evidence, list[str]]:
    """What sentences are made from, and the labels of the task; the arguments are those of `task_page`."""
    cells, labels = read_predictions(task, grid)
    # Blends and real training data are no methods of the grid, and have a matrix all the same.
    scored = [(method, student) for method, each in methods_of(summary, task) for student in students_of(each)]
    made = {cell: read_cell(task, *cell) for cell in scored}
    known = Evidence(
        summary[task],
        texts=len(cells[grid.methods[0]][grid.students[0]].actual),
        informed=above_chance(made, labels, evaluate),
        pairs=differences(cells, labels, evaluate),
        curves=curves,
        costs=costs,
        checked={method: read_checked(task, method) for method in grid.methods},
        confused={cell: matrix(*cell, each, labels) for cell, each in made.items()},
        confidence=evaluate.confidence,
    )
    return known, labels


def _texts(task: str, methods: Sequence[str], table: AttributeTable, labels: Sequence[str], size: int) -> Json:
    """What is shown of the texts themselves."""
    studies, browsed = read_studies(task, methods), sample(task, methods, labels, size)
    asked = {each: files.read_json(path, "annotate") for each in methods
             if (path := paths.annotate_metrics(task, each)).exists()}  # fmt: skip
    return {
        "studies": studies,
        "variety": variety(studies),
        "found": found_page(studies, asked),
        "coverage": _coverage(task, methods, table, labels),
        "disputes": read_disputes(task, methods),
        "judged": judged_page(task, methods),
        "prompts": [(method, text) for method in methods if (text := _first_prompt(task, method))],
        "sample": script_json(browsed),
        "sample_size": len(browsed["texts"]),
    }


def _coverage(task: str, methods: Sequence[str], table: AttributeTable, labels: Sequence[str]) -> dict[str, Coverage]:
    """By method; none whose texts have no attributes."""
    found = {
        method: coverage(table, list(files.read_records(paths.accepted_file(task, method), Text, "clean")), labels)
        for method in methods
    }
    return {method: each for method, each in found.items() if each.maps}


def _first_prompt(task: str, method: str) -> str:
    prompts = files.read_records(paths.prompts_file(task, method), Prompt, "prompts")
    return next((in_words(each) for each in prompts if each.messages), "")
