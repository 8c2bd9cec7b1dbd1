"""What a run would cost is said before it costs anything, and comes true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stages import attributes, generate, prompts
from stages.core.errors import InputError
from stages.design import forecasting
from tests.cells import through
from tests.conftest import ROOT, edit_params, find_attributes, write_task
from tests.llm_server import LlmServer

LINE = re.compile(
    r"(?P<name>.*): (?P<requests>\d+) requests, (?P<at_hand>\d+) answered already, (?P<missing>\d+) to ask"
)
RESERVES = "reserves, at most, where texts are rejected"


@pytest.fixture
def server(project: Path, server: LlmServer) -> LlmServer:
    assert project == Path.cwd()
    edit_params(lambda each: each["run"].update(methods=["simprompt", "attrprompt"]))
    return server


def plan(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[int, int, int]]:
    """By line: requests, at hand, missing."""
    capsys.readouterr()
    forecasting.main()
    found = {}
    for line in capsys.readouterr().out.splitlines():
        if told := LINE.match(line):
            found[told[1]] = (int(told[2]), int(told[3]), int(told[4]))
        else:
            name, requests = re.fullmatch(
                r"(.*?): (?:(\d+) requests, all answered already, )?nothing to ask", line
            ).groups()  # type: ignore[union-attr]
            found[name] = (int(requests or 0), int(requests or 0), 0)
    return found


def test_the_plan_of_the_whole_grid_comes_true(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    edit_params(lambda each: each["attributes"].update(dimensions=2, values=4))
    before = plan(capsys)
    assert list(before) == ["attributes of notes", "notes/simprompt", "notes/attrprompt", "all", RESERVES]
    assert server.bodies == [], "nothing is sent"
    assert not Path("data/attributes").exists()
    assert {at_hand for _, at_hand, _ in before.values()} == {0}
    # One question a label for similar ones, two rounds and the merging of dimensions; values and verdicts of each label
    # and dimension, if all dimensions depend on the label.
    assert before["attributes of notes"][0] == 3 + (2 + 1) + 2 * 3 * 2
    assert before["notes/simprompt"] == before["notes/attrprompt"] == (12, 0, 12)
    assert before["all"][0] == sum(each[0] for name, each in before.items() if name not in ("all", RESERVES))
    assert before[RESERVES] == (12, 0, 12), "10 texts of each of 3 labels and 2 methods, in requests of 5"

    find_attributes("notes")
    asked = len(server.bodies)
    assert 4 < asked <= before["attributes of notes"][2]
    after = plan(capsys)
    assert after["attributes of notes"] == (asked, asked, 0), "what is known now is what was asked"
    assert after["notes/attrprompt"] == (12, 0, 12)
    for method in ("simprompt", "attrprompt"):
        through("notes", method, "prompts", "refill")
    assert len(server.bodies) == asked + 24
    assert plan(capsys)["all"] == (asked + 24, asked + 24, 0), "the plan asks exactly what the stages ask"


def test_a_stage_says_what_it_would_ask(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    attributes.main("notes", plan=True)
    assert re.search(
        r"attributes of notes: \d+ requests, 0 answered already, .* \$0\.\d+, .* min", capsys.readouterr().out
    )
    assert server.bodies == []
    find_attributes("notes")
    prompts.main("notes", "simprompt")
    asked = len(server.bodies)
    capsys.readouterr()
    generate.main("notes", "simprompt", plan=True)
    assert "notes/simprompt: 12 requests, 0 answered already, 12 to ask: about " in capsys.readouterr().out
    assert len(server.bodies) == asked
    assert not Path("data/generated").exists()


@pytest.mark.usefixtures("server")
def test_without_attributes_none_are_planned(capsys: pytest.CaptureFixture[str]) -> None:
    edit_params(lambda each: each["run"].update(methods=["simprompt"]))
    assert plan(capsys) == {"attributes of notes": (0, 0, 0), "notes/simprompt": (12, 0, 12), "all": (12, 0, 12),
                           RESERVES: (6, 0, 6)}  # fmt: skip


def test_imported_texts_are_not_asked_for(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    (Path("data/tasks/notes/imported")).mkdir()
    Path("data/tasks/notes/imported/theirs.csv").write_text("text,label\nit is loud,noise\n")
    edit_params(lambda each: each["methods"].update(theirs={"imported": "theirs.csv"}))
    edit_params(lambda each: each["run"].update(methods=["simprompt", "theirs"]))
    planned = plan(capsys)
    assert planned["notes/theirs (imported)"] == (0, 0, 0)
    assert planned["all"] == planned["notes/simprompt"] == (12, 0, 12)
    find_attributes("notes")
    prompts.main("notes", "theirs")
    capsys.readouterr()
    generate.main("notes", "theirs", plan=True)
    assert capsys.readouterr().out == "notes/theirs: nothing to ask\n"
    assert server.bodies == []


def test_an_answer_of_no_use_is_planned_to_be_asked_again(
    server: LlmServer, capsys: pytest.CaptureFixture[str]
) -> None:
    def useless(body: dict[str, Any]) -> str | None:
        return "[]" if "dimensions" in str(body.get("response_format")) else None

    server.misbehave = useless
    with pytest.raises(Exception, match="questions got no usable answer"):
        find_attributes("notes")
    requests, at_hand, to_ask = plan(capsys)["attributes of notes"]
    assert at_hand == 3, "the similar labels; what was of no use is not kept"
    assert requests == at_hand + to_ask > at_hand


@pytest.mark.usefixtures("server")
def test_half_the_price_in_batches_but_for_attributes(capsys: pytest.CaptureFixture[str]) -> None:
    def dollars() -> list[float]:
        capsys.readouterr()
        forecasting.main()
        return [float(each) for each in re.findall(r"about \$([\d.]+)", capsys.readouterr().out)]

    direct = dollars()
    edit_params(lambda each: each["ops"].update(transport="batch"))
    batch = dollars()
    assert batch[0] == direct[0]
    assert batch[1] == pytest.approx(direct[1] / 2, abs=1e-4)


def test_a_reader_that_has_seen_enough(project: Path) -> None:
    edit_params(lambda each: each["run"].update(methods=["simprompt"]))
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "stages.design.forecasting"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=project, env=environment, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.usefixtures("server")
def test_mistakes_are_told_first() -> None:
    write_task("notes", "domain: d\nlabels: [a]\n")
    with pytest.raises(InputError, match=r"task\.yaml"):
        forecasting.main()
