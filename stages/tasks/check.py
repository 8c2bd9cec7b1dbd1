"""Everything that is wrong with tasks, at once; and apart from that, what may be wrong, or could be better."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stages.core import cli, paths
from stages.core.errors import InputError
from stages.core.examples import read_examples
from stages.core.params import load_everything
from stages.core.tasks import load_task, read_labelled
from stages.corpus.pins import load_corpus
from stages.design.preflight import check_before_paying, problems_in
from stages.design.written import written_table
from stages.tasks.advice import advice, unshown
from stages.tasks.buying import lacking_to_ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stages.core.tasks import LabelledText, Task


def check(names: tuple[str, ...] = ()) -> None:
    """Check params.yaml and some tasks; without any, those of the grid.

    Raises:
        InputError: with every problem that was found.
    """
    everything, problems = None, list[str]()
    try:
        everything = load_everything()
    except InputError as error:
        problems += error.problems
    checked = names or (everything.run.tasks if everything else ())
    said = list[str]()
    for name in checked:
        found, task = _mistakes(name)
        problems += [each for each in found if each not in problems]
        if task:
            said += advice(task, everything.evaluate.confidence if everything else None)
            said += unshown(task, everything) if everything else ()
    if everything and not problems:
        said += lacking_to_ask(everything, checked)
    for each in said:
        cli.say(f"advice: {each}")
    if problems:
        raise InputError(*problems)
    cli.say(f"params.yaml and {', '.join(checked)}: in order")


def _mistakes(slug: str) -> tuple[list[str], Task | None]:
    """What is wrong with a task and all its files; and the task, if its own file is in order."""
    try:
        task = load_task(slug)
    except InputError as error:
        return list(error.problems), None
    tested: list[LabelledText] = []
    checks: list[Callable[[], object]] = [
        lambda: tested.extend(read_labelled(paths.test_file(slug), task)),
        lambda: read_examples(task, (each.text for each in tested)),
        partial(written_table, task),
        partial(load_corpus, task),
        *_of_train(task),
        partial(check_before_paying, slug),
    ]
    return problems_in(checks), task


def _of_train(task: Task) -> Iterator[Callable[[], object]]:
    path = paths.train_file(task.slug)
    if path.exists():
        yield partial(read_labelled, path, task)
