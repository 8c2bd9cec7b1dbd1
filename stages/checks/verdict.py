"""The verdict of the gates: as a record for `train`, as a table for the terminal, as a page to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core.errors import ArtifactError, GateError
from stages.core.files import file_sha256

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stages.core.files import Json


def verdict_of(results: Sequence[Json], accepted: Path) -> Json:
    """What is written for `train`: whether all gates passed, for exactly which file, and each gate's result."""
    failed = sum(not each["passed"] for each in results)
    return {
        "passed": not failed,
        "gates": len(results),
        "failed": failed,
        "sha256": file_sha256(accepted),
        "results": list(results),
    }


def must_have_passed(verdict: Json, accepted: Path) -> None:
    """See that the texts in `accepted` may be trained on.

    Raises:
        GateError: they failed a gate.
        ArtifactError: the verdict is about other texts.
    """
    if not verdict["passed"]:
        raise GateError(
            f"{accepted}: these texts failed {verdict['failed']} of {verdict['gates']} gates, so nothing trains "
            "on them; the page under data/validation says which"
        )
    if verdict["sha256"] != file_sha256(accepted):
        raise ArtifactError(
            f"{accepted}: is not the file that the gates passed; run dvc repro, which validates it first"
        )


def table_of_failures(results: Sequence[Json]) -> str:
    """What failed, by how much, and for which label or value, as lines for a terminal."""
    lines = list[str]()
    for each in results:
        if each["passed"]:
            continue
        lines.append(
            f"  {each['gate']}: wanted {each['limit']}; {each['failed']} of {each['checked']} {each['table']} do not"
        )
        lines += [f"      {found_in(row)}" for row in each["worst"]]
        if each["failed"] > len(each["worst"]) > 0:
            lines.append(f"      and {each['failed'] - len(each['worst'])} more")
    return "\n".join(lines)


def found_in(row: Json) -> str:
    """One row that failed a gate, in words: which one, and what was found."""
    name = " / ".join(
        f"{key} {row[key]}" for key in ("label", "attribute", "value", "index") if row.get(key) is not None
    )
    found = row["found"]
    return f"{name}: found {f'{found:.3g}' if isinstance(found, float) else repr(found)}"
