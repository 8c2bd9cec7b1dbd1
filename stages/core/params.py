"""params.yaml, read and checked.

Every stage checks the whole file, so that a mistake in a section that is used late is found before money is spent;
each then takes the sections that dvc.yaml lists for it (`StageParams`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ConfigDict, Field, model_validator

from stages.core import annotating, learning, measuring, publishing, sections
from stages.core.checked_yaml import Section, read_checked
from stages.core.errors import InputError
from stages.core.gates import Validation
from stages.core.slugs import Slug

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    study: measuring.Study
    report: measuring.ReportPage
    dataset: publishing.Dataset
    ops: sections.Ops

    @model_validator(mode="after")
    def _the_grid_names_what_is_there(self) -> Everything:
        if _ATTRIBUTES in self.run.tasks:
            raise ValueError(
                f"run.tasks: {_ATTRIBUTES!r} is a folder of data/reports already; give the task another name"
            )
        if GOLD in self.methods:
            raise ValueError(f"methods: {GOLD!r} is the row of real training data; give the method another name")
        for name in self.blends:
            if name == GOLD or name in self.methods:
                raise ValueError(f"blends: {name!r} is {GOLD} or a method already; give the blend another name")
        for axis, there in (("methods", self.methods), ("students", self.students), ("blends", self.blends)):
            missing = [name for name in getattr(self.run, axis) if name not in there]
            if missing:
                raise ValueError(f"run.{axis}: {', '.join(missing)} is not among {axis} ({', '.join(there)})")
        for name in self.run.blends:
            missing = [each for each in self.blends[name].methods if each not in self.run.methods]
            if missing:
                raise ValueError(f"blends.{name}.methods: {', '.join(missing)} is not among run.methods")
        stray = [task for task in self.run.gold if task not in self.run.tasks]
        if stray:
            raise ValueError(f"run.gold: {', '.join(stray)} is not among run.tasks")
        return self


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
    return read_checked(path, Everything)


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
            raise InputError(f"{path}: {'.'.join([*walked, step])}: missing; add it, or take it out of run:") from None
        walked = [*walked, step]
    return section
