"""Sum up the whole grid: `python -m stages.report`.

Free. Goes through the grid of params.yaml, so a cell that was taken out of it is gone from the report.

Reads   data/metrics/, data/plots/: what the other stages counted and measured
        data/attributes/, data/prompts/: to show them
        data/templates/pages/
Writes  data/reports/summary.json, a few numbers a cell: see `measures/summary`
        data/reports/summary.svg, their picture
        data/reports/index.html, the page to look at: besides, which methods can be told apart, learning curves, and
            how varied the texts are
        data/validation/index.html, the verdicts of the gates
        data/reports/attributes/<task>.md, the attributes of each task with what was dropped and why, for reviewers
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from stages.checks.gates_page import gates_page
from stages.core import cli, files, params, paths, sections
from stages.core.params import GOLD
from stages.core.records import Prompt
from stages.design.audit import audit_page
from stages.design.table import read_table
from stages.design.templates import Templates
from stages.measures.curve_picture import FRAME, curve_panel
from stages.measures.differences import APART, differences, how_compared, pair_table
from stages.measures.efficiency import compare_costs
from stages.measures.picture import WIDTH, panels
from stages.measures.predictions import read_predictions
from stages.measures.summary import methods_of, per_class, read_curves, students_of, summarise, summary_table
from stages.measures.variety import read_studies, variety

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.files import Json
    from stages.measures.efficiency import Costs

    CostsOfStudents = Mapping[str, Costs | None]


class Params(params.StageParams):
    """What changes the report."""

    run: sections.Run
    evaluate: sections.Evaluate
    baseline: str = Field(alias="curve.baseline")


def run(summary: Json, costs: Mapping[str, CostsOfStudents], chosen: Params, templates: Templates) -> tuple[str, str]:
    """The picture and the page. `costs`: by task."""
    given = {"panels": panels(summary), "width": WIDTH, "confidence": chosen.evaluate.confidence}
    picture = templates.render("picture.svg", given)
    tasks = [_task(task, summary, costs[task], chosen) for task in chosen.run.tasks]
    return picture, templates.render("report", {"tasks": tasks, "picture": paths.SUMMARY_PICTURE.name, **FRAME})


def _task(task: str, summary: Json, costs: CostsOfStudents, chosen: Params) -> Json:
    """What the page shows of one task."""
    grid = chosen.run
    header, rows = summary_table(summary, task, grid)
    counts = {method: files.read_json(paths.clean_metrics(task, method), "clean") for method in grid.methods}
    return {
        "name": task,
        "header": header,
        "rows": rows,
        "attributes": summary[task]["attributes"],
        "counts": counts,
        "pairs": _pairs(task, chosen),
        "curves": [(student, curve_panel(each), each.sentences()) for student, each in costs.items() if each],
        "examples": [(method, text) for method in grid.methods if (text := _first_prompt(task, method))],
        "per_class": {student: per_class(task, student, summary) for student in grid.students},
        "variety": variety(read_studies(task, grid.methods)),
    }


def _first_prompt(task: str, method: str) -> str:
    prompts = files.read_records(paths.prompts_file(task, method), Prompt, "prompts")
    return next((each.messages[-1]["content"] for each in prompts if each.messages), "")


def _pairs(task: str, chosen: Params) -> Json:
    """Which methods can be told apart: a table, and how it was made."""
    cells, labels = read_predictions(task, chosen.run)
    pairs = differences(cells, labels, chosen.evaluate)
    header, rows = pair_table(pairs)
    texts = len(cells[chosen.run.methods[0]][chosen.run.students[0]].actual)
    return {"header": header, "rows": rows, "how": how_compared(pairs, texts, chosen.evaluate), "apart": APART}


def main() -> None:
    """Read, run, write."""
    chosen = params.load(Params)
    costs = {
        task: {student: compare_costs(each, chosen.baseline) for student, each in read_curves(task, chosen.run).items()}
        for task in chosen.run.tasks
    }
    summary = summarise(chosen.run, costs)
    templates = Templates(paths.PAGE_TEMPLATES, html=True)
    picture, page = run(summary, costs, chosen, templates)
    files.write_json(paths.SUMMARY, summary)
    files.write_text(paths.SUMMARY_PICTURE, picture + "\n")
    files.write_text(paths.SUMMARY_PAGE, page + "\n")
    files.write_text(paths.GATES_PAGE, gates_page(chosen.run, templates) + "\n")
    for task in chosen.run.tasks:
        files.write_text(paths.attributes_page(task), audit_page(task, read_table(paths.attributes_file(task))))
    cells = sum(len(students_of(each)) for task in summary for _, each in methods_of(summary, task))
    cli.say(f"{paths.SUMMARY_PAGE}: {cells} cells{f', {GOLD} among them' if chosen.run.gold else ''}")


if __name__ == "__main__":
    cli.run(main, __doc__)
