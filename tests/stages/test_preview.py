"""A preview: what is asked is the first of the plan, is shown, is paid once, and only when it was said to be."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from stages import generate, prompts
from stages.core.errors import AnswersMissingError, InputError
from stages.tasks.preview import preview
from tests.conftest import edit_params, find_attributes, read_lines
from tests.llm_server import LlmServer


@pytest.fixture
def server(project: Path, server: LlmServer) -> LlmServer:
    assert project == Path.cwd()
    edit_params(lambda each: each["run"].update(methods=["simprompt", "attrprompt"]))
    edit_params(lambda each: each["attributes"].update(dimensions=2, values=4))
    return server


def free() -> None:
    edit_params(lambda each: each["llm"]["price_per_million"]["desk"].update(prompt=0.0, completion=0.0))


class Keyboard(io.StringIO):
    """Standard input of somebody who sits there."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("given", [None, "", "y\ny\n"], ids=["closed", "empty", "a pipe that says yes"])
def test_nothing_that_costs_is_asked_where_nobody_confirms(
    given: str | None, server: LlmServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None if given is None else io.StringIO(given))
    with pytest.raises(AnswersMissingError) as stopped:
        preview("notes")
    told = capsys.readouterr()
    assert server.bodies == []
    assert "notes/attrprompt: 12 requests, 0 answered already, 12 to ask: about" in told.out
    assert "all: " in told.out
    said = (
        r"requests for about \$0\.\d+: nothing was sent, .*: --yes \(make preview TASK=notes YES=1\), .*: make plan\Z"
    )
    assert re.search(said, str(stopped.value))


def test_without_standard_input_what_is_answered_is_shown(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free()
    monkeypatch.setattr(sys, "stdin", None)
    preview("notes", method="simprompt")
    assert server.bodies
    assert capsys.readouterr().err.splitlines()[-1] == "to run it: make repro"


@pytest.mark.parametrize(("answer", "asked"), [("n\n", False), ("", False), ("y\nn\n", True)])
def test_whoever_sits_there_is_asked(
    answer: str, asked: bool, server: LlmServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(answer))
    preview("notes", method="simprompt")
    told, said = capsys.readouterr()
    later = (
        "nothing was sent. Later: make preview TASK=notes, or make repro"
        if not asked
        else "to run it later: make repro"
    )
    assert said.splitlines()[-1].startswith(later)
    assert told.index("3 to ask: about") < told.index("Ask 3 requests for about $0.00")
    assert bool(server.bodies) == asked
    assert ("Run all of notes? [y/N]" in told) == asked


def test_the_run_does_not_pay_for_it_again(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    free()
    preview("notes")
    told, asked = capsys.readouterr(), len(server.bodies)
    assert "the first 5 of each label, since a request asks for 5; 3 of them are shown" in told.out
    find_attributes("notes")
    assert len(server.bodies) == asked, "the attributes are those that the run finds"
    for method in ("simprompt", "attrprompt"):
        prompts.main("notes", method)
        generate.main("notes", method)
    assert len(server.bodies) == asked + 2 * (12 - 3), "one request of each label was asked before"
    shown = re.sub(r"\s+", " ", told.out)
    for row in read_lines("data/prompts/notes/attrprompt.jsonl")[:3]:
        for text in row["rows"][:3]:
            assert f"length: {text['attributes']['length'].split()[0]}" in shown
    assert told.out.count("attrprompt 1 ") == told.out.count("simprompt  1 ") == 3
    assert "to run it: make repro" in told.err


def test_one_text_a_request_asks_for_three(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    free()
    edit_params(lambda each: each["prompts"].update(texts_per_request=1))
    preview("notes", method="simprompt")
    assert len(server.bodies) == 9
    assert "This preview (simprompt): the first 3 of each label. " in capsys.readouterr().out


def test_values_that_are_reported(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    free()
    preview("notes", method="reported")
    told = capsys.readouterr()
    assert "scene: " in told.out
    assert "to run it: put into params.yaml run.methods: reported; then make repro" in told.err
    assert server.bodies


def test_answers_of_no_use_and_none_are_told(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    def misbehave(body: dict[str, Any]) -> Any:
        prompt = body["messages"][-1]["content"]
        if "noise" in prompt:
            return '{"texts": ["\\u001b[31mred", 7]}'
        return (400, {"error": {"message": "no \x1b[2J"}}) if "parcel" in prompt else None

    free()
    server.misbehave = misbehave
    preview("notes", method="simprompt")
    told = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "\\x1b[31mred" in told
    assert "(no text: malformed)" in told
    assert "(no text: missing)" in told
    assert re.search(r"\(no text: .*status 400: no \\x1b\[2J\)", told), told[-900:]
    assert "\x1b" not in told


@pytest.mark.usefixtures("server")
def test_what_cannot_be_previewed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="methods: 'nosuch' is missing"):
        preview("notes", method="nosuch")
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(InputError, match=r"no endpoint is set, .*: export OPENAI_API_KEY=.* make preview TASK=notes\Z"):
        preview("notes", yes=True)
    Path("data/tasks/notes/imported").mkdir()
    Path("data/tasks/notes/imported/a.csv").write_text("text,label\nx,noise\n")
    edit_params(lambda each: each["methods"].update(theirs={"imported": "a.csv"}))
    with pytest.raises(InputError, match="theirs: imports its texts"):
        preview("notes", method="theirs")
