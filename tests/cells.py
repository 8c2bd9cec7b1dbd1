"""Cells of the grid through their stages, one after the other as dvc.yaml has them, in this process."""

from __future__ import annotations

from importlib import import_module

OF_METHOD = ("prompts", "generate", "refill", "clean", "judge", "validate", "annotate", "study")
OF_STUDENT = ("train", "evaluate", "curve")


def through(task: str, method: str, first: str, last: str, *, student: str = "tfidf") -> None:
    """Run a cell through the stages from the first to the last of these names."""
    order = (*OF_METHOD, *OF_STUDENT)
    for name in order[order.index(first) : order.index(last) + 1]:
        cell = (task, method, student) if name in OF_STUDENT else (task, method)
        import_module(f"stages.{name}").main(*cell)


def sum_up(task: str, *methods: str) -> None:
    """What comes when all cells are there: stages `dispute` and `report`."""
    for method in methods:
        import_module("stages.dispute").main(task, method)
    import_module("stages.report").main()
