"""How the time of reading what a model wrote grows with its length: four times as long should take four times as long.

python -m tests.bench.bench_hostile
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stages.checks.completions import read_texts
from stages.checks.reports import read_reports
from stages.checks.texts import TextCheck, is_refusal
from stages.core.lengths import WordRange
from stages.core.reports import Spread
from stages.core.texts import normalised
from stages.llm.reading import unfenced
from tests.faults.hostile import long_texts

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT, LONG = 20_000, 80_000
RUNS = 3
SPREADS = (Spread("tone", ("calm", "angry"), (0.5, 0.5)),)
READERS: dict[str, Callable[[str], object]] = {
    "fence": unfenced,
    "texts": lambda text: read_texts(text, 5, as_json=True),
    "one text": lambda text: read_texts(text, 1, as_json=False),
    "reports": lambda text: read_reports(text, 5, SPREADS),
    "refusal": is_refusal,
    "words": normalised,
    "judged": lambda text: TextCheck(WordRange(1, 20), 0.5, ()).judge(text, {}),
}


def seconds(read: Callable[[str], object], text: str) -> float:
    """The shortest of some runs."""
    found = list[float]()
    for _ in range(RUNS):
        start = time.perf_counter()
        read(text)
        found.append(time.perf_counter() - start)
    return min(found)


if __name__ == "__main__":
    print(f"times as long for {LONG // SHORT} times the length; the longest in ms, {LONG:,} repeats of a pattern")
    short, long = long_texts(SHORT), long_texts(LONG)
    for name, read in READERS.items():
        took = {kind: (seconds(read, short[kind]), seconds(read, long[kind])) for kind in short}
        # What takes less than half a millisecond is mostly the call itself.
        ratios = {kind: more / max(less, 5e-4) for kind, (less, more) in took.items()}
        worst = max(ratios, key=lambda kind: ratios[kind])
        longest = max(took, key=lambda kind: took[kind][1])
        print(f"  {name}: {ratios[worst]:.1f} ({worst}); {took[longest][1] * 1000:.0f} ms ({longest})")
