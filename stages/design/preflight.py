"""Everything that people write is looked at before the first request: a mistake shall not cost money first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.errors import InputError
from stages.core.learning import Finetune, Linear, Mean
from stages.core.params import load_everything
from stages.core.tasks import load_task, read_labelled
from stages.core.templates import Templates
from stages.design.annotating import TEMPLATE as ANNOTATING
from stages.design.brief import gather
from stages.design.imported import check_imported
from stages.design.judging import TEMPLATE as JUDGING
from stages.design.reporting import WISH
from stages.students.encoder import PACKAGED, without_precision
from stages.students.pretrained import must_be_there

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stages.core.params import Everything
    from stages.core.tasks import Task


def check_before_paying(slug: str) -> Everything:
    """Check params.yaml, the task with its texts and its written attributes if there are any, the templates or imported
    texts of the grid's methods, and whether there are the models that its students begin with; returns all params.

    A paid stage calls this though it reads only some of it: what it does not read cannot change its result, so none of
    that is a dependency in dvc.yaml.

    Raises:
        InputError: with every problem that was found.
    """
    everything = load_everything()
    task = load_task(slug)
    templates = Templates(paths.METHOD_TEMPLATES)
    checks: list[Callable[[], object]] = [partial(gather, task)]
    checks += [partial(must_be_there, *each, PACKAGED) for each in _pretrained(everything)]
    if everything.annotate.texts:
        checks.append(partial(Templates(paths.ANNOTATE_TEMPLATES).check, ANNOTATING))
    if everything.judge.texts:
        checks.append(partial(Templates(paths.JUDGE_TEMPLATES).check, JUDGING))
    if slug in everything.run.gold or any(everything.blends[name].gold for name in everything.run.blends):
        checks.append(lambda: read_labelled(paths.train_file(slug), task))
    for method in (everything.methods[name] for name in everything.run.methods):
        if method.imported:
            checks.append(partial(check_imported, paths.imported_file(slug, method.imported), task))
        else:
            checks.append(partial(_check_template, templates, method.template, task))
            if method.report:
                checks.append(partial(templates.check, WISH))
    _check_all(checks)
    return everything


def _pretrained(everything: Everything) -> Iterator[tuple[str, str]]:
    """The pretrained models of the grid, each with its place in params.yaml."""
    yield without_precision(everything.validation.encoder), "params.yaml: validation.encoder"
    yield without_precision(everything.study.encoder), "params.yaml: study.encoder"
    for name in everything.run.students:
        student = everything.students[name]
        members = {f".of.{each}.student": member.student for each, member in student.of.items()} if isinstance(
            student, Mean
        ) else {"": student}  # fmt: skip
        for place, each in members.items():
            if isinstance(each, Linear):
                yield without_precision(each.encoder), f"params.yaml: students.{name}{place}.encoder"
            elif isinstance(each, Finetune):
                yield each.model, f"params.yaml: students.{name}{place}.model"


def _check_template(templates: Templates, name: str, task: Task) -> None:
    templates.check(name)
    if task.multilabel and not templates.knows(name, "also"):
        raise InputError(
            f"{templates.folder / name}.j2: does not use `also`, which further labels each text is to have; "
            "texts of a task with kind: multilabel cannot be asked for so: see also.j2 there"
        )


def _check_all(checks: Iterable[Callable[[], object]]) -> None:
    """Make all checks and raise one error with the problems of all."""
    if problems := problems_in(checks):
        raise InputError(*problems)


def problems_in(checks: Iterable[Callable[[], object]]) -> list[str]:
    """Make all checks; the problems that they found, each once."""
    problems = list[str]()
    for check in checks:
        try:
            check()
        except InputError as error:
            problems += [each for each in error.problems if each not in problems]
    return problems


def check_grid() -> tuple[str, ...]:
    """Check params.yaml and every task of its grid, whose names it returns.

    Raises:
        InputError: with every problem that was found.
    """
    tasks = load_everything().run.tasks
    _check_all([partial(check_before_paying, task) for task in tasks])
    return tasks
