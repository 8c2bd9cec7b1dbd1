"""Asking, against a real server on loopback."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stages.core.errors import AnswersMissingError, EndpointRefusesError, InputError, StoreError
from stages.core.params import load_everything
from stages.core.sections import Ops
from stages.llm.ask import Asking, Sources
from stages.llm.chat import (
    CONNECTION_LOST,
    NO_COMPLETION,
    REJECTED,
    SERVER_ERROR,
    TIMED_OUT,
    Answer,
    ChatRequest,
    NoAnswer,
    Outcome,
)
from stages.llm.client import endpoint_from_environment
from stages.llm.recordings import read_recordings
from stages.llm.store import store_path
from tests.conftest import ROOT
from tests.llm_server import LlmServer

KEY = "sk-secret-0123456789abcdef"


def ops(**changes: Any) -> Ops:
    given = {"concurrency": 8, "timeout_s": 20.0, "retries": 0, "patience_s": 5.0}
    return load_everything(ROOT / "params.yaml").ops.model_copy(update={**given, **changes})


def requests(count: int, start: int = 0) -> list[ChatRequest]:
    return [
        ChatRequest("m", ({"role": "user", "content": f'Write 1 of them about "label {number}".'},), {})
        for number in range(start, start + count)
    ]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LlmServer]:
    with LlmServer() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield running


def sources(recordings: Path = Path("none.jsonl"), **changes: Any) -> Sources:
    chosen = ops(**changes)
    asking = Asking("notes", "these", load_everything(ROOT / "params.yaml").llm, chosen)
    return Sources(asking, recordings, store_path(), endpoint_from_environment(chosen))


def ask(wanted: list[ChatRequest], recordings: Path = Path("none.jsonl"), **changes: Any) -> list[Outcome]:
    with sources(recordings, **changes) as opened:
        return list(opened.ask(wanted))


def test_answers_come_in_the_order_of_the_requests_and_are_kept(server: LlmServer) -> None:
    wanted = requests(50)
    first = ask(wanted)
    assert all(isinstance(each, Answer) for each in first)
    assert [each.prompt_tokens for each in first if isinstance(each, Answer)] == [
        len(request.messages[0]["content"]) // 4 for request in wanted
    ]
    assert len(server.bodies) == 50
    assert ask(wanted) == first
    assert len(server.bodies) == 50, "nothing that was answered is asked again"
    assert ask(requests(51))[:50] == first
    assert len(server.bodies) == 51, "one request more costs one request"


def test_the_same_messages_asked_for_twice_are_two_answers(server: LlmServer) -> None:
    wanted = [ChatRequest("m", requests(1)[0].messages, {}, sample=sample) for sample in range(3)]
    found = ask(wanted)
    assert len({each.completion for each in found if isinstance(each, Answer)}) == 3
    assert all("sample" not in body for body in server.bodies)


def test_sampling_and_format_are_sent_as_they_are(server: LlmServer) -> None:
    form = {"type": "json_object"}
    ask([ChatRequest("m", requests(1)[0].messages, {"temperature": 0.25, "top_k": 7}, form)])
    body = server.bodies[0]
    assert (body["temperature"], body["top_k"], body["response_format"]) == (0.25, 7, form)


def test_recordings_come_before_the_store_and_the_store_before_the_network(server: LlmServer, tmp_path: Path) -> None:
    wanted = requests(3)
    recorded = Answer("recorded", "stop", 1, 1, "m")
    path = tmp_path / "recordings.jsonl"
    line = {"key": wanted[0].key, "request": {}, "answer": {"completion": "recorded", "finish_reason": "stop",
            "prompt_tokens": 1, "completion_tokens": 1, "model": "m"}}  # fmt: skip
    path.write_text(json.dumps(line) + "\n")
    ask(wanted[:2])
    found = ask(wanted, path)
    assert found[0] == recorded
    assert len(server.bodies) == 3


def test_without_an_endpoint_nothing_is_sent_and_the_missing_are_counted() -> None:
    with pytest.raises(AnswersMissingError) as caught:
        ask(requests(30))
    assert caught.value.missing == 30
    assert "these: 30 of 30 answers are neither recorded nor stored" in str(caught.value)
    assert "set OPENAI_API_KEY, or OPENAI_BASE_URL" in str(caught.value)


def test_without_an_endpoint_and_nothing_missing_all_is_well(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = requests(3)
    ask(wanted)
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert len(ask(wanted)) == 3
    assert len(server.bodies) == 3


def error(status: int, message: str, code: str | None = None) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"message": message, "type": "error", "code": code}}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (error(401, f"Incorrect API key provided: {KEY}."), "set OPENAI_API_KEY to a key that it knows"),
        (error(401, f"Incorrect API key provided: {KEY[:8]}***cdef."), "status 401"),
        (error(403, "not you"), "status 403"),
        (error(404, "no such model"), "has no model 'm'"),
        (error(429, "pay first", "insufficient_quota"), "quota is used up"),
    ],
)
def test_what_concerns_all_requests_stops_the_run(server: LlmServer, reply: Any, said: str) -> None:
    server.misbehave = lambda body: reply if "label 5" in body["messages"][0]["content"] else None
    with pytest.raises(EndpointRefusesError) as caught:
        ask(requests(40), concurrency=2)
    assert said in str(caught.value)
    assert KEY not in str(caught.value)
    assert KEY[:8] not in str(caught.value)
    asked = len(server.bodies)
    assert asked < 40
    server.misbehave = None
    ask(requests(40))
    assert len(server.bodies) == 40 + 1, "what was answered before is kept"


def test_a_request_that_fails_costs_itself_alone_and_is_asked_again(server: LlmServer) -> None:
    server.misbehave = lambda body: error(500, "oh") if '"label 7"' in body["messages"][0]["content"] else None
    found = ask(requests(20))
    assert [number for number, each in enumerate(found) if isinstance(each, NoAnswer)] == [7]
    assert found[7] == NoAnswer(SERVER_ERROR, "status 500: oh")
    server.misbehave = None
    before = len(server.bodies)
    assert all(isinstance(each, Answer) for each in ask(requests(20)))
    assert len(server.bodies) == before + 1


def test_a_rejected_request_is_told_from_one_that_failed(server: LlmServer) -> None:
    server.misbehave = lambda body: error(400, "filtered") if '"label 3"' in body["messages"][0]["content"] else None
    found = ask(requests(5))
    assert found[3] == NoAnswer(REJECTED, "status 400: filtered")


def test_retries_are_the_clients(server: LlmServer) -> None:
    failures = iter([error(503, "busy"), error(429, "slow down")])
    server.misbehave = lambda _: next(failures, None)
    assert isinstance(ask(requests(1), retries=3)[0], Answer)
    assert len(server.bodies) == 3


def test_an_endpoint_where_everything_fails_is_given_up(server: LlmServer) -> None:
    server.misbehave = lambda _: error(400, "unknown field top_k")
    with pytest.raises(
        EndpointRefusesError, match=r"given up: the first 5 requests were all rejected; .* unknown field"
    ):
        ask(requests(500), concurrency=1, give_up_after=5)
    assert len(server.bodies) == 5


@pytest.mark.parametrize(
    "reply",
    [
        {"error": "?"},
        {"choices": []},
        {"choices": [{"index": 0}]},
        {"choices": [{"index": 0, "message": {"content": ["a", "list"]}}]},
        {"choices": "none"},
        [],
    ],
)
def test_an_answer_that_is_no_completion(server: LlmServer, reply: Any) -> None:
    server.misbehave = lambda _: (200, reply)
    [found] = ask(requests(1))
    assert isinstance(found, NoAnswer)
    assert found.reason == NO_COMPLETION
    assert "is no chat completion" in found.why


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    [found] = ask(requests(1), give_up_after=2)
    assert isinstance(found, NoAnswer)
    assert found.reason == CONNECTION_LOST
    assert "cannot connect to 127.0.0.1:9: connection refused" in found.why


def test_a_refusal_in_its_own_field(server: LlmServer) -> None:
    message = {"role": "assistant", "content": None, "refusal": "I will not."}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    server.misbehave = lambda _: (
        200,
        {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]},
    )
    [found] = ask(requests(1))
    assert isinstance(found, Answer)
    assert (found.completion, found.finish_reason, found.request_id) == ("I will not.", "refusal", "1")


def test_a_server_that_is_slower_than_the_patience(server: LlmServer) -> None:
    def slow(_: Any) -> None:
        time.sleep(1)

    server.misbehave = slow
    [found] = ask(requests(1), timeout_s=0.2)
    assert found == NoAnswer(TIMED_OUT, "Timeout on reading data from socket")


def test_nothing_of_the_key_is_kept(server: LlmServer) -> None:
    ask(requests(3))
    assert server.keys == [f"Bearer {KEY}"] * 3
    for path in store_path().parent.iterdir():
        assert KEY.encode() not in path.read_bytes()
        assert server.url.encode() not in path.read_bytes()


def test_an_answer_that_cannot_be_kept_stops_the_run(server: LlmServer) -> None:
    ask(requests(1))
    with sqlite3.connect(store_path()) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    with pytest.raises(StoreError, match="disk is full"):
        ask(requests(50), concurrency=2)
    assert len(server.bodies) < 10


def test_a_broken_recording_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "recordings.jsonl"
    for line in ("{", "[]", '{"key": "a"}', '{"key": "a", "answer": {"completion": 1}}', '{"key": 1, "answer": {}}'):
        path.write_text(line + "\n")
        with pytest.raises(InputError, match=r"recordings.jsonl:1: is no recorded answer"):
            read_recordings(path)


def test_no_store_is_made_where_none_is_needed() -> None:
    with sources() as opened:
        assert list(opened.ask([])) == []
    assert not store_path().exists()


def test_answers_say_where_they_come_from(server: LlmServer) -> None:
    [found] = ask(requests(1))
    assert isinstance(found, Answer)
    assert (found.model, found.request_id, found.batch) == ("m", "test", False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.answered_at or "")
    assert found.seconds is not None
    assert ask(requests(1)) == [found], "from the store it says the same"
    assert len(server.bodies) == 1


def test_a_forecast_sends_nothing_and_judges_by_what_was_answered(server: LlmServer) -> None:
    ask(requests(10))
    with sources(concurrency=5, requests_per_minute=60.0) as opened:
        told = opened.forecast(requests(40))
    assert len(server.bodies) == 10
    assert (told.requests, told.at_hand, told.missing) == (40, 10, 30)
    assert told.prompt_tokens == pytest.approx(30 * 8, abs=40)
    assert told.minutes == pytest.approx(0.5, abs=0.01), "thirty requests at sixty a minute"
    assert told.dollars == pytest.approx((told.prompt_tokens * 0.25 + told.completion_tokens * 2) / 1e6)
    assert told.most_dollars is None, "nothing limits a completion"
    assert "these: 40 requests, 10 answered already, 30 to ask" in str(told)


def test_a_forecast_with_nothing_to_go_by() -> None:
    limited = [ChatRequest("m", each.messages, {"max_tokens": 100}) for each in requests(4)]
    with sources() as opened:
        told = opened.forecast(limited)
    assert told.completion_tokens == 400
    assert told.most_dollars == told.dollars
