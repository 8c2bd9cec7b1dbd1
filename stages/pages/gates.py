"""What became of the planned texts of each method: thrown out, and why; and the verdict of the gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.checks.verdict import found_in
from stages.core import files, paths

if TYPE_CHECKING:
    from stages.core.files import Json

_NO_REASONS = ("planned", "accepted", "rejected")


@dataclass(frozen=True, slots=True)
class Checked:
    """The texts of one method.

    Attributes:
        reasons: How many texts were thrown out for each reason, the commonest first.
        gates: How many there are.
        failed: Those that stop the run: name, what was wanted, and the worst that was found.
        warned: Likewise those that only warn.
        page: The validation page, from the report's place.
    """

    method: str
    planned: int
    accepted: int
    reasons: list[tuple[str, int]]
    gates: int
    failed: list[tuple[str, str, str]]
    warned: list[tuple[str, str, str]]
    page: str


def read_checked(task: str, method: str) -> Checked:
    """What stages `clean` and `validate` found.

    Raises:
        ArtifactError: the metrics of one are missing.
    """
    counts = files.read_json(paths.clean_metrics(task, method), "clean")
    verdict = files.read_json(paths.verdict_file(task, method), "validate")
    # Besides counts there is what was reported of values, which is no reason.
    reasons = [(name, n) for name, n in counts.items() if isinstance(n, int) and name not in _NO_REASONS]
    failed, warned = (
        [_missed(each) for each in verdict["results"] if not each["passed"] and each["severity"] == severity]
        for severity in ("fail", "warn")
    )
    return Checked(
        method,
        counts["planned"],
        counts["accepted"],
        sorted(((spoken(name), n) for name, n in reasons), key=lambda each: (-each[1], each[0])),
        verdict["gates"],
        failed,
        warned,
        f"../{paths.validation_page(task, method).relative_to(paths.DATA).as_posix()}",
    )


def spoken(name: str) -> str:
    """A name of ours as words."""
    return name.replace("_", " ")


def _missed(result: Json) -> tuple[str, str, str]:
    worst = result["worst"]
    return spoken(result["gate"]), result["limit"], found_in(worst[0]) if worst else ""
