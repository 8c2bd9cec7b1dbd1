"""The circuit breaker: where everything fails, do not go on asking, but do not give up at the first hiccup either."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stages.llm.chat import REJECTED, NoAnswer

if TYPE_CHECKING:
    from stages.core.sections import Ops

_FIRST_REST_S, _LONGEST_REST_S = 1.0, 15.0
_FEW = 3  # tries that are enough where waiting mends nothing


class Breaker:
    """Counts failures in a row. After `ops.give_up_after` of them it is open: one request at a time is let through,
    with longer and longer rests between; an answer closes it. After `ops.patience_s` without an answer it has had
    enough.

    Where nothing was ever answered, and failures are of a kind that waiting does not mend (a host that nobody knows), a
    few of them are enough.

    Requests that the endpoint rejects as such count only as long as nothing was ever answered: later they say something
    about those requests, and not about the endpoint.
    """

    def __init__(self, ops: Ops) -> None:
        self._limit, self._patience_s = ops.give_up_after, ops.patience_s
        self._in_a_row = self._rejected = 0
        self._ever = False
        self._since = self._rest_until = -math.inf
        self._rest_s = _FIRST_REST_S

    @property
    def open(self) -> bool:
        """Whether only one request at a time may be tried."""
        return self._in_a_row >= self._limit

    @property
    def to_be_told(self) -> bool:
        """Whether the last failure is one that the user should hear of at once: the first of many, by all signs."""
        return self._in_a_row == (self._limit if self._ever else min(_FEW, self._limit))

    def wait(self, now: float, in_flight: int) -> float:
        """Seconds until a request may be tried: infinite for when the one that is under way has come back."""
        if not self.open:
            return 0.0
        return math.inf if in_flight else max(0.0, self._rest_until - now)

    def answered(self) -> None:
        """Note an answer."""
        self._in_a_row = self._rejected = 0
        self._ever, self._rest_s = True, _FIRST_REST_S

    def failed(self, fault: NoAnswer, now: float, hopeless_after: float | None = None) -> str | None:
        """Note a failure; returns why enough is enough, or None.

        Args:
            fault: What went wrong.
            now: When.
            hopeless_after: Seconds after which waiting for the endpoint to come up is of no use; None: it may be.
        """
        if fault.reason == REJECTED and self._ever:
            return None
        if not self._in_a_row:
            self._since = now
        self._in_a_row += 1
        self._rejected += fault.reason == REJECTED
        failing_s = now - self._since
        hopeless = hopeless_after is not None and failing_s >= min(hopeless_after, self._patience_s)
        if hopeless and not self._ever and self._in_a_row >= _FEW:
            return f"nothing was answered: {fault.why}"
        if not self.open:
            return None
        if self._rejected == self._in_a_row:
            return f"the first {self._in_a_row} requests were all rejected; the last: {fault.why}"
        if failing_s >= self._patience_s:
            return f"{self._in_a_row} requests in a row failed, for {failing_s:.0f} s; the last: {fault.why}"
        if now >= self._rest_until:  # not for what was on its way before the rest began
            self._rest_until = now + self._rest_s
            self._rest_s = min(self._rest_s * 2, _LONGEST_REST_S)
        return None
