"""Time and memory of the measures of diversity, bias and shortcuts: 10,000 texts and 100,000 (20 words, 77 labels).

python -m tests.bench.bench_measures [FEW MANY]

Words come by Zipf's law, each label with some of its own; embeddings are drawn, so that no encoder is timed. Seconds of
processor time stand beside those of the clock: the machine may be busy.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from stages.measures.bias import attribute_bias
from stages.measures.diversity import RealTexts, Size, measure_diversity
from stages.measures.duplicates import near_duplicates
from stages.measures.lexical import expected_distinct, ingf, self_bleu
from stages.measures.mauve import mauve
from stages.measures.semantic import Vectors, central_moment_discrepancy, similarity, vendi_score
from stages.measures.shortcuts import Labelled, shortcuts
from stages.measures.words import Words
from tests.conftest import ROOT

LABELS, LENGTH, DIMENSIONS, VOCABULARY, REAL, SAMPLE = 77, 20, 384, 30_000, 5_000, 1_000
QUADRATIC = 5_000


def made_up(count: int, seed: int) -> tuple[list[str], list[str], Vectors]:
    """So many texts, their labels, and unit vectors around a centre for each label."""
    generator = np.random.default_rng(seed)
    shares = 1 / np.arange(1, VOCABULARY + 1)
    drawn = generator.choice(VOCABULARY, p=shares / shares.sum(), size=(count, LENGTH))
    classes = generator.integers(0, LABELS, count)
    own = generator.random((count, LENGTH)) < 0.15
    drawn[own] = VOCABULARY + (classes[:, None] * 30 + drawn % 30)[own]
    vectors = generator.normal(size=(count, DIMENSIONS)).astype(np.float32)
    vectors += np.random.default_rng(0).normal(size=(LABELS, DIMENSIONS)).astype(np.float32)[classes]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [" ".join(f"w{each}" for each in row) for row in drawn]
    return texts, [f"label {each}" for each in classes], vectors


def timed(what: str, act: Callable[[], Any]) -> Any:
    """What it returns; prints how long it took."""
    clock, cpu = time.perf_counter(), time.process_time()
    found = act()
    print(f"    {what:42} {time.perf_counter() - clock:7.2f} s, processor {time.process_time() - cpu:7.2f} s")
    return found


def measure(count: int) -> None:
    """Each measure alone, then all that are linear, as one call would make them; the last line is for the parent."""
    texts, labels, vectors = made_up(count, 1)
    real_texts, real_labels, real_vectors = made_up(REAL, 2)
    names = np.array(labels)
    generator = np.random.default_rng(3)
    values = {label: np.bincount(generator.integers(0, 9, (names == label).sum())) for label in sorted(set(labels))}
    counts = {label: {f"value {at}": int(n) for at, n in enumerate(each)} for label, each in values.items()}
    print(f"  {count:,} texts", flush=True)
    words = timed("words", lambda: Words.of(texts))
    runs = timed("counts of words, pairs, triples", lambda: [words.counts(n) for n in (1, 2, 3)])
    timed("vocabulary, distinct-n at equal counts", lambda: [expected_distinct(each, count * 10) for each in runs])
    timed("inter-sample n-gram frequency", lambda: ingf(runs, count * 10))
    timed("near-duplicates", lambda: near_duplicates(words))
    timed("similarity within and between", lambda: similarity(vectors, labels))
    timed("Vendi score", lambda: vendi_score(vectors))
    timed("central moment discrepancy", lambda: central_moment_discrepancy(vectors, real_vectors))
    timed(f"self-BLEU of {SAMPLE:,}", lambda: self_bleu(words, SAMPLE, 1))
    timed(f"MAUVE of {SAMPLE:,} and {SAMPLE:,}", lambda: mauve(vectors[:SAMPLE], real_vectors[:SAMPLE], seed=1))
    clock, cpu = time.perf_counter(), time.process_time()
    every = Words.of([*texts, *real_texts])
    mine, theirs = every.take(np.arange(count)), every.take(np.arange(count, count + REAL))
    measure_diversity(
        mine, vectors, labels, whole=Size(count * 10, SAMPLE), each=Size(count // LABELS * 10, 10), seed=1,
        real=RealTexts(real_vectors, real_labels),
    )  # fmt: skip
    shortcuts(Labelled(mine, labels), Labelled(theirs, real_labels), confidence=0.95, most=10)
    attribute_bias(counts, None, confidence=0.95)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.perf_counter() - clock} {time.process_time() - cpu} {peak}")


def quadratic() -> None:
    """The similarity of all pairs by sums and by a matrix of cosines."""
    _, labels, vectors = made_up(QUADRATIC, 1)
    rounds = 5
    took = []
    ways: list[Callable[[], Any]] = [lambda: similarity(vectors, labels).overall, lambda: all_pairs(vectors)]
    for act in ways:
        act()
        start = time.process_time()
        found = [act() for _ in range(rounds)]
        took.append((time.process_time() - start) / rounds)
        print(f"    mean cosine {found[0]:.6f}, {took[-1] * 1000:.1f} ms of processor time")
    print(f"    the matrix of cosines takes {took[1] / took[0]:.0f} x as long at {QUADRATIC:,} texts")


def all_pairs(vectors: Vectors) -> float:
    """The mean cosine as it is usually coded."""
    cosines = vectors @ vectors.T
    return float(cosines[np.triu_indices(len(vectors), 1)].mean())


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        measure(int(sys.argv[2]))
    else:
        sizes = list(map(int, sys.argv[1:])) or [10_000, 100_000]
        print("measures of diversity, bias and shortcuts:", flush=True)
        took = list[tuple[float, float]]()
        for size in sizes:
            command = [sys.executable, "-m", "tests.bench.bench_measures", "one", str(size)]
            *lines, last = subprocess.run(
                command, cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout.splitlines()
            clock, cpu, peak = map(float, last.split())
            took.append((clock, cpu))
            print("\n".join(lines))
            print(f"  all but self-BLEU and MAUVE, over all and per label: {clock:.1f} s, processor {cpu:.1f} s, "
                  f"{peak:.0f} MiB at most (to reach with 100,000: 90 s, 4096 MiB)", flush=True)  # fmt: skip
        (few, few_cpu), (many, many_cpu) = took[0], took[-1]
        print(f"  time for {sizes[-1] / sizes[0]:g} times the texts: {many / few:.1f} x, processor "
              f"{many_cpu / few_cpu:.1f} x (to reach: {1.1 * sizes[-1] / sizes[0]:g} x)")  # fmt: skip
        print("  average pairwise similarity:")
        quadratic()
