from __future__ import annotations

import pytest

from stages.core.bounds import part_of


@pytest.mark.parametrize(
    ("share", "count", "expected"),
    [(0.0, 30, 0), (0.1, 30, 3), (0.1, 31, 4), (0.7, 10, 7), (0.29, 100, 29), (1.0, 30, 30), (1e-3, 1, 1)],
)
def test_a_share_is_rounded_up_but_for_what_floats_add(share: float, count: int, expected: int) -> None:
    assert part_of(share, count) == expected
