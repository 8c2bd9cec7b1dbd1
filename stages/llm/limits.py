"""What endpoints say about their limits in headers, in seconds from now.

Retry-After: 2              Retry-After: Fri, 20 Nov 2026 12:00:00 GMT          retry-after-ms: 400
x-ratelimit-remaining-requests: 0       x-ratelimit-reset-requests: 6m0s        (and -tokens)
"""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|h|m|s|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def wait_asked_for(headers: Mapping[str, str]) -> float | None:
    """How long a refused request is to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    said = headers.get("retry-after")
    if said is None or (seconds := _number(said)) is not None:
        return None if said is None else seconds
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def wait_until_reset(headers: Mapping[str, str]) -> float:
    """How long nothing will be admitted, by the `x-ratelimit-*` headers of any answer; 0 where something is left."""
    waits = [0.0]
    for what in ("requests", "tokens"):
        left = _number(headers.get(f"x-ratelimit-remaining-{what}"))
        reset = duration(headers.get(f"x-ratelimit-reset-{what}"))
        if left is not None and left < 1 and reset is not None:
            waits.append(reset)
    return max(waits)


def duration(text: str | None) -> float | None:
    """Seconds in `6m0s`, `120ms`, `1h2m3.5s` or `7`; None where it is nothing of the kind."""
    if text is None or (number := _number(text)) is not None:
        return None if text is None else number
    parts = _PARTS.findall(text.replace(" ", ""))
    if not parts or "".join(value + unit for value, unit in parts) != text.replace(" ", ""):
        return None
    return sum(float(value) * _SECONDS[unit] for value, unit in parts)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"\s*\d{1,12}(?:\.\d{1,9})?\s*", text) else None
