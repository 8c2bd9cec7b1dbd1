"""What people may leave beside task.yaml, in one artifact: texts of people to look at, and attributes of their own.

DVC knows no dependency that may be missing, and the folder of a task also holds its test set, a change of which must
run no paid stage. So a free stage puts the files that may be missing into one that is always there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.errors import ArtifactError
from stages.core.examples import Example, read_examples
from stages.core.tasks import read_labelled
from stages.core.texts import without
from stages.design.table import AttributeTable
from stages.design.together import known_together
from stages.design.written import written_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stages.core.tasks import Task


@dataclass(frozen=True, slots=True)
class Brief:
    """What people left.

    Attributes:
        examples: Texts of people, none of them of the test set.
        table: Attributes that were written or imported, and what is known without the model of labels that go together;
            None where the model is to find some.
        to_count: Texts of people in which it is to be counted how common values are, none of them of the test set.
    """

    examples: tuple[Example, ...] = ()
    table: AttributeTable | None = None
    to_count: tuple[Example, ...] = ()


def gather(task: Task, count_in: int = 0) -> Brief:
    """Read and check what there is.

    Args:
        task: Whose.
        count_in: Texts of people in which values are to be counted, at most: of the examples, then of train.jsonl if
            there is one, as many of each label as there are.

    Raises:
        InputError: a file is wrong, or an example stands in the test set.
    """
    test = read_labelled(paths.test_file(task.slug), task)
    examples = read_examples(task, (each.text for each in test))
    more = list[Example]()
    if len(examples) < count_in and paths.train_file(task.slug).exists():
        train = read_labelled(paths.train_file(task.slug), task)
        more = [Example(each.text, each.label, each.also) for each in without(train, test)]
    table = written_table(task)
    if table is not None:
        table = table.model_copy(update={"together": known_together(task, examples, table.together)})
    return Brief(tuple(examples), table, tuple(_in_turn([*examples, *more], count_in)))


def _in_turn(texts: Iterable[Example], most: int) -> list[Example]:
    """So many texts, the first of each label, then the second of each, and so on."""
    seen = Counter[str | None]()
    turns = list[tuple[int, int]]()
    whole = list(texts) if most else []
    for number, each in enumerate(whole):
        turns.append((seen[each.label], number))
        seen[each.label] += 1
    return [whole[number] for _, number in sorted(turns)[:most]]


def write_brief(task: str, brief: Brief) -> None:
    """Write the artifact."""
    table = None
    if brief.table is not None:  # as text: the order of values matters
        table = brief.table.model_dump_json(exclude=None if brief.table.together else {"together"})
    counted = {"to_count": [files.as_json(each) for each in brief.to_count]} if brief.to_count else {}
    examples = [files.as_json(each) for each in brief.examples]
    files.write_json(paths.brief_file(task), {"examples": examples, "attributes": table, **counted})


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
        examples, to_count = (
            tuple(Example.from_json(each) for each in rows) for rows in (found["examples"], found.get("to_count", ()))
        )
        return Brief(examples, table, to_count)
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path}: is not what stage brief writes ({error}); run: dvc repro --force brief") from None
