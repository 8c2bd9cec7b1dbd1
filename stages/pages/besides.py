"""What was paid for a task besides its texts: for its attributes, and to have texts looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.judged import judge_scores
from stages.measures.curves import Cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json


def paid_besides(task: str, methods: Sequence[str]) -> list[str]:
    """What took how many tokens and dollars, once for the task or of all methods together; nothing that was not asked.

    Raises:
        ArtifactError: a file is not what the stage writes.
    """
    annotated = [files.read_json(path, "annotate") for each in methods
                 if (path := paths.annotate_metrics(task, each)).exists()]  # fmt: skip
    judged = [scores["asked"] for each in methods if (scores := judge_scores(task, each))]
    costs = {
        "finding the attributes": Cost.of_metrics(files.read_json(paths.attributes_metrics(task), "attributes")),
        "annotating texts": _looked_at(annotated),
        "judging texts": _looked_at(judged),
    }
    return [f"{name} {paid(each)}" for name, each in costs.items() if each.tokens]


def paid(cost: Cost) -> str:
    """In words; no dollars where no price is known."""
    return f"{cost.tokens:,} tokens{'' if cost.dollars is None else f' (${cost.dollars:.4f})'}"


def _looked_at(asked: Sequence[Json]) -> Cost:
    """The methods' own texts, and the real ones once: all methods share the answers about them, where none is missing.

    Args:
        asked: What the stage counted of each method (see `design/showing.counted`).
    """
    real = max((Cost.of_metrics(each["real"]) for each in asked), key=lambda each: each.tokens or 0, default=Cost(0, 0))
    return sum((Cost.of_metrics(each) for each in asked), real)
