"""What tests of several rooms share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.small_grid import scores


@pytest.fixture
def summary() -> dict[str, Any]:
    """Of two methods and real training data, with a student: see `measures/summary`."""
    return {"notes": {
        "attributes": {"tokens": 1234, "dollars": None},
        "attrprompt": {"accepted": 90, "rejected": 10, "tokens": 2000, "dollars": 0.25, "tfidf": scores(0.8)},
        "gold": {"accepted": 500, "tfidf": scores(0.9)},
        "simprompt": {"accepted": 100, "rejected": 0, "tokens": 1000, "dollars": None, "tfidf": scores(0.7)},
    }}  # fmt: skip
