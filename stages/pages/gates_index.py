"""The verdicts of the whole grid on one page, with a link to each cell's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths

if TYPE_CHECKING:
    from stages.core.files import Json
    from stages.core.sections import Run
    from stages.core.templates import Templates


def gates_index(grid: Run, templates: Templates) -> str:
    """The page, of all tasks and methods of the grid.

    Raises:
        ArtifactError: a verdict is missing.
    """
    return templates.render("gates_index", {"tasks": [_task(task, grid) for task in grid.tasks]})


def _task(task: str, grid: Run) -> Json:
    verdicts = [(each, files.read_json(paths.verdict_file(task, each), "validate")) for each in grid.methods]
    gates = dict.fromkeys(result["gate"] for _, verdict in verdicts for result in verdict["results"])
    rows = [(gate, [_cell(gate, verdict) for _, verdict in verdicts]) for gate in gates]
    return {"name": task, "verdicts": verdicts, "rows": rows}


def _cell(gate: str, verdict: Json) -> Json:
    """What the results under one name say together: how many rows, and whether any stops the run or warns."""
    results = [each for each in verdict["results"] if each["gate"] == gate]
    if not results:
        return {"shown": "-", "kind": "soft"}
    missed = {each["severity"] for each in results if not each["passed"]}
    word = "failed: " if "fail" in missed else "warned: " if missed else ""
    kind = "bad" if "fail" in missed else "" if missed else "good"
    return {"shown": f"{word}{sum(each['failed'] for each in results)}", "kind": kind}
