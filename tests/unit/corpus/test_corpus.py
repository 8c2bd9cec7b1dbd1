"""Real texts: from local files in the forms in which data sets come, and from a hub on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stages.core import paths
from stages.core.errors import InputError
from stages.core.tasks import load_task, read_labelled
from stages.corpus.__main__ import main
from stages.corpus.pins import load_corpus
from stages.corpus.reading import Columns, read_texts
from tests.conftest import ROOT, TASK, read_lines, write_task
from tests.http_server import Call, HttpServer, Reply

NAMES = ("Sci_Tech", "World", "Sports & Games")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def rows(path: Path, columns: Columns | None = None) -> list[tuple[str, str]]:
    return [(each.text, each.label) for each in read_texts(path, NAMES, columns or Columns()).texts]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.jsonl",
            '\ufeff{"text": "x", "label": "sci-tech"}\n\n{"text": "y", "label": 1}\n{"text": "z", "label": [2]}\n',
        ),
        ("a.json", '[{"text": "x", "_id": 0}, {"text": "y", "_id": 1}, {"text": "z", "_id": 2}]'),
        (
            "b.json",
            '{"sentence": "x", "labels": "sciTECH"}\n{"sentence": "y", "labels": [1]}\n{"sentence": "z", "labels": 2}',
        ),
        ("a.csv", "text,label\nx,0\ny,World\nz,2\n"),
        ("a.tsv", "label\ttext\nSci Tech\tx\nworld\ty\nsports_games\tz\n"),
    ],
)
def test_the_forms_in_which_data_sets_come(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert rows(tmp_path / name) == [("x", "Sci_Tech"), ("y", "World"), ("z", "Sports & Games")]


def test_columns_and_labels_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('title,class,label\n"two\nlines",scitech/x,9\n', encoding="utf-8")
    columns = Columns("title", "class", {"scitech/x": "Sci_Tech"})
    assert rows(path, columns) == [("two\nlines", "Sci_Tech")]
    with pytest.raises(InputError, match="has no column 'text', only title, class, label; name it with --text-column"):
        rows(path, Columns("text"))


def test_texts_with_several_labels_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x", "label": [0, 1]}\n{"text": "y", "label": []}\n{"text": "z", "label": [0]}\n')
    found = read_texts(path, NAMES, Columns())
    assert (len(found.texts), found.several) == (1, 2)
    path.write_text('{"text": "x", "label": [0, 1]}\n')
    with pytest.raises(InputError, match=r"no text with one label; 1 have several .kind: multilabel"):
        read_texts(path, NAMES, Columns())


def test_texts_with_several_labels_where_the_task_has_them(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    cells = [[2, "sci tech"], [], 1, ["world", "WORLD"]]
    path.write_text("".join(json.dumps({"text": f"text {n}", "label": each}) + "\n" for n, each in enumerate(cells)))
    found = read_texts(path, NAMES, Columns(), multilabel=True)
    assert [each.labels for each in found.texts] == [("Sci_Tech", "Sports & Games"), ("World",), ("World",)]
    assert found.several == 1
    path.write_text('{"text": "x", "label": [0, 3, "Weather"]}\n')
    with pytest.raises(InputError, match=r"label 3 is not in task.yaml \(1 texts\)[^\n]*\n.*'Weather'"):
        read_texts(path, NAMES, Columns(), multilabel=True)

    folder = write_task("mine", TASK + "kind: multilabel\n")
    (folder / "test.jsonl").unlink()
    path.write_text('{"text": "x", "labels": ["parcel", "noise"]}\n{"text": "y", "labels": ["plants"]}\n')
    main("mine", test_file=str(path))
    assert read_lines(folder / "test.jsonl")[0] == {"text": "x", "labels": ["noise", "parcel"]}
    assert read_labelled(folder / "test.jsonl", load_task("mine"))[0].labels == ("noise", "parcel")
    assert project == Path.cwd()


def test_every_problem_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines: list[Any] = [{"text": "x", "label": "Weather"}, {"text": "y", "label": 3}, {"text": "y", "label": True}]
    lines += [{"text": " ", "label": 0}, {"text": 7, "label": 0}, ["x", 0], {"body": "x", "label": 0}]
    lines += [{"text": "", "label": 0}] * 9
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    with pytest.raises(InputError) as caught:
        rows(path)
    problems = caught.value.problems
    assert [each.split(": ")[0].rsplit(":")[-1] for each in problems[:10]] == [str(n) for n in range(4, 14)]
    assert "has none of the columns text, text_a, sentence, content, only body, label" in problems[3]
    assert "and 3 rows more" in problems[10]
    assert [each.split(" is not")[0].split("label ")[1] for each in problems[11:]] == ["'Weather'", "3", "True"]


@pytest.mark.parametrize("text", ["{", "[{]", "\x00"])
def test_a_file_that_is_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match=r"a\.jsonl"):
        rows(path)
    with pytest.raises(InputError, match="no such file"):
        rows(tmp_path / "b.jsonl")


def test_examples_that_stand_in_the_test_set_are_told_with_a_label_or_without(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del project
    folder = write_task("mine")
    (folder / "test.jsonl").unlink()
    lines = ('{"text": "My fern?"}', '{"text": "nowhere else"}', '{"text": "Too LOUD!", "label": "noise"}')
    (folder / "examples.jsonl").write_text("\n".join(lines))
    Path("real.csv").write_text("text,label\ntoo loud,noise\na parcel,parcel\nmy fern,plants\n")
    main("mine", test_file="real.csv")
    assert "examples: 2 texts are in the test set too: lines 1, 3" in capsys.readouterr().err.splitlines()


def test_a_local_file_becomes_the_test_set(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del project
    folder = write_task("mine")
    (folder / "test.jsonl").unlink()
    (folder / "examples.jsonl").write_text('{"text": "Too LOUD!", "label": "noise"}\n')
    Path("real.csv").write_text("text,label\ntoo loud,noise\nToo loud.,parcel\na parcel,parcel\ntoo loud,noise\n")
    Path("more.csv").write_text("text,label\na parcel!,parcel\nmy fern,plants\n")
    main("mine", test_file="real.csv", train_file="more.csv")
    told = capsys.readouterr().err
    assert read_lines(folder / "test.jsonl")[2] == {"text": "a parcel", "label": "parcel"}
    assert len(read_lines(folder / "train.jsonl")) == 2
    for line in (
        f"test: 4 texts from real.csv, SHA-256 {hashlib.sha256(Path('real.csv').read_bytes()).hexdigest()}",
        "test: 2 texts stand there twice: lines 2, 4",
        "test: 1 of them with another label: line 2",
        "test: no text of plants",
        "train: no text of noise",
        "train: 1 texts are in the test set too: line 1",
        "examples: 1 texts are in the test set too: line 1",
    ):
        assert line in told.splitlines(), told
    main("mine", test_file="real.csv")  # the same once more
    Path("real.csv").write_text("text,label\nother,noise\n")
    with pytest.raises(InputError, match="holds other texts; it stays"):
        main("mine", test_file="real.csv")
    assert len(read_lines(folder / "test.jsonl")) == 4
    main("mine", test_file="real.csv", force=True)
    assert len(read_lines(folder / "test.jsonl")) == 1


def test_nothing_is_written_where_a_label_is_unknown(project: Path) -> None:
    before = (project / "data/tasks/notes/test.jsonl").read_bytes()
    Path("real.csv").write_text("text,label\ntoo loud,noise\nmeow,cats\n")
    with pytest.raises(InputError, match=r"label 'cats' is not in task\.yaml \(1 texts\)"):
        main("notes", test_file="real.csv", force=True)
    assert (project / "data/tasks/notes/test.jsonl").read_bytes() == before


CORPUS = "repo: some/notes\nrevision: {revision}\nfiles:\n  test: {{path: real.jsonl, sha256: {sha256}}}\n"
REAL = b'{"text": "too loud", "label": 0}\n{"text": "a parcel", "label": 1}\n'


@dataclass
class Hub(HttpServer):
    """A hub on loopback that has one file at one commit, and knows what it was asked for."""

    content: bytes
    asked: list[str] = field(default_factory=list)

    def respond(self, call: Call) -> Reply:
        self.asked.append(f"{call.verb} {call.path}")
        known = call.path == f"/datasets/some/notes/resolve/{COMMIT}/real.jsonl"
        body = self.content if known else b""
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "X-Repo-Commit": COMMIT}
        return Reply(200 if known else 404, body, headers)


def run(*arguments: str, endpoint: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own: huggingface_hub reads its settings when it is imported."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
    environment = {**kept, "PYTHONPATH": str(ROOT), "HF_ENDPOINT": endpoint, "HF_HOME": str(cwd / "hf")}
    environment |= {"NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-m", "stages.corpus", "--task", "notes", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_a_file_of_the_hub_at_the_commit_that_is_named(project: Path) -> None:
    paths.corpus_file("notes").write_text(CORPUS.format(revision="", sha256=""))
    checksum = hashlib.sha256(REAL).hexdigest()
    with Hub(REAL) as hub:
        unpinned = run(endpoint=hub.address, cwd=project)
        assert unpinned.returncode == 1
        assert "revision: none is pinned; give --revision COMMIT" in unpinned.stderr
        assert hub.asked == [], "nothing is fetched before it is known what"
        other = run("--revision", COMMIT, endpoint=hub.address, cwd=project)
        assert (other.returncode, "--force writes over it" in other.stderr) == (1, True)
        done = run("--revision", COMMIT, "--force", endpoint=hub.address, cwd=project)
    assert done.returncode == 0, done.stderr
    assert f"files.test: the SHA-256 is not pinned; what came has {checksum}" in done.stderr
    assert f"GET /datasets/some/notes/resolve/{COMMIT}/real.jsonl" in hub.asked
    assert read_lines(paths.test_file("notes")) == [
        {"label": "noise", "text": "too loud"},
        {"label": "parcel", "text": "a parcel"},
    ]


def test_a_pinned_checksum_and_a_commit_that_the_hub_does_not_have(project: Path) -> None:
    pinned = CORPUS.format(revision=COMMIT, sha256=hashlib.sha256(REAL).hexdigest())
    paths.corpus_file("notes").write_text(pinned)
    with Hub(REAL) as hub:
        assert run("--force", endpoint=hub.address, cwd=project).returncode == 0
        missing = run("--revision", COMMIT[::-1], endpoint=hub.address, cwd=project)
    assert missing.returncode == 1
    assert f"some/notes/real.jsonl at {COMMIT[::-1]}: cannot be had from the hub" in missing.stderr
    paths.corpus_file("notes").write_text(CORPUS.format(revision=COMMIT, sha256="f" * 64))
    with Hub(REAL) as hub:
        wrong = run(endpoint=hub.address, cwd=project)
    assert wrong.returncode == 1
    assert f"has the SHA-256 {hashlib.sha256(REAL).hexdigest()}, pinned is {'f' * 64}" in wrong.stderr
    assert "Traceback" not in missing.stderr + wrong.stderr


def test_a_source_that_is_not_there_or_not_in_order(project: Path) -> None:
    del project
    with pytest.raises(InputError, match=r"corpus\.yaml: there is no such file; write where the texts come from"):
        main("notes")
    paths.corpus_file("notes").write_text(
        "repo: notes\nrevision: main\nfiles:\n  test: {path: a, sha256: 12}\n  dev: {path: a}\nlable: x\n"
    )
    with pytest.raises(InputError) as caught:
        main("notes")
    assert len(caught.value.problems) == 5
    paths.corpus_file("notes").write_text("repo: a/b\nfiles:\n  train: {path: a}\nlabels: {loud: nois}\n")
    with pytest.raises(InputError) as caught:
        load_corpus(load_task("notes"))
    assert [each.split(":")[1] for each in caught.value.problems] == ["2", "4"]


def test_help_says_what_is_read_and_written(project: Path) -> None:
    done = run("--help", endpoint="http://127.0.0.1:9", cwd=project)
    assert done.returncode == 0
    assert "usage: stages.corpus" in done.stdout
    assert "Writes" in done.stdout


AGNEWS = ROOT.parent / "shared" / "data" / "agnews" / "test.jsonl"


@pytest.mark.skipif(not AGNEWS.exists(), reason=f"{AGNEWS} is not there: real data are not part of the project")
def test_the_real_news_fit_the_papers_task() -> None:
    labels = load_task_of(ROOT, "agnews")
    read = read_texts(AGNEWS, labels, Columns())
    assert (len(read.texts), read.several) == (7600, 0)
    assert Counter(each.label for each in read.texts) == dict.fromkeys(labels, 1900)


def load_task_of(root: Path, slug: str) -> tuple[str, ...]:
    """The labels of a task of the project."""
    before = Path.cwd()
    os.chdir(root)
    try:
        return load_task(slug).names
    finally:
        os.chdir(before)
