"""The batch API of a server on loopback: nothing is paid for twice, and what fails is sent again alone."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from stages.core.errors import BudgetError, EndpointRefusesError, WaitingError
from stages.llm import batch_submit
from stages.llm.chat import REJECTED, SERVER_ERROR, TIMED_OUT, Answer, ChatRequest, NoAnswer, Outcome
from stages.llm.ledger import NANO
from stages.llm.store import Store
from tests.batch_server import BatchServer
from tests.faults.asking import KEY, requests, sources

COUNT = 60
BATCH = {"transport": "batch", "batch_poll_s": 0.05, "batch_wait": True}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def ask(server: BatchServer, store: Path, count: int = COUNT, price: float | None = None, **ops: Any) -> list[Outcome]:
    with sources(server.url, store, {**BATCH, **ops}, price=price) as opened:
        return list(opened.ask(requests(count, **({"max_tokens": 100} if price else {}))))


def test_a_batch_is_submitted_waited_for_and_collected(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with BatchServer(looks=3) as server:
        found = ask(server, store)
        assert [each.completion for each in found if isinstance(each, Answer)] == [
            f"answer to <{number}> please" for number in range(COUNT)
        ], "whatever the order of the results"
        assert all(isinstance(each, Answer) and each.batch and each.fingerprint == "fp_batch" for each in found)
        assert (server.calls["create"], server.calls["upload"], server.calls["look"]) == (1, 1, 4)
        ask(server, store)
        assert server.calls["create"] == 1, "nothing is asked twice"
    said = capsys.readouterr().err
    assert "batch batch_0 of 60 requests submitted" in said
    assert "batch batch_0: in_progress, 0 done" in said
    assert "all of 60 answers at hand" in said


def test_what_ends_a_line_for_others_is_part_of_an_answer(store: Path) -> None:
    """JSON may hold U+2028 as it is, and `str.splitlines` cuts it in two there: an answer that was paid for is lost."""
    odd = [
        ChatRequest("m", ({"role": "user", "content": f"one{mark}two"},), {}) for mark in "\u2028\u2029\u0085\x0b\x1e"
    ]
    with BatchServer() as server, sources(server.url, store, {**BATCH, "retries": 0}) as opened:
        found = [each.completion for each in opened.ask(odd) if isinstance(each, Answer)]
    assert found == [f"answer to {each.messages[0]['content']}" for each in odd]


def test_without_waiting_the_next_run_collects(store: Path) -> None:
    with BatchServer(looks=2) as server:
        for _ in range(2):
            with pytest.raises(WaitingError, match=r"batch_0: in_progress, 0 done .* 60 missing.*collects") as told:
                ask(server, store, batch_wait=False)
        assert "day at most" in str(told.value)
        assert len([each for each in ask(server, store, batch_wait=False) if isinstance(each, Answer)]) == COUNT
        assert server.calls["create"] == 1


def test_only_what_failed_is_sent_again(store: Path) -> None:
    def fate(prompt: str, sent: int) -> Any:
        if "<1" in prompt and sent == 1:
            return "expired"
        if "<2" in prompt and sent == 1:
            return (500, "internal")
        if "<3>" in prompt and sent == 1:
            return "lost"
        return None

    with BatchServer(fate=fate, status={0: "expired"}) as server:
        found = ask(server, store)
        assert not [each for each in found if isinstance(each, NoAnswer)]
        assert server.calls["create"] == 2
        again = {number for number in range(COUNT) if server.sent[f"<{number}> please"] == 2}
        assert again == {3, *(n for n in range(COUNT) if str(n)[0] in "12")}
        assert set(server.billed.values()) == {1}


def test_what_always_fails_costs_itself_alone(store: Path) -> None:
    fates: dict[str, Any] = {"<3>": (400, "bad"), "<4>": (500, "internal"), "<5>": "expired"}
    with BatchServer(fate=lambda prompt, _: fates.get(prompt.split()[0])) as server:
        found = ask(server, store, retries=1)
        failed = {n: each.reason for n, each in enumerate(found) if isinstance(each, NoAnswer)}
        assert failed == {3: REJECTED, 4: SERVER_ERROR, 5: TIMED_OUT}
        assert [server.sent[f"<{n}> please"] for n in (3, 4, 5, 6)] == [1, 2, 2, 1]
        server.fate = None
        assert not [each for each in ask(server, store) if isinstance(each, NoAnswer)], "the next run asks for them"
        assert sum(server.sent.values()) == COUNT + 2 + 3


def test_what_always_fails_ends_without_waiting_too(store: Path) -> None:
    with BatchServer(looks=0, fate=lambda prompt, _: (500, "internal") if "<3>" in prompt else None) as server:
        found: list[Outcome] = []
        for _ in range(10):
            try:
                found = ask(server, store, retries=2, batch_wait=False)
                break
            except WaitingError:
                continue
        assert [n for n, each in enumerate(found) if isinstance(each, NoAnswer)] == [3]
        assert server.sent["<3> please"] == 3


def test_a_batch_that_is_refused_as_a_whole(store: Path) -> None:
    with BatchServer(status={0: "failed"}) as server:
        with pytest.raises(EndpointRefusesError, match=r"did not take batch batch_0: too many tokens are enqueued"):
            ask(server, store)
        assert len([each for each in ask(server, store) if isinstance(each, Answer)]) == COUNT
        assert set(server.billed.values()) == {1}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("how", [0, 502])
def test_a_submission_that_is_cut_off_is_never_paid_for_twice(store: Path, moment: str, how: int) -> None:
    faults = iter([how])
    with BatchServer(create=lambda _, now: next(faults, None) if now == moment else None) as server:
        with pytest.raises(EndpointRefusesError, match="did not say whether it took a batch"):
            ask(server, store)
        for _ in range(5):  # others' batches in the list, above ours
            server.batches[f"other{len(server.batches)}"] = {"id": f"other{len(server.batches)}", "object": "batch",
                "endpoint": "x", "completion_window": "24h", "input_file_id": "x", "created_at": int(time.time()),
                "status": "completed", "metadata": None}  # fmt: skip
        assert len([each for each in ask(server, store) if isinstance(each, Answer)]) == COUNT
        assert server.calls["list"] >= (1 if moment == "before" else 3), "page by page"
        assert server.calls["create"] == 1
        assert set(server.billed.values()) == {1}


def test_batches_are_cut_to_size(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_submit, "MOST_REQUESTS", 25)
    with BatchServer(most=25) as server:
        assert len([each for each in ask(server, store) if isinstance(each, Answer)]) == COUNT
        assert [len(each["lines"]) for each in server.batches.values()] == [25, 25, 10]
    monkeypatch.setattr(batch_submit, "MOST_BYTES", 2000)
    with BatchServer() as server:
        ask(server, store.with_name("another"), count=40)
        sizes = [len(server.files[each["input_file_id"]]) for each in server.batches.values()]
        assert len(sizes) > 2
        assert max(sizes) <= 2000 < sizes[0] + 250
        assert set(server.billed.values()) == {1}
        assert len(server.billed) == 40


def test_the_limits_are_those_of_the_api() -> None:
    assert (batch_submit.MOST_REQUESTS, batch_submit.MOST_BYTES) == (50_000, 200_000_000)


def test_a_cap_holds_for_batches_at_half_the_price(store: Path) -> None:
    # A worst case is some 200 tokens at $1,000 for a million and half the price: $0.10; it costs 30 tokens, $0.015.
    with BatchServer() as server:
        with pytest.raises(BudgetError, match=r"the cap is reached: .*ops.max_usd \$0.5"):
            ask(server, store, price=1000.0, max_usd=0.5)
        billed = 0.5 * 30 * 1000e-6 * sum(server.billed.values())
        assert 0.35 < billed <= 0.5
        with Store(store) as opened:
            [spent] = opened.connection.execute("SELECT SUM(nanodollars) FROM spending").fetchone()
            assert spent == round(billed * NANO)
            assert opened.connection.execute("SELECT COUNT(*) FROM claims").fetchone() == (0,)
        assert len([e for e in ask(server, store, price=1000.0, max_usd=5.0) if isinstance(e, Answer)]) == COUNT
        assert set(server.billed.values()) == {1}


def test_what_is_in_a_batch_is_not_asked_directly(store: Path) -> None:
    with BatchServer(looks=5) as server:
        with pytest.raises(WaitingError):
            ask(server, store, batch_wait=False)
        with pytest.raises(WaitingError, match=r"60 answers are on their way in a batch.*ops.transport: batch"):
            ask(server, store, transport="direct")


def test_an_endpoint_without_a_batch_api(store: Path) -> None:
    with BatchServer() as server, sources(server.url + "/not", store, BATCH) as opened:
        with pytest.raises(EndpointRefusesError, match=r"has no batch API.*ops.transport: direct"):
            list(opened.ask(requests(3)))
        with Store(store) as kept:
            for table in ("claims", "batches", "batch_lines"):
                assert kept.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def test_a_key_that_is_not_let_in_is_not_told(store: Path) -> None:
    with BatchServer(key="another") as server:
        with pytest.raises(EndpointRefusesError, match=r"does not let us in.*\[key\]") as told:
            ask(server, store)
        assert KEY not in str(told.value)


def test_results_that_nobody_can_read(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with BatchServer(looks=0) as server:
        finish = server._finish

        def garble(batch: dict[str, Any]) -> None:
            finish(batch)
            name = batch["output_file_id"]
            good = [json.loads(line) for line in server.files[name].splitlines()]
            good[0]["response"]["body"] = "no completion"
            lines = [json.dumps(each) for each in good]
            server.files[name] = "\n".join([lines[0], *lines[2:], "{garbage", "null", '{"custom_id": 7}']).encode()

        monkeypatch.setattr(server, "_finish", garble)
        found = ask(server, store, retries=0)
        assert len([each for each in found if isinstance(each, NoAnswer)]) == 2, "the unreadable one and the lost one"
