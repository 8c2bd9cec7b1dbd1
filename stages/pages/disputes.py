"""Texts whose label students of other texts dispute: to be read by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json

_SHOWN = 20  # of a method


def read_disputes(task: str, methods: Sequence[str]) -> dict[str, Json]:
    """By method, what stage `dispute` found: judges, checked, disputed, and the most disputed texts.

    Methods without a disputed text are left out.

    Raises:
        ArtifactError: a file is missing, or is not what the stage writes.
    """
    found = {method: files.read_json(paths.dispute_metrics(task, method), "dispute") for method in methods}
    return {method: {**each, "texts": each["texts"][:_SHOWN]} for method, each in found.items() if each["disputed"]}
