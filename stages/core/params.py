"""params.yaml, read and checked.

Every stage checks the whole file, so that a mistake in a section that is used late is found before money is spent;
each then takes the sections that dvc.yaml lists for it (`StageParams`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ConfigDict, Field

from stages.core import annotating, learning, measuring, publishing, sections
from stages.core.checked_yaml import Section, read_checked
from stages.core.errors import InputError
from stages.core.gates import Validation
from stages.core.judgements import Judge
from stages.core.slugs import Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.yaml_document import Location

PARAMS = Path("params.yaml")

# What the grid cannot call a method, because it is the row of students trained on real data.
GOLD = "gold"
# What a task cannot be called, because each has a folder beside that of the attributes' pages.
_ATTRIBUTES = "attributes"


class Everything(Section):
    """The whole of params.yaml."""

    run: sections.Run
    llm: sections.Llm
    attributes: sections.Attributes
    methods: dict[Slug, sections.Method]
    prompts: sections.Prompts
    clean: sections.Clean
    validation: Validation
    students: dict[Slug, learning.Student]
    blends: dict[Slug, learning.Blend] = Field(default_factory=dict)
    evaluate: sections.Evaluate
    curve: measuring.Curve
    worth: measuring.Worth
    annotate: annotating.Annotate
    judge: Judge
    study: measuring.Study
    report: measuring.ReportPage
    dataset: publishing.Dataset
    ops: sections.Ops


def _problems(everything: Everything) -> Iterator[tuple[Location, str]]:
    """What the sections say of one another that is not so: where, and what."""
    if GOLD in everything.methods:
        yield ("methods", GOLD), f"{GOLD!r} is the row of real training data; give the method another name"
    for name in everything.blends:
        if name == GOLD or name in everything.methods:
            yield ("blends", name), f"{name!r} is {GOLD} or a method already; give the blend another name"
    run = everything.run
    if _ATTRIBUTES in run.tasks:
        yield ("run", "tasks"), f"{_ATTRIBUTES!r} is a folder of data/reports already; give the task another name"
    for axis, names, there in (
        ("methods", run.methods, everything.methods),
        ("students", run.students, everything.students),
        ("blends", run.blends, everything.blends),
    ):
        missing = [name for name in names if name not in there]
        if missing:
            yield ("run", axis), f"{', '.join(missing)} is not among {axis} ({', '.join(there)})"
    for name in run.blends:
        used = everything.blends[name].methods if name in everything.blends else ()
        if missing := [each for each in used if each not in run.methods]:
            yield ("blends", name, "methods"), f"{', '.join(missing)} is not among run.methods"
    if stray := [task for task in run.gold if task not in run.tasks]:
        yield ("run", "gold"), f"{', '.join(stray)} is not among run.tasks"
    if everything.curve.baseline not in everything.methods:
        yield ("curve", "baseline"), f"{everything.curve.baseline!r} is not among methods"


class StageParams(Section):
    """The base of a stage's `Params`: its fields, or their aliases, are the stage's `params:` entries in dvc.yaml.

    An alias may hold `{method}`, `{blend}` or `{student}`, as in `methods.{method}`: the entry of the cell that is run.
    """

    model_config = ConfigDict(populate_by_name=True)


StageParamsType = TypeVar("StageParamsType", bound=StageParams)


def load_everything(path: Path = PARAMS) -> Everything:
    """Read and check all of params.yaml.

    Raises:
        InputError: a line for each problem.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such file; run this in the folder of the project")
    return read_checked(path, Everything, _problems)


def load(stage: type[StageParamsType], path: Path = PARAMS, **cell: str) -> StageParamsType:
    """Check all of params.yaml and take out what `stage` uses for one cell of the grid.

    Args:
        stage: The stage's `Params`.
        path: The file.
        cell: Values of the axes, as `method="simprompt"`.

    Raises:
        InputError: the file is wrong, or it has no such cell.
    """
    everything = load_everything(path)
    return stage.model_validate(
        {name: _take(everything, field.alias or name, cell, path) for name, field in stage.model_fields.items()}
    )


def _take(section: object, entry: str, cell: dict[str, str], path: Path) -> object:
    walked: Sequence[str] = ()
    for step in entry.format(**cell).split("."):
        try:
            section = section[step] if isinstance(section, dict) else getattr(section, step)
        except (KeyError, AttributeError):
            there = f" (there are {', '.join(section)})" if isinstance(section, dict) and section else ""
            raise InputError(
                f"{path}: {'.'.join([*walked, step])}: missing{there}; add it, or take it out of run:"
            ) from None
        walked = [*walked, step]
    return section
