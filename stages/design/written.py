"""Attributes that people wrote, or imported, for a task: `data/tasks/<task>/attributes.yaml`, in the form of the table.

Where there is such a file, stage `attributes` takes it as it is and asks the model nothing. It is checked against
task.yaml before anything is paid for, because what it lacks would be missed only in the middle of a run.

dimensions:
- name: tone
  about: how the writer sounds
  values: [calm, annoyed]               # the same for all labels, or by label:
- name: topic
  about: what the text is about
  per_label:
    noise: [a party, a washing machine]
    parcel: [a parcel that was taken in]
similar:                                # may be missing
  noise: [parcel]
together:                               # likewise; for tasks in which a text may have several labels
  noise: {parcel: 0.1}
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.checked_yaml import read_checked
from stages.core.lengths import LENGTH, parse_range
from stages.core.slugs import check_slug
from stages.core.together import problems_of
from stages.design.table import AttributeTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stages.core.tasks import Task
    from stages.core.yaml_document import Location
    from stages.design.table import TableDimension

    Problem = tuple[Location, str]  # where in the file, and what is wrong there


def written_table(task: Task) -> AttributeTable | None:
    """The attributes that people wrote for a task; None where they wrote none.

    Raises:
        InputError: a line for each problem: a label that task.yaml does not have, a label without values, a dimension
            twice, a length that is no range of words.
    """
    path = paths.written_attributes(task.slug)
    return read_checked(path, AttributeTable, partial(_problems, task)) if path.exists() else None


def _problems(task: Task, table: AttributeTable) -> Iterator[Problem]:
    if not table.dimensions:
        yield ("dimensions",), "there are none; remove the file, and they are asked of the model"
    times = Counter(each.name for each in table.dimensions)
    for number, dimension in enumerate(table.dimensions):
        at: Location = ("dimensions", number)
        if times[dimension.name] > 1:
            yield (*at, "name"), f"{times[dimension.name]} dimensions have the name {dimension.name!r}"
        yield from _raised((*at, "name"), partial(check_slug, dimension.name))
        yield from _in_values(task, at, dimension)
        yield from _unknown(task, (*at, "dropped"), dimension.dropped)
        for label, dropped in dimension.dropped.items():
            yield from _unknown(task, (*at, "dropped", label), [each.fits for each in dropped])
    yield from _unknown(task, ("similar",), table.similar)
    for label, near in table.similar.items():
        yield from _unknown(task, ("similar", label), near)
        if label in near:
            yield ("similar", label), f"{label!r} cannot be taken for itself"
    yield from problems_of(table.together, task.names, multilabel=task.multilabel)


def _in_values(task: Task, at: Location, dimension: TableDimension) -> Iterator[Problem]:
    yield from _unknown(task, (*at, "per_label"), dimension.per_label)
    if dimension.name == LENGTH:
        for value in dimension.values:
            yield from _raised((*at, "values"), partial(parse_range, value))
        for label, values in dimension.per_label.items():
            for value in values:
                yield from _raised((*at, "per_label", label), partial(parse_range, value))
    if dimension.values:
        return  # they stand in for a label without values of its own
    if not dimension.per_label:
        yield at, f"{dimension.name} has no values; give it values: or per_label:"
        return
    if missing := [name for name in task.names if not dimension.per_label.get(name)]:
        yield (*at, "per_label"), f"{dimension.name} has no values for {', '.join(missing)}"


def _unknown(task: Task, at: Location, found: Iterable[str]) -> Iterator[Problem]:
    for label in found:
        if label not in task.names:
            yield (*at, label), f"{label!r} is no label of {paths.task_file(task.slug)}"


def _raised(at: Location, check: Callable[[], object]) -> Iterator[Problem]:
    try:
        check()
    except ValueError as error:
        yield at, str(error)
