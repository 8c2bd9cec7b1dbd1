"""Texts whose label another student disputes, where somebody looked for them: to be read by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json

_SHOWN = 20  # of a method


def read_disputes(task: str, methods: Sequence[str]) -> dict[str, Json]:
    """By method, the most disputed texts (texts) and how many there are (of); no method that was not looked at.

    Each text has text, label, instead (the label that it was given), probability (of that), by (whom).

    Raises:
        ArtifactError: a file is there, and is not what stage `dispute` writes.
    """
    there = {method: paths.dispute_file(task, method) for method in methods}
    found = {method: files.read_json(path, "dispute")["texts"] for method, path in there.items() if path.exists()}
    return {
        method: {"texts": sorted(texts, key=lambda each: -each["probability"])[:_SHOWN], "of": len(texts)}
        for method, texts in found.items()
        if texts
    }
