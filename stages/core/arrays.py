"""Arrays, by what is in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def connected(alike: Any) -> Ints:
    """Numbers of groups of (n,) things, from 0 in the order of their first ones.

    Args:
        alike: A sparse (n, n) matrix with a value wherever two are alike; what is alike to a member belongs to its
            group.
    """
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - half a second that not every stage pays

    _, groups = connected_components(alike, directed=False)
    _, first, numbers = np.unique(groups, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[numbers], dtype=np.int64)
