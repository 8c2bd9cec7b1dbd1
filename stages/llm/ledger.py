"""The ledger: which requests are on their way and by whom, what was spent, and whether one more may be.

Money is counted in whole nanodollars, so that sums are exact. A request's worst case is reserved before it is sent,
and replaced by what it did cost when its answer is kept: in the same transaction, so that neither a kill nor another
process can come between. Spent plus reserved never exceeds a cap; so what is billed does not either.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stages.llm.chat import Answer, Keyed
    from stages.llm.store import Store

NANO = 1_000_000_000
_BATCH = "batch/"  # and the batch's name: the owner of what is in a batch, which outlives the process


class Claim(Enum):
    """What came of asking to send a request."""

    OURS = "ours"  # it may be sent
    ANSWERED = "answered"  # its answer has come in the meantime, from another process
    TAKEN = "taken"  # another process is asking it right now
    BATCHED = "batched"  # it is in a batch that was submitted and not collected yet
    OVER_RUN = "over_run"  # its worst case does not fit under ops.max_usd with what is reserved
    OVER_TOTAL = "over_total"  # nor under ops.max_usd_total


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent, in nanodollars; None for no cap."""

    run: int | None = None
    total: int | None = None


class Ledger:
    """Claims and spending of one task in one run.

    Args:
        store: Where they are kept.
        task: Whose total is capped by `caps.total`.
        caps: The most that may be spent.
        lease_s: For how long a claim stands without word from its owner, for processes on other machines.

    Attributes:
        owner: The name of this process in claims.
    """

    def __init__(self, store: Store, task: str, caps: Caps, lease_s: float) -> None:
        self._store, self._task, self._caps, self._lease_s = store, task, caps, lease_s
        self._run, self.owner = run_name(), _process_name(psutil.Process())
        self._seen = 0
        self._spent = {"run": 0, "total": 0}

    def claim(self, request: Keyed, worst_case: int, batch: str | None = None) -> Claim:
        """Ask to send a request that may cost `worst_case` nanodollars: in an exchange of its own, or in a batch."""
        execute = self._store.connection.execute
        with self._store.transaction():
            if execute("SELECT 1 FROM answers WHERE key = ?", (request.key,)).fetchone():
                return Claim.ANSWERED
            if taken := self._taken(request.key):
                return taken
            if over := self._over(worst_case):
                return over
            self._bury(request.key)
            owner = f"{_BATCH}{batch}" if batch else self.owner
            row = (request.key, owner, time.time() + self._lease_s, self._task, self._run, worst_case)
            execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?, ?)", row)
        return Claim.OURS

    def keep(self, answers: Iterable[tuple[Keyed, Answer, int]], batch: str | None = None) -> None:
        """Keep answers with what each cost, and give back what was reserved for them."""
        answers = list(answers)
        with self._store.transaction():
            self._store.put((request, answer) for request, answer, _ in answers)
            for request, _, cost in answers:
                self._settle(request.key, cost, batch)

    def give_up(self, request: Keyed, cost: int, batch: str | None = None) -> None:
        """Note that a request came to nothing, and what may be billed for it all the same."""
        with self._store.transaction():
            self._settle(request.key, cost, batch)

    def release_reserve(self) -> bool:
        """Give back the disk that was kept back for answers that are on their way; whether there was any."""
        return self._store.release_reserve()

    def spent(self) -> tuple[int, int]:
        """Nanodollars spent in this run, and on this task over all runs."""
        self._refresh()
        return self._spent["run"], self._spent["total"]

    def _settle(self, key: str, cost: int, batch: str | None) -> None:
        execute = self._store.connection.execute
        whose = (self._task, self._run)
        if batch:
            # It counts to the run that submitted it; and nothing, if another process has collected it already.
            row = execute("SELECT task, run FROM claims WHERE key = ? AND owner = ?", (key, f"{_BATCH}{batch}"))
            whose = row.fetchone()
        owner = f"{_BATCH}{batch}" if batch else self.owner
        execute("DELETE FROM claims WHERE key = ? AND owner = ?", (key, owner))
        if cost and whose:
            self._spend(*whose, key, cost)

    def _spend(self, task: str, run: str, key: str, nanodollars: int) -> None:
        row = (task, run, key, nanodollars, time.time())
        self._store.connection.execute(
            "INSERT INTO spending (task, run, key, nanodollars, at) VALUES (?, ?, ?, ?, ?)", row
        )

    def _taken(self, key: str) -> Claim | None:
        row = self._store.connection.execute("SELECT owner, expires FROM claims WHERE key = ?", (key,)).fetchone()
        if not row or row[0] == self.owner:
            return None
        if row[0].startswith(_BATCH):
            return Claim.BATCHED
        return Claim.TAKEN if stands(*row) else None

    def _bury(self, key: str) -> None:
        """Count what a process that is gone had reserved for a request as spent: it may have been billed."""
        row = self._store.connection.execute("SELECT task, run, reserved FROM claims WHERE key = ?", (key,)).fetchone()
        if row and row[2]:
            self._spend(row[0], row[1], key, row[2])

    def _over(self, worst_case: int) -> Claim | None:
        if self._caps == Caps():
            return None
        self._refresh()
        for cap, column, name, claim in (
            (self._caps.run, "run", self._run, Claim.OVER_RUN),
            (self._caps.total, "task", self._task, Claim.OVER_TOTAL),
        ):
            spent = self._spent["run" if column == "run" else "total"]
            if cap is not None and spent + self._reserved(column, name) + worst_case > cap:
                return claim
        return None

    def _reserved(self, column: str, name: str) -> int:
        """What is on its way, or was when its process was killed."""
        rows = self._store.connection.execute(f"SELECT SUM(reserved) FROM claims WHERE {column} = ?", (name,))  # noqa: S608 - one of two names
        return rows.fetchone()[0] or 0

    def _refresh(self) -> None:
        """Add what was spent since the last look, by whichever process."""
        rows = self._store.connection.execute(
            "SELECT id, task, run, nanodollars FROM spending WHERE id > ? ORDER BY id", (self._seen,)
        )
        for number, task, run, nanodollars in rows:
            self._seen = number
            self._spent["total"] += nanodollars if task == self._task else 0
            self._spent["run"] += nanodollars if run == self._run else 0


def run_name() -> str:
    """What this run is called: the `dvc` process above this one, or this one where there is none.

    `dvc repro` starts a process for each stage; a cap for a run is to hold for all of them together.
    """
    process = psutil.Process()
    for above in process.parents():
        try:
            if "dvc" in (Path(part).name for part in (above.name(), *above.cmdline()[:2])):
                return _process_name(above)
        except psutil.Error:
            continue
    return _process_name(process)


def _process_name(process: psutil.Process) -> str:
    """A name that no other process on any machine has had or will have, as good as."""
    return f"{socket.gethostname()}/{process.pid}/{process.create_time():.2f}"


def stands(owner: str, expires: float) -> bool:
    """Whether a claim still stands: its owner is alive, or, on another machine, its lease has not run out."""
    host, pid, _ = owner.rsplit("/", 2)
    if host != socket.gethostname():
        return expires > time.time()
    try:
        process = psutil.Process(int(pid))
        return _process_name(process) == owner and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError):
        return False
