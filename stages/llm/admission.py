"""Admission: when the next request may be sent, so that an endpoint is used fully and seldom has to refuse.

An endpoint that refuses (status 429) does not say what rate it admits. It is found out as TCP finds out what a
network bears (Jacobson 1988; Chiu and Jain 1989: additive increase, multiplicative decrease): a pace that rises a
little with each request, and is cut once for each burst of refusals, that is, once for all requests that were on
their way when the first of them was refused. The pace, and not the number in flight, is what is steered: a refusal
comes at once and frees its place, so that a mere limit on places would be answered by refusals at full speed.

Nothing here waits or looks at a clock: times are given, in seconds from anywhere, so that a simulation can be exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# The numbers were chosen in simulations over endpoints of 5 to 1,000 requests a second with bursts of 1 request to ten
# seconds' worth and latencies of 0.05 to 10 s (tests/unit/llm/test_admission.py holds a part of them).
_SEARCH_GAIN = 0.01  # growth of the pace for each request, while the rate has not been found
_GAIN = 0.00005  # and after; it accelerates with the square of the requests since the last cut
_GAIN_SCALE = 300  # requests after which that growth has doubled
_CUT, _SEARCH_CUT, _HARD_CUT = 0.97, 0.9, 0.7
_TELLING, _TELLING_S = 20, 0.1  # requests and seconds since the last cut that make the pace between them telling
_SHORT = 100  # requests since the last cut below which that cut was too small
_HEAVY = 0.1  # share of the last burst's requests above which the pace was far off: what was admitted tells how far
_LONGEST_HOLD_S = 0.25  # a pause after a cut, for what is on its way to come back
_SLOWEST = 0.05  # requests a second
_REST = 20  # a pause that the endpoint asked for is to be a twentieth of the time at most


class TokenBucket:
    """So many a minute, at an even pace, with one second's worth at once at most.

    In any minute it lets through no more than `per_minute`, the second's worth included.
    """

    def __init__(self, per_minute: float) -> None:
        self._size = max(1.0, per_minute / 60)
        self._refill = max((per_minute - self._size) / 60, per_minute / 120)
        self._level, self._at = self._size, -math.inf

    def wait(self, now: float, amount: float) -> float:
        """Seconds until `amount` is there; more than fits waits until the bucket is full."""
        short = min(amount, self._size) - self._level_at(now)
        return max(0.0, short / self._refill)

    def take(self, now: float, amount: float) -> None:
        """Take `amount`; what is not there is owed. A negative amount is given back."""
        self._level, self._at = min(self._size, self._level_at(now) - amount), now

    def _level_at(self, now: float) -> float:
        return (
            min(self._size, self._level + self._refill * max(0.0, now - self._at))
            if self._at > -math.inf
            else self._size
        )


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that was sent: when, and how many tokens were taken for it."""

    at: float
    tokens: float


class Admission:
    """Decides when the next request may be sent.

    Args:
        places: Requests in flight at most.
        requests_per_minute: A known limit; None for none.
        tokens_per_minute: Likewise.

    Attributes:
        in_flight: Requests that were sent and have not come back.
        refused: Requests that were refused so far.
        pace: Requests a second that are sent at most; infinite as long as nothing was refused.
    """

    def __init__(
        self, places: int, requests_per_minute: float | None = None, tokens_per_minute: float | None = None
    ) -> None:
        self._places = places
        self._requests = TokenBucket(requests_per_minute) if requests_per_minute else None
        self._tokens = TokenBucket(tokens_per_minute) if tokens_per_minute else None
        self.in_flight = self.refused = 0
        self.pace = math.inf
        self._searching = True
        self._next = self._hold = self._steady_until = -math.inf
        self._last_cut = -math.inf
        self._started = math.inf
        self._since_cut = self._before_cut = self._in_burst = self._grown = 0

    def wait(self, now: float, tokens: float) -> float:
        """Seconds until a request of about so many tokens may be sent: 0 for now, infinite for when a place is free."""
        if self.in_flight >= self._places:
            return math.inf
        return max(
            0.0,
            self._next - now,
            self._hold - now,
            self._requests.wait(now, 1) if self._requests else 0.0,
            self._tokens.wait(now, tokens) if self._tokens else 0.0,
        )

    def sent(self, now: float, tokens: float) -> Ticket:
        """Note that a request is sent."""
        self._started = min(self._started, now)
        self.in_flight += 1
        self._since_cut += 1
        if self.pace < math.inf:
            self._grow(now)
            self._next = max(self._next, now - 2 / self.pace) + 1 / self.pace
        if self._requests:
            self._requests.take(now, 1)
        if self._tokens:
            self._tokens.take(now, tokens)
        return Ticket(now, tokens)

    def came_back(self, ticket: Ticket, now: float, tokens: float | None) -> None:
        """Note an answer, or a failure that was no refusal, and how many tokens it took; None where nobody knows."""
        self.in_flight -= 1
        if self._tokens and tokens is not None:
            self._tokens.take(now, tokens - ticket.tokens)

    def was_refused(self, ticket: Ticket, now: float, pause: float | None) -> None:
        """Note a refusal, and for how long the endpoint asks to be left alone; None where it does not say."""
        self.in_flight -= 1
        self.refused += 1
        if self._tokens:
            self._tokens.take(now, -ticket.tokens)
        if pause:
            self.hold(now, pause)
            self._steady_until = max(self._steady_until, now + _REST * pause)
        if ticket.at <= self._last_cut:
            self._in_burst += bool(self._in_burst)
            return
        self._cut(now)

    def hold(self, now: float, seconds: float) -> None:
        """Send nothing for so long."""
        self._hold = max(self._hold, now + seconds)

    def _grow(self, now: float) -> None:
        if self._searching:
            self.pace *= 1 + _SEARCH_GAIN
        elif now >= self._steady_until:
            self._grown += 1
            self.pace *= 1 + _GAIN * (1 + (self._grown / _GAIN_SCALE) ** 2)

    def _cut(self, now: float) -> None:
        sent, self._since_cut = self._since_cut, 0
        took = now - max(self._hold, self._started)
        telling = sent >= _TELLING and took > _TELLING_S
        measured = sent / took if telling else math.inf
        heavy = self._in_burst / self._before_cut if self._before_cut >= _TELLING else 0.0
        known = self.pace < math.inf or telling
        if self.pace == math.inf:
            self.pace = measured * _SEARCH_CUT if telling else max(1.0, self._places / 2)
        elif heavy > _HEAVY:
            self.pace *= max(0.2, min(_SEARCH_CUT, 1 - heavy))
        elif sent < _TELLING:
            self.pace *= _HARD_CUT if self._searching else _SEARCH_CUT
        elif self._searching or sent < _SHORT:
            self.pace *= _SEARCH_CUT
            self._searching = False
        else:
            self.pace = min(self.pace * _CUT, measured)
        self.pace = max(self.pace, _SLOWEST)
        self._last_cut, self._before_cut, self._in_burst, self._grown = now, sent, int(known), 0
        self.hold(now, min(_LONGEST_HOLD_S, 5 / self.pace))
        self._next = self._hold
