from __future__ import annotations

import math

from stages.core.params import load_everything
from stages.llm.breaker import Breaker
from stages.llm.chat import CONNECTION_LOST, REJECTED, SERVER_ERROR, NoAnswer
from tests.conftest import ROOT

DOWN, NOT_THIS = NoAnswer(SERVER_ERROR, "down"), NoAnswer(REJECTED, "not this")
NOBODY = NoAnswer(CONNECTION_LOST, "nobody there")


def breaker() -> Breaker:
    ops = load_everything(ROOT / "params.yaml").ops
    return Breaker(ops.model_copy(update={"give_up_after": 3, "patience_s": 10.0}))


def test_it_opens_rests_tries_one_and_closes() -> None:
    it = breaker()
    assert [it.failed(DOWN, 0.0) for _ in range(2)] == [None, None]
    assert it.wait(0.0, 5) == 0
    it.failed(DOWN, 0.0)
    it.failed(DOWN, 0.1)  # was on its way
    assert it.open
    assert it.wait(0.2, 1) == math.inf, "what is on its way comes back first"
    assert it.wait(0.25, 0) == 0.75
    assert it.wait(1.0, 0) == 0
    it.failed(DOWN, 1.0)
    assert it.wait(1.0, 0) == 2.0, "the rests become longer"
    it.answered()
    assert it.wait(1.1, 7) == 0
    assert not it.open


def test_it_has_had_enough_after_its_patience() -> None:
    it = breaker()
    for now in (0.0, 1.0, 2.0, 5.0):
        assert it.failed(DOWN, now) is None
    assert it.failed(DOWN, 10.0) == "5 requests in a row failed, for 10 s; the last: down"


def test_rejections_count_until_something_was_answered() -> None:
    it = breaker()
    it.failed(NOT_THIS, 0.0)
    it.failed(NOT_THIS, 0.0)
    assert it.failed(NOT_THIS, 0.0) == "the first 3 requests were all rejected; the last: not this"
    it.answered()
    assert all(it.failed(NOT_THIS, 0.0) is None for _ in range(50))
    assert not it.open


def test_where_waiting_mends_nothing_a_few_tries_are_enough() -> None:
    it = breaker()
    assert [it.failed(NOBODY, now, 7.0) for now in (0.0, 3.0)] == [None, None]
    assert it.failed(NOBODY, 6.9, 7.0) is None, "a server that is starting has its time"
    assert it.failed(NOBODY, 7.0, 7.0) == "nothing was answered: nobody there"
    assert [breaker().failed(NOBODY, 0.0, 0.0) for _ in range(2)] == [None, None]
    it = breaker()
    it.answered()
    assert all(it.failed(NOBODY, now, 0.0) is None for now in (0.0, 1.0, 2.0, 3.0)), "an outage is waited for"


def test_the_user_hears_of_the_first_failures_and_of_an_outage() -> None:
    ops = load_everything(ROOT / "params.yaml").ops.model_copy(update={"give_up_after": 5, "patience_s": 10.0})
    it, told = Breaker(ops), list[bool]()
    for now in range(5):
        it.failed(DOWN, float(now))
        told.append(it.to_be_told)
    assert told == [False, False, True, False, False]
    it.answered()
    told.clear()
    for now in range(6):
        it.failed(DOWN, float(now))
        told.append(it.to_be_told)
    assert told == [False, False, False, False, True, False]
