"""A preview before the bill: what a task will cost, the first texts for real, and then the run, if it is wanted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core import cli, paths
from stages.core.errors import AnswersMissingError, ArtifactError, InputError
from stages.core.params import PARAMS, load_everything
from stages.core.tasks import load_task
from stages.design.asking import ask_attributes
from stages.design.brief import gather
from stages.design.forecasting import forecast_task, sums
from stages.design.preflight import check_before_paying
from stages.design.prompting import Material
from stages.design.rehearsal import forecast_attributes
from stages.llm.client import endpoint_from_environment
from stages.llm.forecast import Forecast, total
from stages.tasks.dialogue import at_terminal, confirmed
from stages.tasks.first_texts import TEXTS, ask_first, forecast_first, requests_a_label
from stages.tasks.screen import NARROWEST, side_by_side

if TYPE_CHECKING:
    from stages.core.params import Everything
    from stages.core.sections import Ops
    from stages.core.tasks import Task
    from stages.design.brief import Brief


def preview(task: str, *, method: str | None = None, yes: bool = False) -> None:
    """Show costs, ask for the first texts, show them, run.

    Args:
        task: Its name; need not be in the grid.
        method: The one whose texts are shown; None for those of the grid that ask for their texts.
        yes: Whether nothing is to be confirmed.

    Raises:
        InputError: a file is wrong, or there is no such method.
        AskingError: the model could not be asked, or nobody is there to agree to the cost.
        ArtifactError: the run failed.
    """
    everything = load_everything()
    shown = _methods(everything, method)
    check_before_paying(task)
    described = load_task(task)
    brief = gather(described, everything.attributes.count_in)
    _tell_plan(everything, described, brief, shown)
    chosen = _grid(everything, task, shown)
    first = _first(chosen, described, brief)
    if first.missing:
        _check_endpoint(everything.ops, task)
        if not _agreed(first, task, yes=yes):
            return
    _show(chosen, described, brief)
    _go_on(everything, task, shown, yes=yes)


def _check_endpoint(ops: Ops, task: str) -> None:
    """Say what is to be done where there is nobody to ask, below the costs and apart from them."""
    if endpoint_from_environment(ops) is None:
        cli.show("")
        raise InputError(
            f"no endpoint is set, so nothing was sent: export {ops.api_key_env}=..., or {ops.base_url_env}=... for a "
            f"server of your own; then again: make preview TASK={task}"
        )


def _methods(everything: Everything, method: str | None) -> tuple[str, ...]:
    if method is not None and method not in everything.methods:
        raise InputError(f"{PARAMS}: methods: {method!r} is missing; there are {', '.join(everything.methods)}")
    names = (method,) if method else everything.run.methods
    asking = tuple(each for each in names if not everything.methods[each].imported)
    if not asking:
        raise InputError(f"{', '.join(names)}: imports its texts; there is nothing to ask for, and nothing to preview")
    return asking


def _grid(everything: Everything, task: str, methods: tuple[str, ...]) -> Everything:
    """The params of a grid with these cells alone."""
    run = everything.run.model_copy(update={"tasks": (task,), "methods": methods, "gold": (), "blends": ()})
    return everything.model_copy(update={"run": run})


def _tell_plan(everything: Everything, task: Task, brief: Brief, shown: tuple[str, ...]) -> None:
    """What the whole grid of the task costs, a line a cell, as `make plan` says it."""
    cli.show(f"The whole of {task.slug}, {everything.prompts.per_label} texts a label and method:")
    methods, found = tuple(dict.fromkeys((*everything.run.methods, *shown))), list[Forecast]()
    for each in forecast_task(_grid(everything, task.slug, methods), task, brief):
        found.append(each)
        if not each.reserve:
            cli.show(f"  {each}")
    for line in sums(found, everything):
        cli.show(f"  {line}")


def _first(chosen: Everything, task: Task, brief: Brief) -> Forecast:
    """What the preview costs, told with the reason for its size."""
    attributes, table = forecast_attributes(chosen, task, brief)
    material = Material(task, table, brief.examples)
    found = total([attributes, *(forecast_first(chosen, material, each) for each in chosen.run.methods)])
    each, requests = chosen.prompts.texts_per_request, requests_a_label(chosen)
    whole = f"the first {requests * each} of each label, since a request asks for {each}; {TEXTS} of them are shown"
    cli.show(
        f"This preview ({', '.join(chosen.run.methods)}): {whole if each > 1 else f'the first {TEXTS} of each label'}. "
        "They are the first of the plan, and the run does not pay for them again."
    )
    cli.show(f"  {str(found).removeprefix('all: ')}")
    return found


def _agreed(first: Forecast, task: str, *, yes: bool) -> bool:
    """Whether what costs money may be asked for.

    Raises:
        AnswersMissingError: it may not, as long as nobody is there to say so.
    """
    if yes or first.dollars == 0:
        return True
    price = "at a price that is not known" if first.dollars is None else f"for about ${first.dollars:.4f}"
    if at_terminal():
        if confirmed(f"Ask {first.missing} requests {price}?"):
            return True
        cli.say(f"nothing was sent. Later: make preview TASK={task}, or make repro, which asks for all and runs all")
        return False
    raise AnswersMissingError(
        f"{first.missing} requests {price}: nothing was sent, for there is no terminal to ask in. To agree beforehand: "
        f"--yes (make preview TASK={task} YES=1), which asks for them, and then runs all of the task. The costs alone: "
        "make plan",
        first.missing,
    )


def _show(chosen: Everything, task: Task, brief: Brief) -> None:
    material = Material(task, ask_attributes(chosen, task, brief), brief.examples)
    texts = {method: ask_first(chosen, material, method) for method in chosen.run.methods}
    by_label = {name: {method: texts[method][name] for method in texts} for name in task.names}
    about = {each.name: each.description for each in task.labels}
    width = shutil.get_terminal_size((NARROWEST, 24)).columns
    cli.show("")
    cli.show(side_by_side(by_label, width, colour=sys.stdout.isatty(), about=about))
    cli.show("")


def _go_on(everything: Everything, task: str, shown: tuple[str, ...], *, yes: bool) -> None:
    """Run the task's cells with DVC, if the user wants it."""
    run = everything.run
    stray = [f"run.tasks: {task}"] if task not in run.tasks else []
    stray += [f"run.methods: {each}" for each in shown if each not in run.methods]
    if stray:
        cli.say(f"to run it: put into {PARAMS} {', '.join(stray)}; then make repro")
        return
    if not yes and not at_terminal():
        cli.say("to run it: make repro")
        return
    if not yes and not confirmed(f"Run all of {task}?"):
        cli.say("to run it later: make repro; the texts that were shown are kept, and are not paid for again")
        return
    # Without targets all of the grid is run, report and all; other tasks of it were not shown, and may cost.
    cells = [f"evaluate@{task}-{method}-{student}" for method in run.methods for student in run.students]
    targets = [] if run.tasks == (task,) else cells
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [sys.executable, "-m", "dvc", "repro", *targets]
    if subprocess.run(command, env=environment, check=False).returncode:  # noqa: S603 - no shell, names are slugs
        raise ArtifactError("dvc repro failed; what it said stands above, and the same command goes on from there")
    cli.say(f"{paths.SUMMARY_PAGE}: the report" if not targets else "make repro runs the others, and writes the report")
