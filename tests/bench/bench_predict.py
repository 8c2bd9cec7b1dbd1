"""Peak memory and time of `python -m stages.predict` for 10,000 and 100,000 lines.

python -m tests.bench.bench_predict [KIND FEW MANY]     the kind of student: tfidf (as usual) or linear
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stages.core.learning import Linear, Tfidf
from stages.students.folder import fit_student
from stages.students.saving import save_student
from stages.students.training import TrainingSet
from tests.bench.bench_encoder import texts
from tests.conftest import ROOT

KIND = sys.argv[1] if sys.argv[1:] else "tfidf"
COUNTS = tuple(map(int, sys.argv[2:])) or (10_000, 100_000)
SETTINGS: dict[str, Tfidf | Linear] = {
    "tfidf": Tfidf(kind="tfidf", ngrams=2, c=10.0),
    "linear": Linear(kind="linear", encoder="all-MiniLM-L6-v2", c=8.0, neighbours=0.5, characters=0.4),
}
MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "stages.predict", *sys.argv[1:]], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def measure(folder: Path, count: int) -> tuple[float, float]:
    """Seconds, and the peak of resident memory in MiB."""
    (folder / "in.txt").write_text("".join(f"{text} {number}\n" for number, text in enumerate(texts(count))))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ATTRPROMPT_EMBEDDINGS": str(folder / f"{count}.sqlite")}
    command = [sys.executable, "-c", MEASURED, "--model", str(folder / "model"), str(folder / "in.txt")]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start, int(done.stdout) / 1024


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        learned = texts(60)
        student = fit_student(
            SETTINGS[KIND], TrainingSet.of(learned, [("a", "b", "c")[n % 3 : n % 3 + 1] for n in range(60)])
        )
        save_student(Path(name) / "model", student, {"kind": KIND})
        (few, few_mib), (many, many_mib) = (measure(Path(name), count) for count in COUNTS)
    print(f"predict, {KIND}: {COUNTS[0]:,} lines {few:.0f} s, {few_mib:.0f} MiB; {COUNTS[1]:,} lines {many:.0f} s, "
          f"{many_mib:.0f} MiB: {many_mib / few_mib:.2f} x the memory (to reach: 1.1)")  # fmt: skip
