"""What people may leave beside task.yaml, in one artifact: texts of people to look at, and attributes of their own.

DVC knows no dependency that may be missing, and the folder of a task also holds its test set, a change of which must
run no paid stage. So a free stage puts the files that may be missing into one that is always there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.errors import ArtifactError
from stages.core.examples import Example, read_examples
from stages.core.tasks import read_labelled
from stages.design.table import AttributeTable
from stages.design.together import known_together
from stages.design.written import written_table

if TYPE_CHECKING:
    from stages.core.tasks import Task


@dataclass(frozen=True, slots=True)
class Brief:
    """What people left.

    Attributes:
        examples: Texts of people, none of them of the test set.
        table: Attributes that were written or imported, and what is known without the model of labels that go together;
            None where the model is to find some.
    """

    examples: tuple[Example, ...] = ()
    table: AttributeTable | None = None


def gather(task: Task) -> Brief:
    """Read and check what there is.

    Raises:
        InputError: a file is wrong, or an example stands in the test set.
    """
    test = read_labelled(paths.test_file(task.slug), task)
    examples = read_examples(task, (each.text for each in test))
    table = written_table(task)
    if table is not None:
        table = table.model_copy(update={"together": known_together(task, examples, table.together)})
    return Brief(tuple(examples), table)


def write_brief(task: str, brief: Brief) -> None:
    """Write the artifact."""
    table = None
    if brief.table is not None:  # as text: the order of values matters
        table = brief.table.model_dump_json(exclude=None if brief.table.together else {"together"})
    files.write_json(
        paths.brief_file(task), {"examples": [files.as_json(each) for each in brief.examples], "attributes": table}
    )


def read_brief(task: str) -> Brief:
    """Read the artifact.

    Raises:
        ArtifactError: it is missing, or not what stage `brief` writes.
    """
    path = paths.brief_file(task)
    found = files.read_json(path, "brief")
    try:
        own = found["attributes"]
        table = None if own is None else AttributeTable.model_validate_json(own)
        return Brief(tuple(Example.from_json(each) for each in found["examples"]), table)
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path}: is not what stage brief writes ({error}); run: dvc repro --force brief") from None
