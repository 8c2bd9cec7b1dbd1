"""A bell to wait for, for one who would otherwise have to look again and again."""

from __future__ import annotations

import asyncio
import math


class Bell:
    """One waits, others ring. A ring that nobody waits for is lost: look whether there is work before waiting."""

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None

    async def wait(self, seconds: float) -> None:
        """Sleep until the bell is rung, or for so long; infinite for no limit."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = None if seconds == math.inf else loop.call_later(seconds, self.ring)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer:
                timer.cancel()

    def ring(self) -> None:
        """Wake who waits."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
