"""Rejected texts are made up for out of the reserve: exactly so many a label, against a real server on loopback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter, deque
from pathlib import Path
from typing import Any

import pytest

from stages import annotate, clean, generate, judge, prompts, refill, validate
from stages.core import files, paths
from stages.core.errors import GateError, RequestsFailedError
from stages.core.records import Generated, Text
from stages.llm.recordings import export
from stages.measures.curves import Cost, Request, parts
from tests.batch_server import BatchServer
from tests.conftest import ROOT, TEXTS, edit_params, find_attributes, read_lines
from tests.llm_server import LlmServer

METHOD = "simprompt"
REFUSAL = "I'm sorry, but I can't help with that request."
BAD = [None, 7, "", REFUSAL]


@pytest.fixture
def server(project: Path, server: LlmServer) -> LlmServer:
    """An endpoint that is asked one request at a time: 8 texts a label in 2 requests, as many in reserve."""
    assert project == Path.cwd()
    edit_params(
        lambda each: (
            each["run"].update(methods=[METHOD]),
            each["prompts"].update(per_label=8, reserve=1.0, texts_per_request=4),
            each["ops"].update(retries=0, concurrency=1),
        )
    )
    return server


def plant(server: LlmServer, **answers: list[list[Any]]) -> None:
    """The first answers about each label, as lists of texts; after them the server's own."""
    left = {label: deque(each) for label, each in answers.items()}

    def planted(body: dict[str, Any]) -> str | None:
        label = label_of(body)
        return json.dumps({"texts": left[label].popleft()}) if left.get(label) else None

    server.misbehave = planted


def label_of(body: dict[str, Any]) -> str:
    found = re.search('about "(.+?)"', body["messages"][0]["content"])
    assert found
    return found[1]


def generated() -> None:
    find_attributes("notes")
    prompts.main("notes", METHOD)
    generate.main("notes", METHOD)


def cleaned() -> Counter[str]:
    """Run `refill` and `clean`; returns how many texts of each label were accepted."""
    refill.main("notes", METHOD)
    clean.main("notes", METHOD)
    return Counter(each["label"] for each in read_lines(paths.accepted_file("notes", METHOD)))


def metrics() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(paths.refill_metrics("notes", METHOD).read_text())
    return found


def test_every_label_gets_exactly_its_texts(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    twice = "the same note stands here twice"
    plant(
        server, noise=[["a fine note", None, 7, REFUSAL]], parcel=[[twice, twice, "one more note", TEXTS["parcel"][0]]]
    )
    generated()
    asked = len(server.bodies)
    assert asked == 6
    assert cleaned() == dict.fromkeys(TEXTS, 8)
    assert [label_of(each) for each in server.bodies[asked:]] == ["noise", "parcel"], "no label that lacks nothing"
    told = metrics()
    assert (told["requests"], set(told["labels"])) == (8, {"noise", "parcel"})
    assert told["labels"]["noise"] == {
        "asked": 1, "texts": 4, "accepted": 3, "lacking": 0, "reasons": {"malformed": 2, "refused": 1, "surplus": 1},
    }  # fmt: skip
    assert told["labels"]["parcel"]["reasons"] == {"duplicate": 1, "in_test_set": 1, "surplus": 2}
    said = capsys.readouterr().err
    assert "8 texts more in 2 requests of the reserve, 5 accepted; rejected of noise (2 malformed, 1 refused," in said
    counts = json.loads(paths.clean_metrics("notes", METHOD).read_text())
    assert (counts["planned"], counts["accepted"], counts["surplus"]) == (32, 24, 3)
    accepted = read_lines(paths.accepted_file("notes", METHOD))
    assert [each["index"] for each in accepted if each["label"] == "noise"] == [0, 4, 5, 6, 7, 8, 9, 10]
    assert [each["index"] for each in accepted if each.get("reserve") and each["label"] == "noise"] == [8, 9, 10]
    edit_params(lambda each: each["validation"].update(quota_share=1.0, balance=1.0))
    validate.main("notes", METHOD)

    before = {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()}
    asked = len(server.bodies)
    generated()
    cleaned()
    assert len(server.bodies) == asked, "what was paid for is not asked for again"
    assert {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()} == before


def test_a_curve_ends_at_what_all_of_it_cost(server: LlmServer) -> None:
    plant(server, noise=[[None, "a fine note", "and another", "and a third"], ["", "", "some note", "one more"]])
    generated()
    cleaned()
    requests = [
        Request.of(each) for each in files.read_records(paths.refilled_file("notes", METHOD), Generated, "refill")
    ]
    accepted = list(files.read_records(paths.accepted_file("notes", METHOD), Text, "clean"))
    found = list(parts((0.125, 0.5, 1.0), requests, accepted))
    assert [len(each.texts) for each in found] == [3, 12, 24], "as many of each share as if nothing had been rejected"
    told = metrics()
    assert found[-1].cost.tokens == told["prompt_tokens"] + told["completion_tokens"]
    assert found[-1].cost.dollars == pytest.approx(told["dollars"], abs=1e-5)
    assert (
        found[0].cost.tokens == sum((each.cost for each in requests if min(each.rows) in (0, 8)), Cost(0, 0.0)).tokens
    )


def test_where_nothing_is_rejected_nothing_is_asked_and_no_endpoint_needed(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    generated()
    monkeypatch.delenv("OPENAI_BASE_URL")
    asked = len(server.bodies)
    refill.main("notes", METHOD)
    assert len(server.bodies) == asked == 6
    assert paths.refilled_file("notes", METHOD).read_bytes() == paths.generated_file("notes", METHOD).read_bytes()
    asked_for = json.loads(paths.generate_metrics("notes", METHOD).read_text())
    assert metrics() == {**asked_for, "labels": {}}


def test_it_goes_on_until_the_reserve_is_used_up(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    plant(server, noise=[BAD, ["a fine note", *BAD[:3]], BAD, ["one more note", *BAD[:3]]], plants=[BAD])
    generated()
    assert cleaned() == {"noise": 2, "parcel": 8, "plants": 8}
    assert [label_of(each) for each in server.bodies[6:]] == ["noise", "plants", "noise"], "two rounds"
    assert metrics()["labels"]["noise"]["lacking"] == 6
    assert "fewer texts than were planned: noise has 2 of 8; the reserve is used up; raise prompts.reserve" in (
        capsys.readouterr().err
    )
    with pytest.raises(GateError, match="label_quota"):
        validate.main("notes", METHOD)
    asked = len(server.bodies)
    cleaned()
    assert len(server.bodies) == asked


def test_without_a_reserve_it_is_as_it_was(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    edit_params(lambda each: each["prompts"].update(reserve=0.0))
    plant(server, noise=[BAD])
    generated()
    assert not any("reserve" in each for each in read_lines(paths.prompts_file("notes", METHOD)))
    assert cleaned()["noise"] == 4
    assert len(server.bodies) == 6
    assert "noise has 4 of 8; no reserve is planned" in capsys.readouterr().err


def test_a_text_more_costs_a_request_and_the_reserve_serves_it(server: LlmServer) -> None:
    edit_params(lambda each: each["prompts"].update(texts_per_request=1, per_label=4))
    replies = deque([REFUSAL])
    server.misbehave = lambda body: replies.popleft() if replies and label_of(body) == "noise" else None
    generated()
    assert cleaned() == dict.fromkeys(TEXTS, 4)
    assert len(server.bodies) == 12 + 1
    edit_params(lambda each: each["prompts"].update(per_label=5))
    generated()
    assert len(server.bodies) == 13 + 2, "of noise it was asked for in reserve"
    assert cleaned() == dict.fromkeys(TEXTS, 5)
    assert len(server.bodies) == 13 + 3


def test_a_run_that_was_killed_goes_on_and_asks_nothing_twice(server: LlmServer) -> None:
    plant(server, noise=[BAD, BAD], plants=[BAD])
    generated()
    planted, reached, go_on = server.misbehave, threading.Event(), threading.Event()

    def hang(_: dict[str, Any]) -> None:
        if len(server.bodies) == 8:
            reached.set()
            go_on.wait(20)

    server.misbehave = hang
    command = [sys.executable, "-m", "stages.refill", "--task", "notes", "--method", METHOD]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)
    assert reached.wait(30)
    process.kill()
    process.wait()
    go_on.set()
    assert not paths.refilled_file("notes", METHOD).exists()
    server.misbehave = planted
    edit_params(lambda each: each["ops"].update(timeout_s=0.1))  # how long the one in flight is taken to be on its way
    asked = len(server.bodies)
    refill.main("notes", METHOD)
    assert len(server.bodies) == asked + 2, "the one that was in flight, and the last"


def test_a_request_without_an_answer_holds_up_its_label_alone(server: LlmServer) -> None:
    plant(server, noise=[BAD, BAD], plants=[BAD])
    generated()
    error = {"error": {"message": "no", "type": "error", "code": None}}
    server.misbehave = lambda body: (500, error) if label_of(body) == "noise" else None
    with pytest.raises(RequestsFailedError, match=r"2 of 9 requests got no answer \(2 server_error\)"):
        refill.main("notes", METHOD)
    assert metrics()["labels"]["plants"]["lacking"] == 0
    server.misbehave = None
    asked = len(server.bodies)
    assert cleaned() == dict.fromkeys(TEXTS, 8)
    assert len(server.bodies) == asked + 2


def test_without_an_endpoint_it_goes_on_with_what_is_there(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(server, noise=[BAD, BAD], plants=[BAD])
    generated()
    url = os.environ["OPENAI_BASE_URL"]
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert cleaned() == {"parcel": 8, "plants": 4}
    said = capsys.readouterr().err
    assert (
        "noise has 0 of 8, plants has 4 of 8; the next requests of the reserve are neither recorded nor stored" in said
    )
    assert f"dvc repro --force --single-item refill@notes-{METHOD} asks for them" in said
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    assert cleaned() == dict.fromkeys(TEXTS, 8)


def test_a_colleague_reproduces_it_from_the_recordings(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(server, noise=[BAD])
    generated()
    cleaned()
    refilled = paths.refilled_file("notes", METHOD).read_bytes()
    edit_params(lambda each: each["annotate"].update(texts=0))
    annotate.main("notes", METHOD)
    judge.main("notes", METHOD)
    assert export("notes") == 7
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("ATTRPROMPT_STORE", str(tmp_path / "empty.sqlite"))
    generated()
    assert cleaned() == dict.fromkeys(TEXTS, 8)
    assert paths.refilled_file("notes", METHOD).read_bytes() == refilled


def test_what_it_would_ask_is_told_and_nothing_sent(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    plant(server, noise=[BAD], plants=[["a fine note", *BAD[:3]], BAD])
    generated()
    capsys.readouterr()
    asked = len(server.bodies)
    refill.main("notes", METHOD, plan=True)
    now, most = capsys.readouterr().out.splitlines()
    assert now.startswith(f"notes/{METHOD} (reserve): 3 requests, 0 answered already, 3 to ask: about ")
    assert most.startswith(f"at most: notes/{METHOD} (reserve): 4 requests, 0 answered already, 4 to ask: about ")
    assert len(server.bodies) == asked
    assert not paths.refilled_file("notes", METHOD).exists()
    refill.main("notes", METHOD)
    assert len(server.bodies) == asked + 3
    capsys.readouterr()
    refill.main("notes", METHOD, plan=True)
    assert capsys.readouterr().out.count("3 requests, all answered already, nothing to ask") == 2


def test_each_round_is_a_batch(monkeypatch: pytest.MonkeyPatch, server: LlmServer) -> None:
    plant(server, noise=[BAD], plants=[BAD])
    generated()
    with BatchServer() as batches:
        monkeypatch.setenv("OPENAI_BASE_URL", batches.url)
        edit_params(lambda each: each["ops"].update(transport="batch", batch_poll_s=0.05))
        cleaned()
        assert len(batches.batches) == 2, "it answers with no list of texts, so both labels use up their reserve"
    assert [(each["asked"], each["reasons"]["missing"]) for each in metrics()["labels"].values()] == [(2, 8), (2, 8)]
