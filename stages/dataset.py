"""The texts as a data set to give away: `python -m stages.dataset --task TASK`.

Free. Gives away nothing but what it is told to: the texts that the methods of the grid made, and those of the test set
only where `dataset.test` says so. Refuses texts that did not pass the gates.

Reads   data/tasks/<task>/: task.yaml, test.jsonl
        data/attributes/<task>/attributes.yaml
        data/prompts/<task>, data/refilled/<task>: how texts were asked for, and by whom they were answered
        data/clean/<task>: accepted.jsonl of each method
        data/metrics/study/<task>, data/metrics/validate/<task>, data/reports/summary.json: how they came out
        data/templates/cards
Writes  data/reports/<task>/dataset: a folder that `datasets.load_dataset` takes, with each method as a configuration
            README.md               the card: what is in it, and what is not to be concluded from it
            train/<method>.parquet  text, label, labels (where a text may have several: all of them), attributes (name
                                    and value each), method, index (within the label); labels as places in task.yaml
            test/test.parquet       texts of people, with the same columns, if they are given away
"""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field, JsonValue

from stages.checks.verdict import must_have_passed
from stages.core import cli, files, params, paths, publishing, sections
from stages.core.records import Text
from stages.core.tasks import load_task, read_labelled
from stages.core.templates import Templates
from stages.design.table import read_table
from stages.publish.card import card_values
from stages.publish.escaping import plain
from stages.publish.header import TEST_FILE, header, train_file
from stages.publish.parquet import write_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stages.core.tasks import LabelledText, Task
    from stages.design.table import AttributeTable


class Params(params.StageParams):
    """What changes the data set."""

    dataset: publishing.Dataset
    run: sections.Run
    methods: dict[str, sections.Method]
    model: str = Field(alias="llm.model")
    sampling: dict[str, JsonValue] = Field(alias="llm.sampling")


def run(task: Task, table: AttributeTable, accepted: Mapping[str, list[Text]], test: list[Text], chosen: Params) -> str:
    """Write the Parquet of each method and of the test set; returns the card."""
    folder = paths.dataset_folder(task.slug)
    for method, texts in accepted.items():
        write_texts(folder / train_file(method), texts, method, task)
    if test:
        write_texts(folder / TEST_FILE, test, None, task)
    given = {
        "model": plain(chosen.model),
        "sampling": plain(files.dumps(chosen.sampling)) if chosen.sampling else "the endpoint's own",
        "license": chosen.dataset.license,
    }
    values = card_values(task, table, accepted, len(test), methods=chosen.methods, grid=chosen.run)
    body = Templates(paths.CARD_TEMPLATES).render("dataset", {**given, **values})
    counts = {method: len(texts) for method, texts in accepted.items()}
    return f"{header(task, counts, len(test), chosen.dataset)}\n{body}\n"


def _passed(task: str, method: str) -> list[Text]:
    """The accepted texts of a method, if they passed the gates."""
    accepted_file = paths.accepted_file(task, method)
    must_have_passed(files.read_json(paths.verdict_file(task, method), "validate"), accepted_file)
    return list(files.read_records(accepted_file, Text, "clean"))


def _numbered(texts: Iterable[LabelledText]) -> Iterator[Text]:
    """Texts of people as those of methods are, each with its number within the label."""
    before = Counter[str]()
    for each in texts:
        yield Text(each.text, each.label, before[each.label], {}, each.also)
        before[each.label] += 1


def main(task: str) -> None:
    """Read, run, write."""
    chosen, description, folder = params.load(Params), load_task(task), paths.dataset_folder(task)
    accepted = {method: _passed(task, method) for method in chosen.run.methods}
    table = read_table(paths.attributes_file(task))
    test = list(_numbered(read_labelled(paths.test_file(task), description))) if chosen.dataset.test else []
    shutil.rmtree(folder, ignore_errors=True)
    card = run(description, table, accepted, test, chosen)
    files.write_text(folder / "README.md", card)
    methods = "1 method" if len(accepted) == 1 else f"{len(accepted)} methods"
    cli.say(f"{folder}: {sum(map(len, accepted.values()))} texts of {methods}, {len(test)} of people")


if __name__ == "__main__":
    cli.run(main, __doc__, "task")
