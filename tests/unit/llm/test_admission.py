"""Admission in simulated time, against endpoints whose rate it does not know."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.llm.admission import Admission, Ticket, TokenBucket


@dataclass(frozen=True)
class Outcome:
    seconds: float
    refused: int
    refused_late: int  # after the first three seconds: once the rate has been found
    longest_stall: float  # without one request being admitted


def simulate(
    admission: Admission, count: float, rate: float, burst: float, latency: float, *, jitter: float = 0.2,
    retry_after: float | None = None, later: tuple[float, float] | None = None,
) -> Outcome:  # fmt: skip
    """Send `count` requests to a token bucket of `rate` and `burst`; from `later[0]` on its rate is `later[1]`."""
    generator = random.Random(1)
    now, level, at, last = 0.0, burst, 0.0, 0.0
    waiting, done, refused, late, stall = int(count), 0, 0, 0, 0.0
    events: list[tuple[float, int, bool, Ticket]] = []
    order = itertools.count()
    while done < int(count):
        wait = 0.0
        while waiting and (wait := admission.wait(now, 0)) <= 0:
            ticket = admission.sent(now, 0)
            waiting -= 1
            level = min(burst, level + (now - at) * (later[1] if later and now >= later[0] else rate))
            at = now
            if admitted := level >= 1:
                level -= 1
                stall, last = max(stall, now - last), now
            when = now + (latency * (1 + jitter * generator.random()) if admitted else 0.002)
            heapq.heappush(events, (when, next(order), admitted, ticket))
        times = [events[0][0]] if events else []
        now = max(now + 1e-9, min([*times, *([now + wait] if waiting and wait < math.inf else [])]))
        while events and events[0][0] <= now:
            _, _, admitted, ticket = heapq.heappop(events)
            if admitted:
                admission.came_back(ticket, now, None)
                done += 1
            else:
                admission.was_refused(ticket, now, retry_after)
                refused, late, waiting = refused + 1, late + (now > 3), waiting + 1
    return Outcome(now, refused, late, stall)


@pytest.mark.parametrize("latency", [0.2, 2.0])
@pytest.mark.parametrize("burst", [1, 15, 150, 1500])
def test_an_unknown_rate_is_found_and_used(burst: float, latency: float) -> None:
    count = 4500 + burst
    found = simulate(Admission(int(150 * latency * 3) + 10), count, 150, burst, latency)
    ideal = (count - burst) / 150 + latency
    assert found.seconds <= 1.15 * ideal
    assert found.refused_late < 0.01 * count
    assert found.longest_stall < max(1.5, 1.3 * latency)


@pytest.mark.parametrize("rate", [20, 1000])
def test_slow_and_fast_endpoints(rate: int) -> None:
    found = simulate(Admission(rate), rate * 30, rate, rate / 10, 0.2)
    assert found.seconds <= 1.3 * 30
    assert found.refused_late < 0.02 * rate * 30


def test_without_refusals_nothing_is_held_back() -> None:
    found = simulate(Admission(100), 2000, 1e9, 1e9, 0.2, jitter=0.0)
    assert found.seconds == pytest.approx(20 * 0.2, rel=0.01)
    assert found.refused == 0


def test_a_rate_that_falls_and_one_that_rises() -> None:
    fell = simulate(Admission(200), 1500 + 1500, 150, 15, 0.2, later=(10.0, 75))
    assert fell.seconds <= 1.1 * 30
    rose = simulate(Admission(200), 1500 + 6000, 150, 15, 0.2, later=(10.0, 300))
    assert rose.seconds <= 1.3 * 30


def test_a_pause_that_is_asked_for_is_kept_and_costs_little() -> None:
    found = simulate(Admission(100), 9000, 150, 15, 0.2, retry_after=1.0)
    assert found.seconds <= 1.25 * 60


def test_one_cut_for_each_burst() -> None:
    admission = Admission(100)
    tickets = [admission.sent(0.0, 0) for _ in range(60)]
    admission.was_refused(tickets[0], 0.01, None)
    pace = admission.pace
    for ticket in tickets[1:]:
        admission.was_refused(ticket, 0.02, None)
    assert admission.pace == pace
    assert admission.refused == 60
    admission.was_refused(admission.sent(1.0, 0), 1.1, None)
    assert admission.pace < pace


def test_places_and_holds() -> None:
    admission = Admission(2)
    first = admission.sent(0.0, 0)
    admission.sent(0.0, 0)
    assert admission.wait(0.0, 0) == math.inf
    admission.came_back(first, 1.0, None)
    assert admission.wait(1.0, 0) == 0
    admission.hold(1.0, 5.0)
    assert admission.wait(2.0, 0) == pytest.approx(4.0)


def test_tokens_are_given_back_and_taken_after() -> None:
    admission = Admission(100, tokens_per_minute=60_000)  # a thousand a second
    ticket = admission.sent(0.0, 900)
    assert admission.wait(0.0, 900) > 0.5
    admission.came_back(ticket, 0.0, 100)
    assert admission.wait(0.0, 900) == 0
    ticket = admission.sent(0.0, 100)
    admission.came_back(ticket, 0.0, 2000)
    assert admission.wait(0.0, 100) > 1.0


@settings(max_examples=60)
@given(st.floats(1, 5000), st.lists(st.floats(0, 3), min_size=1, max_size=150))
def test_a_bucket_never_lets_more_through_in_a_minute(per_minute: float, gaps: list[float]) -> None:
    bucket, now, taken = TokenBucket(per_minute), 0.0, list[float]()
    for gap in gaps:
        now += gap
        for _ in range(60):
            if bucket.wait(now, 1) > 1e-9:
                break
            bucket.take(now, 1)
            taken.append(now)
    for start in taken:
        assert sum(start <= each < start + 60 for each in taken) <= per_minute + 1e-6 or per_minute < 2


def test_a_bucket_is_used_fully() -> None:
    bucket, now = TokenBucket(600), 0.0
    for _ in range(600):
        now += bucket.wait(now, 1)
        bucket.take(now, 1)
    assert now == pytest.approx(60, rel=0.03)
