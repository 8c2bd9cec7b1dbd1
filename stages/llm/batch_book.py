"""The book of batches: which were submitted and what is in them, until their results are collected.

A batch is entered before it is submitted and crossed out when all its lines are settled; so a kill at any moment leaves
a book from which the next run, of whatever process, goes on.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.llm.ledger import Claim, stands

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stages.llm.chat import Answer, Keyed
    from stages.llm.ledger import Ledger
    from stages.llm.store import Store

_SUBMITS_WITHIN_S = 3600.0  # after that a process on another machine is taken to have ended


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that is not collected yet.

    Attributes:
        name: Ours; the endpoint keeps it as metadata.
        remote: The endpoint's id; None as long as it is not known to have been submitted.
        owner: The process that submits it.
        round: 0 for requests that were never sent in a batch; one more each time some are sent again.
        submitted: Seconds since the epoch.
    """

    name: str
    remote: str | None
    owner: str
    round: int
    submitted: float


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A request in a batch."""

    key: str
    canonical: str


class BatchBook:
    """The book.

    Args:
        store: Where it is kept.
        ledger: Claims and spending of this run; an attribute too.
    """

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store, self.ledger = store, ledger

    def begin(self) -> str:
        """Enter a new, empty batch; returns its name."""
        name = uuid.uuid4().hex
        with self._store.transaction():
            self._store.connection.execute(
                "INSERT INTO batches VALUES (?, NULL, ?, 0, ?)", (name, self.ledger.owner, time.time())
            )
        return name

    def add(self, name: str, request: Keyed, worst_case: int) -> Claim:
        """Put a request into a batch, if it may be sent."""
        with self._store.transaction():
            claim = self.ledger.claim(request, worst_case, batch=name)
            if claim is Claim.OURS:
                row = (request.key, name, request.canonical)
                self._store.connection.execute("INSERT OR REPLACE INTO batch_lines VALUES (?, ?, ?)", row)
        return claim

    def submitted(self, name: str, remote: str, sent_before: int) -> Batch:
        """Note that a batch was submitted, and how often its lines had been sent before, at most."""
        with self._store.transaction():
            self._store.connection.execute(
                "UPDATE batches SET remote = ?, round = ? WHERE id = ?", (remote, sent_before, name)
            )
        return Batch(name, remote, self.ledger.owner, sent_before, time.time())

    def batch_of(self, key: str) -> Batch | None:
        """The batch that a request is in."""
        with self._store.explained():
            row = self._store.connection.execute(
                "SELECT b.id, b.remote, b.owner, b.round, b.submitted FROM batch_lines l JOIN batches b"
                " ON b.id = l.batch WHERE l.key = ?",
                (key,),
            ).fetchone()
        return Batch(*row) if row else None

    def cut_off(self) -> list[Batch]:
        """Batches whose process ended before it learned whether they were submitted."""
        with self._store.explained():
            rows = self._store.connection.execute(
                "SELECT id, remote, owner, round, submitted FROM batches WHERE remote IS NULL"
            ).fetchall()
        found = [Batch(*row) for row in rows]
        return [each for each in found if each.owner == self.ledger.owner or not _stands(each)]

    def lines(self, name: str, keys: Iterable[str] | None = None) -> dict[str, tuple[BatchLine, int]]:
        """What is not settled of a batch: by key, each line with what is reserved for it; all of it, or of `keys`."""
        select = (
            "SELECT l.key, l.request, c.reserved FROM batch_lines l LEFT JOIN claims c ON c.key = l.key"
            " WHERE l.batch = ?"
        )
        with self._store.explained():
            if keys is None:
                rows = self._store.connection.execute(select, (name,)).fetchall()
            else:
                found = (
                    self._store.connection.execute(f"{select} AND l.key = ?", (name, key)).fetchone() for key in keys
                )
                rows = [row for row in found if row]
        return {key: (BatchLine(key, request), reserved or 0) for key, request, reserved in rows}

    def settle(
        self, name: str, answers: Iterable[tuple[BatchLine, Answer, int]], failures: Iterable[tuple[BatchLine, int]]
    ) -> None:
        """Keep what a batch brought, with what each cost, and cross its lines out."""
        answers, failures = list(answers), list(failures)
        with self._store.transaction():
            self.ledger.keep(answers, name)
            for line, cost in failures:
                self.ledger.give_up(line, cost, name)
            keys = [*(line.key for line, _, _ in answers), *(line.key for line, _ in failures)]
            self._store.connection.executemany(
                "DELETE FROM batch_lines WHERE key = ? AND batch = ?", [(key, name) for key in keys]
            )

    def close(self, name: str) -> None:
        """Cross out a batch with what is left of it, for which nothing is billed."""
        with self._store.transaction():
            left = self.lines(name)
            self.settle(name, [], [(line, 0) for line, _ in left.values()])
            self._store.connection.execute("DELETE FROM batches WHERE id = ?", (name,))


def _stands(batch: Batch) -> bool:
    return stands(batch.owner, batch.submitted + _SUBMITS_WITHIN_S)
