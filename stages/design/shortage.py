"""What is told of a refill: which labels took more texts and why, and which lack some in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.core.sections import Ops
    from stages.design.reserve import Refill

_SHOWN = 10  # labels


def told(refill: Refill, ops: Ops, cell: str) -> Iterator[str]:
    """A line for what was asked for, and a line for each reason why labels lack texts.

    Args:
        refill: When it is done.
        ops: Names the variables that an endpoint is set with.
        cell: The stage's cell in DVC, which asks for what is missing if it is run again.
    """
    more = {label: each for label, each in refill.labels.items() if each.asked}
    if more:
        requests, texts, accepted = (
            sum(getattr(each, what) for each in more.values()) for what in ("asked", "texts", "accepted")
        )
        labels = _listed(
            f"{label} ({', '.join(f'{count} {reason}' for reason, count in sorted(each.reasons.items()))})"
            for label, each in more.items()
        )
        yield f"{texts} texts more in {requests} requests of the reserve, {accepted} accepted; rejected of {labels}"
    lacking = dict[str, list[str]]()
    for label, texts in refill.judging.lacking.items():
        found = f"{label} has {refill.judging.taken[label]} of {refill.judging.taken[label] + texts}"
        lacking.setdefault(_why(refill, label, ops, cell), []).append(found)
    for why, each in lacking.items():
        yield f"fewer texts than were planned: {_listed(each)}; {why}"


def _why(refill: Refill, label: str, ops: Ops, cell: str) -> str:
    again = f"dvc repro --force --single-item {cell}"
    if any(each.label == label for each in refill.unreached):
        return (
            "the next requests of the reserve are neither recorded nor stored, and no endpoint is set: set "
            f"{ops.api_key_env}, or {ops.base_url_env} for a server of your own, and {again} asks for them"
        )
    if label in refill.held:
        return f"a request of the reserve got no answer; {again} asks for it"
    if not refill.labels[label].asked:
        return "no reserve is planned for them (prompts.reserve; where values are reported or texts imported, never)"
    return "the reserve is used up; raise prompts.reserve"


def _listed(found: Iterable[str]) -> str:
    each = list(found)
    rest = f" and {len(each) - _SHOWN} labels more" if len(each) > _SHOWN else ""
    return f"{', '.join(each[:_SHOWN])}{rest}"
