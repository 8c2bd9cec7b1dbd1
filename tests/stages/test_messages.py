"""Every command, file and field that a user touches, wrong in every way that is likely, and what they are told.

A message says where, what was expected, what was found, and the way out. What a key of params.yaml or of task.yaml may
hold is in tests/unit/core/test_params.py and test_tasks.py; rows of tables in test_tables.py there; endpoints that
misbehave in tests/faults.
"""

# ruff: noqa: E501 - a case a line
from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import commands
from tests.conftest import TASK, edit_params

Setup = Callable[[], object]

FOLDER = Path("data/tasks/notes")
TASK_FILE, TEST, EXAMPLES, TRAIN = (
    FOLDER / name for name in ("task.yaml", "test.jsonl", "examples.jsonl", "train.jsonl")
)
CHECK = "stages.tasks check"
GENERATE = "stages.generate --task notes --method simprompt"
PREDICT = "stages.predict --model m"
EXPORT = "stages.export --model m --texts t"
NOWHERE = {"kind": "linear", "encoder": "no/such-model", "c": 8.0}
LEARNED = "".join(f'{{"text": "{n} a", "label": "{label}"}}\n' for n, label in enumerate(["noise", "plants"] * 3))


def nothing() -> None:
    pass


def write(path: Path | str, text: str | bytes) -> Setup:
    def setup() -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text.encode() if isinstance(text, str) else text)

    return setup


def task(text: str | bytes) -> Setup:
    return write(TASK_FILE, text)


def without(path: Path | str) -> Setup:
    return lambda: shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink()


def folder(path: Path | str) -> Setup:
    def setup() -> None:
        Path(path).unlink(missing_ok=True)
        Path(path).mkdir(parents=True)

    return setup


def params(**sections: dict[str, Any]) -> Setup:
    return lambda: edit_params(lambda all_: [all_[name].update(values) for name, values in sections.items()])


def both(*setups: Setup) -> Setup:
    return lambda: [each() for each in setups]


def imported(name: str, text: str | bytes) -> Setup:
    def use(all_: Any) -> None:
        all_["methods"].update(theirs={"imported": name})
        all_["run"].update(methods=["simprompt", "theirs"])

    return both(lambda: edit_params(use), write(FOLDER / "imported" / name, text))


def planned() -> None:
    """The prompts of a method that needs nothing asked before."""
    from stages import attributes, brief, prompts  # noqa: PLC0415 - what few cases need

    edit_params(lambda all_: all_["run"].update(methods=["simprompt"]))
    brief.main("notes")
    attributes.main("notes")
    prompts.main("notes", "simprompt")


def environment(**values: str) -> Setup:
    return lambda: os.environ.update(values)  # conftest and the test below put it back


def student(card: str) -> Setup:
    return write("m/student.json", card)


def passed() -> None:
    """Texts that passed the gates, for a student that cannot be trained on them."""
    from stages.core import files, paths  # noqa: PLC0415 - what one case needs

    texts = paths.accepted_file("notes", "simprompt")
    files.write_records(texts, [
        {**json.loads(line), "index": number, "attributes": {}} for number, line in enumerate(LEARNED.splitlines())
    ])  # fmt: skip
    files.write_json(paths.verdict_file("notes", "simprompt"), {"passed": True, "sha256": files.file_sha256(texts)})
    edit_params(lambda all_: all_["students"].update(linear=NOWHERE))


HERE = "http://127.0.0.1:9/v1"
NO_LABEL = "is not in task.yaml; add it there, or correct it here"
STORE = "the store of answers cannot be used: "
CASES: list[tuple[str, str, Setup]] = [
    # params.yaml
    (CHECK, "params.yaml: there is no such file; run this in the folder of the project", without("params.yaml")),
    (CHECK, "params.yaml: cannot be read: Is a directory", folder("params.yaml")),
    (CHECK, "params.yaml: expected keys and values (a YAML mapping), found nothing", write("params.yaml", "")),
    (CHECK, "params.yaml:2: not valid YAML: found character '\\t' that cannot start any token; indent with blanks",
     write("params.yaml", "run:\n\ttasks: []\n")),
    (CHECK, "params.yaml: is not UTF-8 (byte 3: invalid start byte); save it as UTF-8", write("params.yaml", b"# \xff")),
    (CHECK, "run.tasks: expected at least 1 item, found []", params(run={"tasks": []})),
    (CHECK, "run.tasks.0: 'Not-A-Slug' is no slug: only a-z, 0-9 and _", params(run={"tasks": ["Not-A-Slug"]})),
    (CHECK, "params.yaml: clean: missing", lambda: edit_params(lambda all_: all_.pop("clean"))),
    (CHECK, "llm.sampling: expected keys and values, found nothing", params(llm={"sampling": None})),
    (CHECK, "llm.model: expected a string, found 4; put it in quotes", params(llm={"model": 4})),
    (CHECK, "ops.api_key_env: expected the name of an environment variable (A-Z, 0-9, _), and not what is in it",
     params(ops={"api_key_env": "sk-secret"})),
    (CHECK, "curve.baseline: 'nosuch' is not among methods", params(curve={"baseline": "nosuch"})),
    (CHECK, "run.gold: notse is not among run.tasks", params(run={"gold": ["notse"]})),
    (CHECK, "data/templates/methods/nosuch.j2: there is no such template; there are: also, answer, attrprompt",
     params(methods={"context": {"template": "nosuch", "attributes": "none"}})),
    (CHECK, "students.mean.of: expected at least 2 items, found ['tfidf']", params(students={"mean": {"kind": "mean", "of": {
        "tfidf": {"weight": 1.0, "student": {"kind": "tfidf", "ngrams": 1, "c": 1.0}}}}})),
    (CHECK, "students.mean.of: expected at least 2 items, found []", params(students={"mean": {"kind": "mean", "of": {}}})),
    # task.yaml
    (CHECK, "task.yaml: there is no such file; make task NAME=notes writes one, or correct run.tasks in params.yaml",
     without(FOLDER)),
    (CHECK, "task.yaml: is not UTF-8 (byte 1: invalid start byte)", task(TASK.encode("utf-16"))),
    (CHECK, "task.yaml:3: not valid YAML: mapping values are not allowed here; a text with a colon in it goes in quotes",
     task("domain: d\nlabels:\n  a: b: c\n  d:\n")),
    (CHECK, "task.yaml:1: not valid YAML: a quotation mark is not closed", task("domain: 'd\nlabels: [a, b]\n")),
    (CHECK, "task.yaml:2: labels: labels with a line each are written without dashes, as refund: wants money back",
     task("domain: d\nlabels:\n- a: b\n- c: d\n")),
    (CHECK, "task.yaml:2: labels.1: expected a string, found False; put it in quotes",
     task("domain: d\nlabels: [true, false]\n")),
    (CHECK, "task.yaml:1: domain: datetime.date(2024, 1, 1) is no text, number, list or mapping; it goes in quotes",
     task("domain: 2024-01-01\nlabels: [a, b]\n")),
    (CHECK, "task.yaml:3: words: too few items, found [2]", task(TASK.replace("[2, 40]", "[2]"))),
    (CHECK, "task.yaml:3: words: expected a list, found '2 to 40'", task(TASK.replace("[2, 40]", "2 to 40"))),
    (CHECK, "task.yaml:2: labels: 'a\\x00' holds characters that cannot be shown",
     task('domain: d\nlabels: ["a\\u0000", b]\n')),
    (CHECK, "task.yaml:8: imported.labels.x: 'nosuch' is not among labels",
     task(TASK + "imported: {labels: {x: nosuch}}\n")),
    # test.jsonl, examples.jsonl, train.jsonl, attributes.yaml, corpus.yaml
    (CHECK, 'test.jsonl: there is no such file; it holds a JSON object a line, {"text": ..., "label": ...}', without(TEST)),
    (CHECK, "test.jsonl: cannot be read: Is a directory", folder(TEST)),
    (CHECK, "test.jsonl: is not UTF-8 (byte 1: invalid start byte); save it as UTF-8", write(TEST, b"\xff\xfe{")),
    (CHECK, "test.jsonl:1: not a JSON object: Expecting value at character 1; each line is one, {...}",
     write(TEST, "text,label\nhello,noise\n")),
    (CHECK, 'test.jsonl:1: expected {"text": ..., "label": ...} with strings, found [{"text": "x"}]',
     write(TEST, '[{"text": "x"}]\n')),
    (CHECK, 'with strings, found {"sentence": "x", "class": "noise"}', write(TEST, '{"sentence": "x", "class": "noise"}\n')),
    (CHECK, f"test.jsonl:1: label 'Noise' {NO_LABEL} ('noise', perhaps)", write(TEST, '{"text": "x", "label": "Noise"}\n')),
    (CHECK, "test.jsonl:1: the text is empty", write(TEST, '{"text": " ", "label": "noise"}\n')),
    (CHECK, 'examples.jsonl:1: expected {"text": ..., "label": ...} with a text; the label may be missing',
     write(EXAMPLES, '{"label": "noise"}\n')),
    (CHECK, "examples.jsonl:1: this text stands in test.jsonl too; take it out of one of them",
     write(EXAMPLES, '{"text": "Please turn the music down at night!"}\n')),
    (CHECK, f"examples.jsonl:1: label 'noize' {NO_LABEL}", write(EXAMPLES, '{"text": "x", "label": "noize"}\n')),
    (CHECK, "test.jsonl:1: \\ud800 is half of a surrogate pair, and no character; write what stood there, or take it out",
     write(TEST, r'{"text": "x \ud800", "label": "noise"}')),
    (CHECK, "examples.jsonl:1: \\ud800 is half of a surrogate pair", write(EXAMPLES, r'{"text": "x \ud800"}')),
    (CHECK, "train.jsonl:1: \\ud800 is half of a surrogate pair", write(TRAIN, r'{"text": "x \ud800", "label": "noise"}')),
    (CHECK, "train.jsonl: there is no such file", params(run={"gold": ["notes"]})),
    (CHECK, "train.jsonl: is empty; it holds a JSON object a line", write(TRAIN, "")),
    (CHECK, "attributes.yaml: expected keys and values (a YAML mapping), found nothing",
     write(FOLDER / "attributes.yaml", "")),
    (CHECK, "corpus.yaml:2: revision: expected a text that matches '^[0-9a-f]{40}$', found 'main'",
     write(FOLDER / "corpus.yaml", "repo: a/b\nrevision: main\nfiles: {test: {path: x}}\n")),
    # imported files
    (CHECK, "imported/a.csv: there is no such file; in data/tasks/notes/imported/ lie labelled texts",
     both(imported("a.csv", ""), without(FOLDER / "imported/a.csv"))),
    (CHECK, "imported/a.xlsx: its ending is none of .jsonl", imported("a.xlsx", "x")),
    (CHECK, "imported/a.csv: is empty; it holds a labelled text a row", imported("a.csv", "text,label\n")),
    (CHECK, "a.csv:1: no column 'text'; there are: 'body', 'label'; name the columns under imported: in task.yaml",
     imported("a.csv", "body,label\nx,noise\n")),
    (CHECK, "say under imported: labels: there which of its labels that is; 'noize': noise, perhaps",
     imported("a.csv", "text,label\nx,noize\n")),
    (CHECK, "imported/a.csv.gz: cannot be read: Not a gzipped file", imported("a.csv.gz", b"no")),
    # templates
    (CHECK, "request.j2:1: Expected an expression, got 'end of statement block'",
     write("data/templates/methods/request.j2", "{% if %}")),
    ("stages.design.forecasting", "simprompt.j2:1: 'nosuch' is undefined; it is given: also, as_json",
     write("data/templates/methods/simprompt.j2", "{{ nosuch }}")),
    # the command line
    ("stages.generate", "the following arguments are required: --task, --method", nothing),
    ("stages.clean --task ../notes --method simprompt", "'../notes' is no slug", nothing),
    ("stages.generate --task none --method simprompt", "data/tasks/none/task.yaml: there is no such file", nothing),
    ("stages.prompts --task notes --method nosuch", "params.yaml: methods.nosuch: missing (there are simprompt, ", nothing),
    ("stages.train --task notes --method simprompt --student no", "students.no: missing (there are tfidf, linear", nothing),
    ("stages.tasks", "the following arguments are required: new | check | preview", nothing),
    ("stages.tasks check ../x", "argument NAME: '../x' is no slug", nothing),
    ("stages.tasks new x --domain d --labels l --column c", "l: --column (make task: COLUMN=...) names a column of a table", write("l", "a\nb\n")),
    ("stages.tasks new x --domain d --labels l.csv --column c", "name another with --column (make task: COLUMN=...)", write("l.csv", "a\nb\n")),
    ("stages.tasks preview notes --method nosuch", "methods: 'nosuch' is missing; there are simprompt", nothing),
    ("stages.compare --task notes", "give the budget of each method, either in dollars (--usd 0.02", nothing),
    ("stages.compare --task notes --usd much", "--usd: expected a number above 0, found 'much'", nothing),
    ("stages.compare --task notes --usd 1 --methods no", "params.yaml: methods: 'no' is missing; there are", nothing),
    ("stages.attributes --task notes --pin", "run dvc repro, or dvc pull", nothing),
    ("stages.attributes --task notes --import nosuch", "nosuch: there is no such folder", nothing),
    ("stages.llm.recordings", "usage: python -m stages.llm.recordings TASK", nothing),
    ("stages.llm.recordings ../x", "'../x' is no slug: only a-z, 0-9 and _", nothing),
    ("stages.llm.recordings nosuch", "one, or correct run.tasks in params.yaml (there are notes)", nothing),
    ("stages.llm.recordings notes", "answers.jsonl: is missing; run dvc repro first, then export", nothing),
    ("stages.corpus --task notes", "corpus.yaml: there is no such file; write where the texts come from, or give --from",
     nothing),
    ("stages.corpus --task notes --from no.csv", "no.csv: there is no such file", nothing),
    ("stages.corpus --task notes --from a.csv", "a.csv: is empty; it holds a labelled text a row", write("a.csv", "")),
    ("stages.corpus --task notes --from a.csv", "a.csv:2: has none of the columns text, text_a, sentence, content, only a, b; name it with --text-column", write("a.csv", "a,b\nx,noise\n")),
    ("stages.corpus --task notes --from a.csv", "label 'no' is not in task.yaml (1 texts)", write("a.csv", "text,label\nx,no\n")),
    ("stages.corpus --task notes --from a.csv", "test.jsonl: is there and holds other texts; it stays. --force writes over it",
     write("a.csv", "text,label\nx,noise\n")),
    # the environment: no key, wrong URL, the store
    (GENERATE, "no endpoint is set: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own; nothing was sent",
     planned),
    ("stages.tasks preview notes --method simprompt --yes", "no endpoint is set, so nothing was sent: export OPENAI_API_KEY=...",
     nothing),
    (GENERATE, "OPENAI_BASE_URL: is no URL of a server; it looks like http://localhost:8000/v1",
     both(planned, environment(OPENAI_BASE_URL="localhost:8000/v1"))),
    (GENERATE, "OPENAI_BASE_URL: is no URL of a server",
     both(planned, environment(OPENAI_BASE_URL="http://127.0.0.1:99999/v1"))),
    (GENERATE, "OPENAI_API_KEY: holds a character that no key has (a line end, perhaps, or a letter that is not ASCII)",
     both(planned, environment(OPENAI_BASE_URL=HERE, OPENAI_API_KEY="sk-secret\n"))),
    (GENERATE, "cannot connect to 127.0.0.1:9: connection refused; is OPENAI_BASE_URL right?", both(planned, environment(OPENAI_BASE_URL=HERE),
     params(ops={"retries": 0, "patience_s": 0.1}))),
    (GENERATE, f"{STORE}unable to open database file", both(planned, folder("s"), environment(ATTRPROMPT_STORE="s"))),
    (GENERATE, f"{STORE}file is not a database", both(planned, write("s", "x" * 9), environment(ATTRPROMPT_STORE="s"))),
    (GENERATE, "or set ATTRPROMPT_STORE to another one", both(planned, environment(ATTRPROMPT_STORE="params.yaml/s"))),
    (GENERATE, "the price of 'nosuch' is not known: set llm.price_per_million in params.yaml", both(planned,
     environment(OPENAI_BASE_URL=HERE), params(llm={"model": "nosuch"}, ops={"max_usd": 1.0}))),
    (GENERATE, "set llm.sampling: {max_completion_tokens: ...} in params.yaml; nothing was sent", both(planned,
     environment(OPENAI_BASE_URL=HERE), params(ops={"max_usd": 1.0}))),
    (GENERATE, "recordings/notes.jsonl:1: is no recorded answer ('answer'); restore the file from Git",
     both(planned, write("data/recordings/notes.jsonl", "{}\n"))),
    (GENERATE, "recordings/notes.jsonl:1: is not UTF-8", both(planned, write("data/recordings/notes.jsonl", b"\xff\n"))),
    # what a stage before should have written
    (GENERATE, "data/prompts/notes/simprompt.jsonl: is missing; stage prompts writes it: run dvc repro, or dvc pull",
     nothing),
    (GENERATE, "simprompt.jsonl:1: is not what stage prompts writes ('messages'); run: dvc repro --force prompts",
     both(planned, write("data/prompts/notes/simprompt.jsonl", "{}\n"))),
    (GENERATE, "is not what stage prompts writes ('utf-8' codec",
     both(planned, write("data/prompts/notes/simprompt.jsonl", b"\xff\n"))),
    ("stages.prompts --task notes --method simprompt", "notes.json: is not what stage brief writes (it holds no object)",
     both(planned, write("data/briefs/notes.json", "[]"))),
    ("stages.train --task notes --method simprompt --student tfidf", "simprompt.json: is missing; stage validate writes it",
     nothing),
    ("stages.prompts --task notes --method attrprompt", "attributes.yaml: there is no such file stage attributes writes it",
     both(planned, without("data/attributes/notes/attributes.yaml"))),
    ("stages.report", "is missing; stage curve writes it: run dvc repro, or dvc pull", nothing),
    ("stages.brief --task notes", "data/briefs/notes.json: cannot be written: File exists (data/briefs); look at the folder",
     write("data/briefs", "")),
    # a student that cannot be fitted
    ("stages.gold --task notes --student linear", "stages.gold: params.yaml: students.linear: encoder 'no/such-model' cannot",
     both(write(TRAIN, LEARNED), params(students={"linear": NOWHERE}))),
    ("stages.gold --task notes --student mean", "students.mean: of.linear.student: encoder 'no/such-model' cannot be loaded",
     both(write(TRAIN, LEARNED), params(students={"mean": {"kind": "mean", "of": {
         "tfidf": {"weight": 1.0, "student": {"kind": "tfidf", "ngrams": 1, "c": 1.0}},
         "linear": {"weight": 1.0, "student": NOWHERE}}}}))),
    ("stages.train --task notes --method simprompt --student linear", "stages.train: params.yaml: students.linear: encoder 'no/s",
     passed),
    # a model's folder
    ("stages.predict", "--model: is missing; name the folder of a model: data/models/TASK/METHOD/STUDENT", nothing),
    (PREDICT, "m/student.json: is missing; stage train writes it: run dvc repro, or dvc pull", nothing),
    ("stages.predict --model params.yaml", "params.yaml/student.json: cannot be read: Not a directory", nothing),
    (PREDICT, "m/student.json: is not what stage train writes (Expecting value", student("no")),
    (PREDICT, "m/student.json: is not what stage train writes (it holds no object)", student("[]")),
    (PREDICT, "m/student.json: 'nosuch' is no kind of student; there are tfidf, linear, finetune and mean", student('{"kind": "nosuch"}')),
    (PREDICT, "m/tfidf.skops: is missing; run dvc repro, or dvc pull", student('{"kind": "tfidf"}')),
    (f"{PREDICT} no.txt", "no.txt: cannot be read: No such file or directory", nothing),
    (f"{PREDICT} --format csv", "--format: expected lines or jsonl, found 'csv'", nothing),
    ("stages.export", "expected --model, a fine-tuned student's folder, and --texts, JSON lines to check it on", nothing),
    ("stages.export --model m --texts t", "--out: is missing; m does not lie in data/models, so say where the export is", nothing),
    (f"{EXPORT} --out data/models/a/b/c", "--out: data/models/a/b/c lies in data/models, whose content dvc repro replaces", nothing),
    (f"{EXPORT} --out o", "t: there is no such file; it holds the texts that the export is checked on", nothing),
    (f"{EXPORT} --out o", "t: is not UTF-8", write("t", b"\xff")),
    (f"{EXPORT} --out o", "t:1: expected an object with a text, and if known a label",
     write("t", '{"text": null}')),
    (f"{EXPORT} --out o", "m: is a student of kind 'tfidf'; only finetune has a form in ONNX",
     both(write("t", '{"text": "x"}'), student('{"kind": "tfidf"}'))),
]  # fmt: skip


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("command", "message", "setup"), CASES, ids=[f"{line} {said[:40]}" for line, said, _ in CASES])
def test_what_the_user_is_told(
    command: str, message: str, setup: Setup, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ATTRPROMPT_STORE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # so that what setup changes is put back
    setup()
    module, *arguments = command.split()
    done = commands.run(capsys, module, *arguments)
    assert message in " ".join(done.err.split("\n")), done.err
    assert done.status in (1, 2)
    assert "Traceback" not in done.err
    assert "secret" not in done.err
    assert module in done.err or module == "stages.llm.recordings", "it says who speaks"


@pytest.mark.usefixtures("project")
def test_all_that_is_wrong_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    edit_params(lambda all_: all_["prompts"].update(per_label="many"))
    TEST.write_text('{"text": "x", "label": "noize"}\nno\n')
    EXAMPLES.write_text("no\n")
    TRAIN.write_text("")
    (FOLDER / "corpus.yaml").write_text("repo: x\n")
    done = commands.run(capsys, "stages.tasks", "check", "notes")
    places = ("prompts.per_label", "test.jsonl:1", "test.jsonl:2", "examples.jsonl:1", "train.jsonl", "corpus.yaml:1")
    for place in places:
        assert sum(place in line for line in done.err.splitlines()) == 1, place
