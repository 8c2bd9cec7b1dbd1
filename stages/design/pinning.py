"""What becomes of attributes once they are found elsewhere or found good: files that people keep.

Published values become data/tasks/<task>/attributes.yaml. Dimensions that the model found become those of task.yaml:
then they are asked for no more, and the values of a label are asked for anew only where its neighbours change.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from stages.core import paths
from stages.core.errors import InputError
from stages.core.files import write_text
from stages.core.lengths import LENGTH
from stages.design.published import read_published
from stages.design.table import read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stages.core.tasks import Task


def import_published(task: Task, folder: Path) -> Iterator[str]:
    """Write the attributes of a published data set to where people write theirs; yields what was read and skipped."""
    table, tally = read_published(folder, task)
    path = paths.written_attributes(task.slug)
    write_table(path, table)
    yield from tally.lines(table)
    yield f"{path}: written; stage attributes takes it as it is, and asks nothing"


def pin_dimensions(task: Task) -> Iterator[str]:
    """Write the dimensions that stage `attributes` found into task.yaml, and let no more be proposed.

    Names, meanings and order alone: what is asked for their values stays word for word what it was, and is not asked
    again. Comments of the file are kept.

    Raises:
        ArtifactError: stage `attributes` has not run.
        InputError: attributes.yaml of the task says it all already.
    """
    path = paths.task_file(task.slug)
    if paths.written_attributes(task.slug).exists():
        raise InputError(
            f"{paths.written_attributes(task.slug)}: holds the dimensions already, there is nothing to pin"
        )
    table = read_table(paths.attributes_file(task.slug))
    own = {LENGTH, *(each.name for each in task.dimensions)}
    found = [each for each in table.dimensions if each.name not in own]
    if not found:
        yield f"{path}: all dimensions are pinned already"
        return
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 120, True
    document: Any = yaml.load(path.read_text(encoding="utf-8"))
    document.pop("propose", None)  # with dimensions of its own a task gets no others, unless it says so
    document.setdefault("dimensions", [])
    for each in found:
        flags = {"per_label": bool(each.per_label), "ordered": each.ordered}
        document["dimensions"].append(
            {"name": each.name, "about": each.about, **{key: True for key, flag in flags.items() if flag}}
        )
    text = StringIO()
    yaml.dump(document, text)
    write_text(path, text.getvalue())
    names = ", ".join(each.name for each in found)
    yield f"{path}: {names} pinned; no others are proposed, and values are found as before"
