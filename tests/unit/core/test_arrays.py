from __future__ import annotations

from scipy.sparse import coo_matrix

from stages.core.arrays import connected


def test_groups_are_numbered_by_their_first_members_and_hang_together_by_chains() -> None:
    pairs = [(5, 3), (3, 1), (4, 2)]
    alike = coo_matrix(([1] * 3, tuple(zip(*pairs, strict=True))), shape=(6, 6))
    assert connected(alike).tolist() == [0, 1, 2, 1, 2, 1]
