from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.llm.limits import duration, wait_asked_for, wait_until_reset


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "400", "retry-after": "1"}, 0.4),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked_for(headers) == seconds


def test_a_date() -> None:
    waits = wait_asked_for({"retry-after": formatdate(time.time() + 30, usegmt=True)})
    assert waits == pytest.approx(30, abs=2)
    assert wait_asked_for({"retry-after": formatdate(0, usegmt=True)}) == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("7", 7),
        ("2d", 172800),
        ("1s 500ms", 1.5),
        ("", None),
        ("x", None),
        ("5parsecs", None),
        (None, None),
    ],
)
def test_durations(text: str | None, seconds: float | None) -> None:
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


def test_nothing_left_until_the_reset() -> None:
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1.5s"}
    assert wait_until_reset(used_up) == 1.5
    both = {**used_up, "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "3s"}
    assert wait_until_reset(both) == 3.0
    assert wait_until_reset({**used_up, "x-ratelimit-remaining-requests": "4"}) == 0
    assert wait_until_reset({"x-ratelimit-remaining-requests": "0"}) == 0
    assert wait_until_reset({}) == 0


@given(st.text(), st.text())
def test_any_header_is_survived(one: str, two: str) -> None:
    wait_asked_for({"retry-after": one, "retry-after-ms": two})
    wait_until_reset({"x-ratelimit-remaining-tokens": one, "x-ratelimit-reset-tokens": two})
