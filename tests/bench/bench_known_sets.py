"""Sets made elsewhere, beside the texts of people that they imitate: how varied, and what a classifier made of them.

python -m tests.bench.bench_known_sets [banking77 agnews]

Ten sets for the 77 intents of banking77 (their first ten texts an intent) and five for AG News (forty a class). The
similarity within a class has to be the one that their makers printed; accuracy is that of logistic regression (C = 8)
on a frozen encoder, as theirs.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.params import load_everything
from stages.measures.diversity import RealTexts, SetDiversity, Size, measure_diversity
from stages.measures.words import Words, drawn_rows
from stages.students import encoder as encoding
from stages.students.encoder import PACKAGED, Encoder
from stages.students.folder import fit_student
from stages.students.student import predict
from stages.students.training import TrainingSet
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection

DATA = ROOT.parent / "shared" / "data"
PEOPLE = 1_500  # texts of AG News that are drawn: to embed all of them takes most of an hour on a busy machine
MAKERS_TOKENS = 128  # where the makers cut a text before it was embedded
TOLERANCE = 0.002  # which ten texts an intent the figure of simprompt is of is not said: the first ten are 0.0015 off
# Similarity within a class, and accuracy, by their makers.
PUBLISHED = {
    "banking77": {
        "simprompt": (0.581, 0.757), "attrprompt": (0.477, 0.729), "simstyle": (0.540, 0.717),
        "context": (0.610, 0.800), "natural": (0.596, 0.782), "exemplar": (0.577, 0.832), "exstyle": (0.556, 0.791),
        "exkinds": (0.590, 0.822), "exctx": (0.590, 0.822), "exctxnat": (0.582, 0.768),
    },
    "agnews": {
        "simprompt": (0.166, 0.771), "attrprompt": (0.192, 0.736), "context": (0.147, 0.810), "ctxattr": (0.156, 0.773),
        "exemplar": (0.127, 0.849),
    },
}  # fmt: skip
SIZES = {"banking77": Size(5_000, 700), "agnews": Size(5_000, 150)}


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and their labels."""

    texts: list[str]
    labels: list[str]

    @classmethod
    def read(cls, name: str, without: Collection[str] = ()) -> Labelled:
        """Of a file, the first round of its texts, but for some."""
        rows = map(json.loads, (DATA / name).read_text(encoding="utf-8").splitlines())
        kept = [row for row in rows if row.get("round", 0) == 0 and row["text"] not in without]
        return cls([row["text"] for row in kept], [row["label"] for row in kept])


def people(task: str) -> Labelled:
    """The test set; of AG News a part, without the texts that the model was shown, which were taken from it."""
    shown = json.loads((DATA / f"{task}_generated/shown.json").read_text(encoding="utf-8"))
    found = Labelled.read(f"{task}/test.jsonl", {text for texts in shown.values() for text in texts})
    rows = drawn_rows(len(found.texts), PEOPLE, seed=1) if task == "agnews" else None
    return found if rows is None else Labelled([found.texts[row] for row in rows], [found.labels[row] for row in rows])


def measured(data: Labelled, real: Labelled | None, size: Size) -> SetDiversity:
    """The measures of a set, with its distance to real texts if these are given."""
    embed = Encoder(PACKAGED).encode
    others = RealTexts(embed(real.texts), real.labels) if real else None
    return measure_diversity(
        Words.of(data.texts), embed(data.texts), data.labels, whole=size, each=Size(30, 5), seed=1, real=others
    )


def accuracy(data: Labelled, test: Labelled) -> float:
    """Of logistic regression alone on a frozen encoder."""
    student = load_everything(ROOT / "params.yaml").students["linear"]
    plain = student.model_copy(update={"c": 8.0, "neighbours": 0.0, "characters": 0.0, "words": 0.0})
    fitted = fit_student(plain, TrainingSet.of(data.texts, [(label,) for label in data.labels]))
    found = predict(fitted, test.texts)
    return sum(each == (label,) for each, label in zip(found, test.labels, strict=True)) / len(test.labels)


def compare(task: str) -> None:
    """A row for each set and one for people's texts; then how well each measure ranks the sets."""
    from scipy.stats import spearmanr  # noqa: PLC0415 - as the measures do

    real, size = people(task), SIZES[task]
    rows = dict[str, tuple[float, ...]]()
    print(f"{task}: {len(real.texts):,} texts of people")
    print(f"  {'':10} {'texts':>6} {'within':>7} {'theirs':>7} {'Vendi':>7} {'CMD':>7} {'distinct-2':>11} "
          f"{'accuracy':>9} {'theirs':>7}")  # fmt: skip
    for name, (within, theirs) in PUBLISHED[task].items():
        data = Labelled.read(f"{task}_generated/{name}.jsonl")
        found, right = measured(data, real, size), accuracy(data, real)
        overall = found.overall
        rows[name] = (found.within or 0, overall.vendi or 0, overall.cmd or 0, overall.distinct_2 or 0, right)
        print(f"  {name:10} {overall.texts:6,} {found.within:7.3f} {within:7.3f} {overall.vendi:7.1f} "
              f"{overall.cmd:7.4f} {overall.distinct_2:11.3f} {right:9.3f} {theirs:7.3f}", flush=True)  # fmt: skip
    found = measured(real, None, size)
    print(f"  {'people':10} {found.overall.texts:6,} {found.within:7.3f} {'':7} {found.overall.vendi:7.1f} {'':7} "
          f"{found.overall.distinct_2:11.3f}")  # fmt: skip
    apart = {name: row[0] for name, row in rows.items() if abs(row[0] - PUBLISHED[task][name][0]) > TOLERANCE}
    scores = [row[-1] for row in rows.values()]
    for number, measure in enumerate(["similarity within a class", "Vendi score", "CMD", "distinct-2"]):
        rank = spearmanr([row[number] for row in rows.values()], scores)
        print(f"  rank correlation with accuracy, {measure}: {rank.statistic:+.2f} (p {rank.pvalue:.3f}, "
              f"{len(rows)} sets)", flush=True)  # fmt: skip
    assert not apart, f"similarity within a class is not as published: {apart}"


if __name__ == "__main__":
    if DATA.exists():
        encoding._MOST_TOKENS = MAKERS_TOKENS
        for each in sys.argv[1:] or PUBLISHED:
            compare(each)
    else:
        print(f"{DATA}: is not there; nothing is measured")
