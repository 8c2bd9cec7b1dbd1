"""The plan: how soon it covers the pairs of values, against the paper's independent draw, and what it costs.

python -m tests.bench.bench_plan
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from itertools import combinations
from typing import TYPE_CHECKING

from stages.core.lengths import WordRange
from stages.core.sections import Method, Prompts
from stages.core.taskfile import Label
from stages.core.tasks import Task
from stages.core.templates import Templates
from stages.design.balance import rows_to_cover
from stages.design.plan import Factor, mixed, plan_texts
from stages.design.prompting import Material, prompts_for
from stages.design.table import AttributeTable, TableDimension
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = ((6, 8, 9, 10, 12), (6, 7, 9, 10, 12), (7, 8, 9, 11, 12), (6,) * 5, (12,) * 5)
AFTER = (20, 50, 100, 500)
SEEDS = 20
ROWS, LABELS, A_REQUEST = 1_000_000, 12, 5


def factors(sizes: Sequence[int]) -> list[Factor]:
    """Dimensions of so many values, with equal shares."""
    return [
        Factor(f"dimension {at}", tuple(f"value {n} of {at}" for n in range(size)), mixed([1.0] * size, 0))
        for at, size in enumerate(sizes)
    ]


def curve(sizes: Sequence[int], design: str, seed: int, rows: int) -> list[float]:
    """The share of all pairs of values that are covered after 1, 2, ... rows."""
    seen, found = set[tuple[tuple[str, str], ...]](), list[float]()
    for row in plan_texts("label", factors(sizes), rows, design=design, seed=seed):
        seen.update(combinations(row.attributes.items(), 2))
        found.append(len(seen) / sum(a * b for a, b in combinations(sizes, 2)))
    return found


def pair_coverage() -> None:
    """After so many rows, in percent; at most min(rows, v1 v2) pairs of two dimensions can be covered."""
    print(f"pairs of values covered, mean of {SEEDS} seeds; behind: of the most that rows can cover")
    for sizes in SIZES:
        ours, theirs = (
            [curve(sizes, design, seed, max(AFTER)) for seed in range(SEEDS)] for design in ("balanced", "random")
        )
        every = sum(a * b for a, b in combinations(sizes, 2))
        print(f"  {sizes}: {every} pairs\n    rows  balanced  random  ratio  of the most  seeds below the random draw")
        for n in AFTER:
            one, two = (sum(each[n - 1] for each in curves) / SEEDS for curves in (ours, theirs))
            most = sum(min(n, a * b) for a, b in combinations(sizes, 2)) / every
            worse = sum(mine[n - 1] < other[n - 1] for mine, other in zip(ours, theirs, strict=True))
            print(f"    {n:4}  {one:8.1%}  {two:6.1%}  {one / two:5.2f}  {one / most:11.1%}  {worse:10}")


def until_all() -> None:
    """Rows until all pairs are covered, against the least that could do, the proven bound, and the random draw."""
    print(f"rows until all pairs are covered, the most of {SEEDS} seeds (random: the mean of 5)")
    for sizes in (*SIZES, (12,) * 20):
        seeds = range(SEEDS if len(sizes) < 20 else 3)
        needed = [curve(sizes, "balanced", seed, rows_to_cover(sizes)).index(1.0) + 1 for seed in seeds]
        random = [curve(sizes, "random", seed, 6000).index(1.0) + 1 for seed in range(5)]
        *_, second, first = sorted(sizes)
        bound = rows_to_cover(sizes)
        print(
            f"  {len(sizes)} of {min(sizes)} to {max(sizes)}: {max(needed)} rows; at least {first * second}, "
            f"proven bound {bound} ({bound / max(needed):.1f} x), random draw {sum(random) / len(random):.0f}"
        )


def planned(weights: Sequence[Sequence[float]], design: str) -> float:
    """Seconds for a plan of a million rows."""
    start = time.process_time()
    for label in range(LABELS):
        dimensions = [
            Factor(f"dimension {at}", tuple(f"value {n}" for n in range(len(each))), mixed(each, 1))
            for at, each in enumerate(weights)
        ]
        for _ in plan_texts(f"label {label}", dimensions, -(-ROWS // LABELS), design=design, seed=1):
            pass
    return time.process_time() - start


def rendered() -> float:
    """Seconds for a million rows and their prompts."""
    labels = tuple(Label(name=f"label_{n}", description=f"is about matter {n}") for n in range(LABELS))
    task = Task("bench", "notes", "a line or two on paper", WordRange(2, 40), labels)
    dimensions = [
        TableDimension(name=each.name, about="what it is", values=dict.fromkeys(each.values, 1.0))
        for each in factors(SIZES[0])
    ]
    table = AttributeTable(dimensions=tuple(dimensions))
    wanted = Prompts(
        per_label=-(-ROWS // LABELS), reserve=0.0, texts_per_request=A_REQUEST, design="balanced",
        frequencies="uniform", core_share=0.0, seed=1,
    )  # fmt: skip
    method = Method(template="attrprompt", attributes="all")
    start = time.process_time()
    for _ in prompts_for(Material(task, table), method, wanted, Templates(ROOT / "data" / "templates" / "methods")):
        pass
    return time.process_time() - start


def million(what: str) -> None:
    """Print seconds and peak memory of this process for one way of spending a million rows."""
    if what == "rendered":
        took = rendered()
    else:
        natural = what == "natural"
        weights = [[1 / (n + 1) if natural else 1.0 for n in range(size)] for size in SIZES[0]]
        took = planned(weights, "random" if what == "random" else "balanced")
    print(f"  {took:5.1f} s of one core, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    if sys.argv[1:]:
        million(sys.argv[1])
    else:
        pair_coverage()
        until_all()
        for name, says in (
            ("equal", "planned, balanced, equal shares"),
            ("natural", "planned, balanced, shares as 1, 1/2, 1/3, ..."),
            ("random", "planned, random, equal shares"),
            ("rendered", "planned and rendered, balanced, equal shares (to reach: 60 s, 1024 MiB)"),
        ):
            print(f"{ROWS:,} rows of {LABELS} labels, {says}:", flush=True)
            subprocess.run([sys.executable, "-m", "tests.bench.bench_plan", name], cwd=ROOT, check=True)
