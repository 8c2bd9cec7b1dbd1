"""What is told of requests that came to nothing, and when there are too many of them to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import cli
from stages.core.errors import RequestsFailedError
from stages.llm.chat import NO_ANSWER_REASONS, USELESS

if TYPE_CHECKING:
    from collections import Counter

    from stages.core.sections import Ops


def tell_failed(name: str, requests: int, failed: Counter[str], ops: Ops, cell: str) -> None:
    """Tell how many requests got no answer, or one of no use; nothing where all did.

    An answer of no use costs its own texts alone, and another may be no better, so only where all are it is an error.

    Args:
        name: Whose requests.
        requests: How many there were.
        failed: How many got none, by reason.
        ops: What share of them is too many.
        cell: The stage's cell in DVC, which asks for these alone if it is run again.

    Raises:
        RequestsFailedError: there are too many.
    """
    if not failed:
        return
    shown = ", ".join(f"{failed[reason]} {reason}" for reason in NO_ANSWER_REASONS if failed[reason])
    said = f"{name}: {failed.total()} of {requests} requests got no answer ({shown})"
    if failed.total() - failed[USELESS] > ops.max_failed_share * requests or failed.total() == requests:
        raise RequestsFailedError(
            f"{said}. The others are kept, and the next run asks for these alone; "
            f"to go on without them, raise ops.max_failed_share ({ops.max_failed_share:g}) in params.yaml"
        )
    cli.say(f"{said}; dvc repro --force --single-item {cell} asks for these alone")
