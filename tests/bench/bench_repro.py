"""How long `dvc repro` takes with nothing to do, next to what `dvc` needs to start at all. Run it after `make repro`.

python -m tests.bench.bench_repro
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMES = 7


def seconds(*command: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    took = time.perf_counter() - start
    if "Running stage" in done.stdout:
        sys.exit("something was left to do; run make repro first")
    return took


def main() -> None:
    """Print the medians and their ratio."""
    dvc = str(Path(sys.executable).with_name("dvc"))
    seconds(dvc, "repro")
    pairs = [(seconds(dvc, "repro"), seconds(dvc, "--version")) for _ in range(TIMES)]
    repro, start = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(one / two for one, two in pairs)
    print(f"dvc repro, nothing to do: {repro:.2f} s; dvc --version: {start:.2f} s; ratio {ratio:.1f} ({TIMES} pairs)")


if __name__ == "__main__":
    main()
