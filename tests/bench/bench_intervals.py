"""How often the interval of a macro-F1 holds the true one, where labels are many or some have very few test texts.

python -m tests.bench.bench_intervals [TEST_SETS [FIRST_KIND]]

Students are drawn: how often each gives each label to the texts of each. Their true macro-F1 is known; test sets are
drawn from them. 95 % is to be reached, with as many misses on either side; beside it the percentile bootstrap alone.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

import numpy as np

from stages.core.params import load_everything
from stages.measures import scarce, scores
from stages.measures.resampling import centred, percentiles
from tests.conftest import ROOT

TEST_SETS, FIRST = (int(given) for given in (*sys.argv[1:3], *("300", "0")[len(sys.argv[1:3]) :]))
STUDENTS = 5
TEXTS = {
    "20 texts of 2 labels, 2 of 10": [20] * 2 + [2] * 10,
    "20 texts of 3 labels, 1 of 9": [20] * 3 + [1] * 9,
    "20 texts of 20 labels, 2 of 57": [20] * 20 + [2] * 57,
    "20 texts of 1 label, 3 of 5": [20] + [3] * 5,
    "30 texts of 4 labels, 4 of 4": [30] * 4 + [4] * 4,
    "20 texts of 12 labels": [20] * 12,
    "5 texts of 77 labels": [5] * 77,
    "15 texts of 77 labels": [15] * 77,
    "15 texts of 150 labels": [15] * 150,
}
WAYS = {
    "here": (scarce.ENOUGH, centred),
    "percentile bootstrap": (1, lambda drawn, _, settings: map(float, percentiles(drawn, settings))),
}


def student(texts: list[int], right: float, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """Chances of the label given, for each label that a text has: (labels, labels); and the true macro-F1."""
    labels = len(texts)
    chances = np.zeros((labels, labels))
    for label in range(labels):
        hits = float(np.clip(right + random.normal(0, 0.08), 0.05, 0.995))
        chances[label, np.arange(labels) != label] = random.dirichlet(np.full(labels - 1, 0.5)) * (1 - hits)
        chances[label, label] = hits
    shares = chances * (np.array(texts) / sum(texts))[:, np.newaxis]
    return chances, float((2 * np.diag(shares) / (shares.sum(axis=0) + shares.sum(axis=1))).mean())


def main() -> None:
    """Print a row for each kind of test set and each accuracy."""
    settings = load_everything(ROOT / "params.yaml").evaluate.model_copy(update={"resamples": 400, "confidence": 0.95})
    print("| test texts | right | way | held, % | too low, % | too high, % | width |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    for name, texts in list(TEXTS.items())[FIRST:]:
        every = np.eye(len(texts), dtype=np.bool_)
        actual = np.repeat(np.arange(len(texts)), texts)
        for right in (0.6, 0.8, 0.95):
            random = np.random.default_rng(1)
            found = {way: np.zeros(3) for way in WAYS}
            for number in range(TEST_SETS):
                if number % max(1, TEST_SETS // STUDENTS) == 0:
                    chances, true = student(texts, right, random)
                given = np.array([random.choice(len(texts), p=chances[label]) for label in actual])
                for way, (enough, bounds) in WAYS.items():
                    with patch.object(scarce, "ENOUGH", enough), patch("stages.measures.scores.centred", bounds):
                        made = scores.single_scores(
                            every[actual], every[given], every[given].astype(np.float64), settings
                        )
                    low, high = made["macro_f1_low"], made["macro_f1_high"]
                    found[way] += (high < true, low > true, high - low)
            for way, (below, above, width) in found.items():
                held = 100 * (1 - (below + above) / TEST_SETS)
                parts = f"{held:.0f} | {100 * below / TEST_SETS:.0f} | {100 * above / TEST_SETS:.0f}"
                print(f"| {name} | {right:.0%} | {way} | {parts} | {width / TEST_SETS:.2f} |", flush=True)


if __name__ == "__main__":
    main()
