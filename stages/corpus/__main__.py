"""Put the real texts of a task where the pipeline reads them: `python -m stages.corpus --task TASK`.

No stage: people run it once, and what it writes is theirs, like a test set labelled by hand. Fetches the files that
data/tasks/<task>/corpus.yaml names from the Hugging Face hub, at the commit that is pinned there or that `--revision`
names, and holds them against their SHA-256 where that is pinned; prints it where it is not. `--from FILE` (and
`--train-from FILE`) takes local files instead: JSON lines, a JSON list, CSV or TSV, with the columns that
`--text-column` and `--label-column` name. A file that is there and differs stays, unless `--force` is given.

A label that is not in task.yaml is an error. Texts that stand twice in a set, or in the test set and in train.jsonl or
examples.jsonl too, are told and kept.

Reads   data/tasks/<task>/task.yaml, and corpus.yaml if it is there
Writes  data/tasks/<task>/test.jsonl, and train.jsonl where there is one: {"text": str, "label": str} a line, or
            {"text": str, "labels": [str, ...]} where the texts of the task may have several
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stages.core import cli, files, paths
from stages.core.errors import InputError
from stages.core.examples import read_examples
from stages.core.tasks import LabelledText, load_task, read_labelled
from stages.corpus.checks import in_one_set, in_test_too
from stages.corpus.download import fetch, sha256
from stages.corpus.pins import load_corpus
from stages.corpus.reading import Columns, read_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.examples import Example
    from stages.core.tasks import Task
    from stages.corpus.pins import Corpus


def main(
    task: str,
    *,
    test_file: str | None = None,
    train_file: str | None = None,
    revision: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    force: bool = False,
) -> None:
    """Find the files, read and check all of them, and only then write."""
    described = load_task(task)
    corpus = load_corpus(described)
    local = {"test": test_file, "train": train_file}
    sources = {split: Path(path) for split, path in local.items() if path} or _fetched(described, corpus, revision)
    named = Columns(corpus.text, corpus.label, corpus.labels) if corpus else Columns()
    columns = Columns(text_column or named.text, label_column or named.label, named.labels)
    sets = dict[str, list[LabelledText]]()
    for split, path in sources.items():
        read = read_texts(path, described.names, columns, multilabel=described.multilabel)
        sets[split] = read.texts
        why = "no label" if described.multilabel else "several labels or none"
        left_out = f"; {read.several} with {why} left out" if read.several else ""
        cli.say(f"{split}: {len(read.texts)} texts from {path}, SHA-256 {sha256(path)}{left_out}")
    _check(described, sets)
    for split, texts in sets.items():
        rows = [_row(each, several=described.multilabel) for each in texts]
        _write(paths.test_file(task) if split == "test" else paths.train_file(task), rows, force=force)


def _fetched(task: Task, corpus: Corpus | None, revision: str | None) -> dict[str, Path]:
    where = paths.corpus_file(task.slug)
    if corpus is None:
        raise InputError(f"{where}: there is no such file; write where the texts come from, or give --from FILE")
    commit = revision or corpus.revision
    if commit is None:
        raise InputError(
            f"{where}: revision: none is pinned; give --revision COMMIT, and pin it there when it is right"
        )
    found = dict[str, Path]()
    for split, file in corpus.files.items():
        found[split], checksum = fetch(corpus.repo, commit, file)
        if file.sha256 is None:
            cli.say(f"{where}: files.{split}: the SHA-256 is not pinned; what came has {checksum}")
    return found


def _check(task: Task, sets: dict[str, list[LabelledText]]) -> None:
    for split, texts in sets.items():
        for line in in_one_set(split, texts, task.names):
            cli.say(line)
    if "test" not in sets:
        return
    others: dict[str, Sequence[Example | LabelledText]] = {"examples": read_examples(task)}
    if "train" in sets:
        others["train"] = sets["train"]
    elif paths.train_file(task.slug).exists():
        others["train"] = read_labelled(paths.train_file(task.slug), task)
    for line in in_test_too(sets["test"], others):
        cli.say(line)


def _row(text: LabelledText, *, several: bool) -> files.Json:
    return {"text": text.text, **({"labels": text.labels} if several else {"label": text.label})}


def _write(path: Path, rows: list[files.Json], *, force: bool) -> None:
    wanted = "".join(files.dumps(row) + "\n" for row in rows)
    if path.exists() and path.read_text(encoding="utf-8") != wanted and not force:
        raise InputError(f"{path}: is there and holds other texts; it stays. --force writes over it")
    files.write_text(path, wanted)
    cli.say(f"{path}: {len(rows)} texts")


if __name__ == "__main__":
    cli.run(
        main,
        __doc__,
        "task",
        flags=("force",),
        options={
            "from": "test_file",
            "train-from": "train_file",
            "revision": "revision",
            "text-column": "text_column",
            "label-column": "label_column",
        },
    )
