"""A new task: asked for at a terminal, given by options, its labels from files; and never half of one."""

from __future__ import annotations

import difflib
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import AttrPromptError, InputError
from stages.core.lengths import WordRange
from stages.core.params import load_everything
from stages.core.tasks import load_task
from stages.tasks import writing
from stages.tasks.labels import read_labels
from stages.tasks.new import Given, new
from stages.tasks.wanted import Wanted, read_domain, read_entry, read_words, same_label
from stages.tasks.writing import task_yaml, with_task
from tests.conftest import ROOT, edit_params

PARAMS = (ROOT / "params.yaml").read_text(encoding="utf-8")
TASK = Path("data/tasks/chat/task.yaml")


# A session of its own makes the terminal its own, so that Ctrl-C reaches it.
AT_TERMINAL = """
import fcntl, runpy, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv[0] = "stages.tasks"
runpy.run_module("stages.tasks", run_name="__main__", alter_sys=True)
"""


class Terminal:
    """`python -m stages.tasks new ...` at a terminal of its own."""

    def __init__(self, cwd: Path, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", AT_TERMINAL, "new", *arguments], cwd=cwd, env=environment,
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.seen = ""

    def until(self, text: str) -> None:
        """Read on until something is shown."""
        start, end = len(self.seen), time.monotonic() + 60
        while text not in self.seen[start:]:
            assert time.monotonic() < end, f"{text!r} was not shown: {self.seen}"
            if select.select([self.master], [], [], 1.0)[0] and not self._more():
                break
        assert text in self.seen[start:], self.seen

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def status(self, typed: str = "") -> int:
        """Read to the end; `typed` is typed again until then: what comes before the program listens may be lost."""
        end = time.monotonic() + 60
        while True:
            assert time.monotonic() < end, f"it does not end: {self.seen}"
            if not select.select([self.master], [], [], 1.0)[0]:
                self.type(typed)
            elif not self._more():
                break
        os.close(self.master)
        return self.process.wait(timeout=60)

    def _more(self) -> bool:
        try:
            found = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen += found.decode()
        return bool(found)


def test_the_dialogue_at_a_terminal(project: Path) -> None:
    terminal = Terminal(project, "chat")
    for prompt, answer in (
        ("domain: ", " \n"),
        ("expected some words", "messages in a team's chat\n"),
        ("form: ", "\n"),
        ("words: ", "few\n"),
        ("as 4 80, found 'few'", "2 60\n"),
        ("label 1: ", "question: asks for help\n"),
        ("label 2: ", "Question\n"),
        ("'Question' reads like 'question'", "\n"),
        ("expected at least two labels, found 1", "news\n"),
        ("label 3: ", "\n"),
    ):
        terminal.until(prompt)
        terminal.type(answer)
    assert terminal.status() == 0, terminal.seen
    assert "next: texts that people labelled" in terminal.seen
    assert "make preview TASK=chat" in terminal.seen
    task = load_task("chat")
    assert (task.domain, task.form, task.words) == ("messages in a team's chat", "", WordRange(2, 60))
    assert [(each.name, each.description) for each in task.labels] == [("question", "asks for help"), ("news", "")]
    assert load_everything().run.tasks == ("notes", "chat")


@pytest.mark.parametrize(("typed", "status", "told"), [("\x03", 130, "stopped"), ("\x04", 1, "the input ended")])
def test_whoever_leaves_the_dialogue_leaves_nothing(project: Path, typed: str, status: int, told: str) -> None:
    before = Path("params.yaml").read_text()
    terminal = Terminal(project, "chat", "--domain", "messages")
    terminal.until("form: ")
    terminal.type(typed)
    assert terminal.status(typed) == status
    assert told in terminal.seen
    assert "Traceback" not in terminal.seen
    assert not TASK.parent.exists()
    assert Path("params.yaml").read_text() == before


@pytest.mark.usefixtures("project")
def test_options_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("labels").write_text("# two of them\n\nquestion: asks: who?\nnews\n", encoding="utf-8-sig")
    new("chat", Given(domain="messages", words="[2, 9]", labels="labels"), replace=True)
    text = TASK.read_text()
    assert text.startswith("# All that may stand here:")
    assert "\n  question: 'asks: who?'\n  news:\n" in text
    assert load_task("chat").words == WordRange(2, 9)
    assert load_everything().run.tasks == ("chat",)
    assert "run.tasks has chat in place of notes" in capsys.readouterr().err
    with pytest.raises(InputError, match="is there already, and stays as it is"):
        new("chat", Given(domain="others", labels="labels"))
    assert TASK.read_text() == text


@pytest.mark.usefixtures("project")
def test_all_that_is_wrong_with_the_options_is_told_at_once() -> None:
    Path("labels").write_text("a: x\n: y\nA: z\n")
    with pytest.raises(InputError) as caught:
        new("chat", Given(domain="", words="9 3", labels="labels", column="x"))
    assert [each.split(":")[0] for each in caught.value.problems] == ["--domain", "--words", "labels"]
    with pytest.raises(InputError, match=r"(?s)labels:2: expected a label.*labels:3: 'A' reads like 'a' of line 1"):
        new("chat", Given(domain="d", labels="labels"))
    with pytest.raises(
        InputError,
        match=r"(?s)--column \(make task: COLUMN=\.\.\.\): names.*DOMAIN=\.\.\.\): is missing, and there is.*--labels",
    ):
        new("chat", Given(column="x"))
    with pytest.raises(InputError, match="my_task is one"):
        new("My Task", Given())
    edit_params(lambda all_: all_.pop("clean"))
    with pytest.raises(InputError, match="clean: missing"):
        new("chat", Given())
    assert not TASK.parent.exists()


@pytest.mark.usefixtures("project")
def test_what_is_half_written_goes_when_something_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("labels").write_text("a\nb\n")

    def stop(*_: object, **__: object) -> tuple[str, tuple[str, ...]]:
        assert TASK.exists()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writing, "with_task", stop)
        with pytest.raises(KeyboardInterrupt):
            new("chat", Given(domain="d", labels="labels"))
    assert not TASK.parent.exists()
    TASK.parent.mkdir()
    (TASK.parent / "test.jsonl").write_text("")
    Path("params.yaml").chmod(0o600)
    new("chat", Given(domain="d", labels="labels"))
    assert TASK.exists(), "a folder that is there is used"


def test_labels_of_a_column_keep_their_names(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    rows = ["x,Refund Status", "x,refund_status", "x,3", "x,", "x,Refund Status", "x,news ", "x,_"]
    path.write_text("body,intent\n" + "\n".join(rows) + "\n")
    told = list[str]()
    assert list(read_labels(path, "intent", told.append)) == ["Refund Status", "3", "news"]
    assert told[:2] == [f"{path}:5: no label; left out", f"{path}:8: no label; left out"]
    assert told[2].startswith(
        f"{path}:3: label 'refund_status' (1 rows) reads like 'Refund Status' in a prompt; left out"
    )
    with pytest.raises(InputError, match="no column 'label'; there are: 'body', 'intent'; name another with --column"):
        read_labels(path, None, told.append)
    with pytest.raises(InputError, match=r"expected at least two labels, found 'x'"):
        read_labels(path, "body", told.append)
    path.write_text("body\n" + "\n".join(f"text {number}" for number in range(50)))
    with pytest.raises(InputError, match="has 50 different values in 50 rows, and labels come again"):
        read_labels(path, "body", told.append)
    lines = tmp_path / "texts.jsonl"
    lines.write_text('{"label": 1}\n{"label": "b"}\n{"label": null}\n{"label": ["b"]}\nno\n')
    told.clear()
    assert list(read_labels(lines, None, told.append)) == ["1", "b"]
    assert [each.split(": ")[1].split(";")[0] for each in told] == [
        "no label", "expected a label, found \"['b']\"", "not a JSON object",
    ]  # fmt: skip


NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)


@given(st.dictionaries(NAMES, NAMES | st.just(""), min_size=2, max_size=4), NAMES)
def test_whatever_labels_are_called_task_yaml_says_it(
    tmp_path_factory: pytest.TempPathFactory, found: dict[str, str], domain: str
) -> None:
    labels = dict[str, str]()
    for name, about in found.items():
        try:
            plain, _ = read_entry(name)
        except ValueError:
            continue
        if not same_label(plain, labels):
            labels[plain] = " ".join(about.split())
    if len(labels) < 2 or not domain.strip():
        return
    folder = tmp_path_factory.mktemp("task") / "data/tasks/chat"
    folder.mkdir(parents=True)
    (folder / "task.yaml").write_text(task_yaml(Wanted(read_domain(domain), "", (3, 9), labels)), encoding="utf-8")
    here = Path.cwd()
    os.chdir(folder.parents[2])
    try:
        task = load_task("chat")
    finally:
        os.chdir(here)
    assert {each.name: each.description for each in task.labels} == labels
    assert task.domain == " ".join(domain.split())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("  - support_tickets\n", "  - support_tickets   # the bundled one\n\n  # what comes next\n"),
        ("  - support_tickets\n", "  - support_tickets\n  - other # a second one\n\n"),
        ("folders of data/tasks\n  - support_tickets\n", "x\n  - 'support_tickets'\n\n  # c\n"),
    ],
)
def test_the_grid_gets_one_line_more_and_keeps_its_comments(old: str, new: str) -> None:
    params = PARAMS.replace(old, new, 1)
    changed, before = with_task(params, "chat", replace=False)
    diff = [line for line in difflib.ndiff(params.splitlines(), changed.splitlines()) if line[0] in "+-"]
    assert diff == ["+   - chat"]
    assert before[0] == "support_tickets"
    assert with_task(changed, "chat", replace=False)[0] == changed, "and once"


def test_the_grid_of_one_task_alone() -> None:
    changed, _ = with_task(PARAMS, "chat", replace=True)
    diff = [line for line in difflib.ndiff(PARAMS.splitlines(), changed.splitlines()) if line[0] in "+-"]
    assert diff == ["-   - support_tickets", "+   - chat"]
    gold = PARAMS.replace("  gold: []", "  gold: [support_tickets]")
    assert "\n  gold: [] " in with_task(gold, "chat", replace=True)[0], "only tasks of the grid may stand there"


@pytest.mark.parametrize("text", ["4 80", "[4, 80]", "4-80", "4 to 80 words", " 4,80 "])
def test_lengths_as_people_write_them(text: str) -> None:
    assert read_words(text) == (4, 80)


def test_what_cannot_be_shown_is_not_taken() -> None:
    for wrong in ("a\x1b[2J", "a\ud800", "a\u202e"):
        with pytest.raises(ValueError, match="cannot be shown"):
            read_domain(wrong)
    assert issubclass(InputError, AttrPromptError)
