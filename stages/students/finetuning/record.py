"""What is told of a fine-tuning: how each seed did on the texts held out, and the curves of its epochs."""

from __future__ import annotations

import os
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from statistics import fmean, stdev
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SCORE = "held_out_macro_f1"
# dvclive looks here for an experiment that it would take part in, with Git, and for a server to report to.
_ELSEWHERE = ("DVC_ROOT", "DVC_EXP_BASELINE_REV", "DVC_EXP_NAME", "DVC_STUDIO_TOKEN", "DVCLIVE_RESUME", "DVCLIVE_TEST")


@dataclass(frozen=True, slots=True)
class SeedRecord:
    """One training.

    Attributes:
        seed: Its seed.
        kept: The number of the epoch whose weights were kept, from 1.
        epochs: As in `training.Progress`.
        held_out: Loss and macro-F1 on the texts held out of the weights that were kept; empty where there are none.
    """

    seed: int
    kept: int
    epochs: tuple[Mapping[str, float], ...]
    held_out: Mapping[str, float]

    @property
    def worth(self) -> tuple[float, float]:
        """What makes one better than another."""
        return self.held_out.get(SCORE, 0.0), -self.held_out.get("held_out_loss", 0.0)


def card_of(records: Sequence[SeedRecord], texts_held_out: int) -> dict[str, Any]:
    """The seeds for student.json: what each reached, which was kept; mean and standard deviation of their macro-F1."""
    best = max(records, key=lambda each: each.worth)
    rows = [
        {"seed": each.seed, "kept_epoch": each.kept, "epochs": len(each.epochs), **each.held_out} for each in records
    ]
    card: dict[str, Any] = {"seeds": rows, "kept_seed": best.seed, "texts_held_out": texts_held_out}
    scores = [each.held_out[SCORE] for each in records if SCORE in each.held_out]
    if scores:
        card[f"{SCORE}_mean"] = fmean(scores)
    if len(scores) > 1:
        card[f"{SCORE}_sd"] = stdev(scores)
    return card


def write_curves(folder: Path, records: Sequence[SeedRecord]) -> None:
    """A table for `dvc plots` of each figure and seed, by epoch: plots/metrics/<figure>/seed<seed>.tsv."""
    from dvclive.live import Live  # noqa: PLC0415 - a second that only this student pays

    path = folder.resolve()
    with _on_its_own(), Live(str(path), save_dvc_exp=False, dvcyaml=False) as live:
        for record in records:
            for row in record.epochs:
                live.step = int(row["epoch"])
                for name, value in row.items():
                    if name != "epoch":
                        live.log_metric(f"{name}/seed{record.seed}", value)


@contextmanager
def _on_its_own() -> Iterator[None]:
    """Away from the repository, so that nothing that dvclive does reaches DVC, Git or a server."""
    before = {name: os.environ.pop(name) for name in _ELSEWHERE if name in os.environ}
    offline = os.environ.get("DVC_STUDIO_OFFLINE")
    os.environ["DVC_STUDIO_OFFLINE"] = "true"
    try:
        with TemporaryDirectory() as nowhere, chdir(nowhere):
            yield
    finally:
        del os.environ["DVC_STUDIO_OFFLINE"]
        os.environ.update(before if offline is None else {**before, "DVC_STUDIO_OFFLINE": offline})
