"""Sum up the whole grid: `python -m stages.report`.

Free. Goes through the grid of params.yaml, so a cell that was taken out of it is gone from the report.

Reads   data/metrics/, data/plots/: what the other stages counted and measured
        data/attributes/, data/prompts/, data/clean/: to show them
        data/templates/pages/
Writes  data/reports/summary.json, a few numbers a cell: see `measures/summary`
        data/reports/summary.svg, their picture
        data/reports/index.html, the page to look at, which needs nothing but itself: which method is best and what to
            do next, scores, learning curves, how varied the texts are, what was thrown out, and texts to look through
        data/validation/index.html, the verdicts of the gates
        data/reports/attributes/<task>.md, the attributes of each task with what was dropped and why, for reviewers
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from pydantic import Field

from stages.core import cli, files, measuring, params, paths, sections
from stages.core.params import GOLD
from stages.core.templates import Templates
from stages.design.audit import audit_page
from stages.design.table import read_table
from stages.measures.efficiency import compare_costs
from stages.measures.summary import methods_of, read_curves, rounded, students_of, summarise
from stages.pages.confusion import NOTHING
from stages.pages.curve_picture import FRAME
from stages.pages.gates_index import gates_index
from stages.pages.picture import WIDTH, panels
from stages.pages.task import task_page
from stages.pages.untrusted import policy, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json


class Params(params.StageParams):
    """What changes the report."""

    run: sections.Run
    evaluate: sections.Evaluate
    report: measuring.ReportPage
    baseline: str = Field(alias="curve.baseline")


def run(summary: Json, tasks: Sequence[Json], chosen: Params, templates: Templates) -> tuple[str, str]:
    """The picture and the page. `tasks`: what is shown of each (see `pages/task`)."""
    confidence = chosen.evaluate.confidence
    picture = templates.render("picture.svg", {"panels": panels(summary), "width": WIDTH, "confidence": confidence})
    script = templates.render("report.js", {})
    given = {"script": Markup(script), "policy": policy(script), "confidence": confidence}  # noqa: S704 - it is ours
    return picture, visible(templates.render("report", {"tasks": tasks, **FRAME, **given, "nothing": NOTHING}))


def main() -> None:
    """Read, run, write."""
    chosen = params.load(Params)
    grid = chosen.run
    curves = {task: read_curves(task, grid) for task in grid.tasks}
    costs = {
        task: {student: compare_costs(each, chosen.baseline) for student, each in found.items()}
        for task, found in curves.items()
    }
    summary = summarise(grid, costs)
    tables = {task: read_table(paths.attributes_file(task)) for task in grid.tasks}
    evaluate, size = chosen.evaluate, chosen.report.texts
    tasks = [
        task_page(each, summary, curves[each], costs[each], tables[each], grid=grid, evaluate=evaluate, size=size)
        for each in grid.tasks
    ]
    templates = Templates(paths.PAGE_TEMPLATES, html=True)
    picture, page = run(summary, tasks, chosen, templates)
    files.write_json(paths.SUMMARY, rounded(summary))
    files.write_text(paths.SUMMARY_PICTURE, picture + "\n")
    files.write_text(paths.SUMMARY_PAGE, page + "\n")
    files.write_text(paths.GATES_PAGE, gates_index(grid, templates) + "\n")
    for task, table in tables.items():
        files.write_text(paths.attributes_page(task), audit_page(task, table))
    cells = sum(len(students_of(each)) for task in summary for _, each in methods_of(summary, task))
    cli.say(f"{paths.SUMMARY_PAGE}: {cli.counted(cells, 'cell')}{f', {GOLD} among them' if grid.gold else ''}")


if __name__ == "__main__":
    cli.run(main, __doc__)
