"""What was paid besides the texts."""

from __future__ import annotations

from typing import Any

import pytest

from stages.core import files, paths
from stages.pages.besides import paid_besides
from tests.small_grid import METHODS, TASK, write_grid


def cost(tokens: int, dollars: float | None) -> dict[str, Any]:
    return {"prompt_tokens": tokens - 1 if tokens else 0, "completion_tokens": min(tokens, 1), "dollars": dollars}


@pytest.mark.usefixtures("project")
def test_each_methods_texts_count_and_the_real_ones_once() -> None:
    write_grid()
    for method, mine, real in zip(METHODS, (100, 30), (1000, 400), strict=True):
        asked = {**cost(mine, mine / 1e5), "real": cost(real, real / 1e5)}
        files.write_json(paths.annotate_metrics(TASK, method), asked)
    assert paid_besides(TASK, METHODS) == [
        "finding the attributes 1,000 tokens ($0.0100)",
        "annotating texts 1,130 tokens ($0.0113)",
        "judging texts 440 tokens ($0.0040)",
    ]


@pytest.mark.usefixtures("project")
def test_what_was_not_asked_is_not_named_and_no_price_is_made_up() -> None:
    write_grid()
    nothing = {**cost(0, 0.0), "real": cost(0, 0.0)}
    unpriced = {**cost(50, None), "real": cost(70, None)}
    files.write_json(paths.attributes_metrics(TASK), cost(0, 0.0))
    files.write_json(paths.judge_metrics(TASK, METHODS[1]), {"asked": nothing})
    assert paid_besides(TASK, METHODS) == []
    files.write_json(paths.judge_metrics(TASK, METHODS[0]), {"asked": unpriced})
    assert paid_besides(TASK, METHODS) == ["judging texts 120 tokens"]
