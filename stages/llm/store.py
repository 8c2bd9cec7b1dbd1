"""The store: the answers that were paid for, and what they cost, in one SQLite file outside the workspace.

Outside, because `dvc exp run --temp` and `--queue` work in a copy of the workspace that does not see what Git ignores.
Several processes may use it at once (write-ahead log). Its rows hold requests, answers and amounts: no API key, no URL.

    answers      key, request (canonical JSON), answer (JSON)
    claims       key, owner, ...: requests that are on their way, so that no two processes buy the same answer
    spending     task, run, key, nanodollars, at: what each answer cost, and what was lost and may be billed
    batches      id, remote, ...: batches that were submitted and not collected yet; `remote` is the endpoint's id
    batch_lines  key, batch, request (canonical JSON): what is in them
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil
from platformdirs import user_cache_path

from stages.core.errors import StoreError
from stages.llm.chat import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.llm.chat import Keyed

STORE_ENV = "ATTRPROMPT_STORE"

_WAIT_FOR_OTHERS_S, _TRY_AGAIN_S = 60.0, 0.05
_KEYS_A_QUERY = 500  # below the number of variables that any SQLite takes
_RESERVE = ".reserve-"  # and the number of the process

# What each version added; a store of an earlier version is brought up to date when it is opened.
_MIGRATIONS = (
    "CREATE TABLE answers (key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID;",
    """
    CREATE TABLE claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL, expires REAL NOT NULL, task TEXT NOT NULL,
                         run TEXT NOT NULL, reserved INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE spending (id INTEGER PRIMARY KEY, task TEXT NOT NULL, run TEXT NOT NULL, key TEXT NOT NULL,
                           nanodollars INTEGER NOT NULL, at REAL NOT NULL);
    CREATE TABLE batches (id TEXT PRIMARY KEY, remote TEXT, owner TEXT NOT NULL, round INTEGER NOT NULL,
                          submitted REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE batch_lines (key TEXT PRIMARY KEY, batch TEXT NOT NULL, request TEXT NOT NULL);
    CREATE INDEX lines_of_batch ON batch_lines (batch);
    """,
)
STORE_VERSION = len(_MIGRATIONS)


def store_path() -> Path:
    """Where the store is: `$ATTRPROMPT_STORE`, or `answers.sqlite` in the user's cache directory."""
    named = os.environ.get(STORE_ENV)
    return Path(named).expanduser() if named else user_cache_path("attrprompt-dvc") / "answers.sqlite"


class Store:
    """Answers by key. Use it as a context manager.

    Args:
        path: The file; made where it is missing.
        reserve: Bytes of disk to keep back for answers that are on their way when the disk becomes full; 0 for none.

    Raises:
        StoreError: by every method, where the file cannot be opened, read or written.
    """

    def __init__(self, path: Path, reserve: int = 0) -> None:
        self.path = path
        self._reserve = path.with_name(f"{path.name}{_RESERVE}{os.getpid()}")
        with self.explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(path, timeout=_WAIT_FOR_OTHERS_S, isolation_level=None)
            self._use_log()
            self.connection.execute("PRAGMA synchronous = NORMAL")
            self._migrate()
            if reserve:
                self._keep_back(reserve)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._reserve.unlink(missing_ok=True)

    def get(self, keys: Iterable[str]) -> dict[str, Answer]:
        """The answers that are there, by key."""
        wanted, found = list(keys), dict[str, Answer]()
        for start in range(0, len(wanted), _KEYS_A_QUERY):
            part = wanted[start : start + _KEYS_A_QUERY]
            marks = ",".join("?" * len(part))
            with self.explained():
                rows = self.connection.execute(f"SELECT key, answer FROM answers WHERE key IN ({marks})", part)  # noqa: S608 - question marks
                found.update((key, Answer.from_json(json.loads(answer))) for key, answer in rows)
        return found

    def put(self, answers: Iterable[tuple[Keyed, Answer]]) -> None:
        """Keep answers. When this returns, they are in the file; all of them, or none where it fails."""
        rows = [
            (request.key, request.canonical, json.dumps(asdict(answer), sort_keys=True)) for request, answer in answers
        ]
        with self.transaction():
            self.connection.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", rows)

    def drop(self, keys: Iterable[str]) -> None:
        """Keep these answers no longer; what they cost stays in `spending`."""
        with self.transaction():
            self.connection.executemany("DELETE FROM answers WHERE key = ?", [(key,) for key in keys])

    def requests(self, keys: Iterable[str]) -> dict[str, str]:
        """The canonical JSON of the requests that are there, by key."""
        found = dict[str, str]()
        for key in keys:
            with self.explained():
                row = self.connection.execute("SELECT request FROM answers WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = row[0]
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside is written as a whole, and no other process writes in between. May be nested."""
        if self.connection.in_transaction:
            yield
            return
        with self.explained():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:  # SQLite ends it by itself after some errors
            self.connection.execute("ROLLBACK")

    def release_reserve(self) -> bool:
        """Give back the disk that was kept back; whether there was any."""
        there = self._reserve.exists()
        self._reserve.unlink(missing_ok=True)
        return there

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Errors of SQLite and of the file system as one of ours, which names the file and the way out."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{self.path}: the store of answers cannot be used: {error}; nothing is sent whose answer could not be "
                f"kept. Free disk space, restore the file, or set {STORE_ENV} to another one"
            ) from error
        except (ValueError, TypeError, RecursionError) as error:
            raise StoreError(f"{self.path}: holds what no store holds: {error}; restore the file") from error

    def _use_log(self) -> None:
        """Turn the write-ahead log on. SQLite does not wait for others here, as it does everywhere else."""
        until = time.monotonic() + _WAIT_FOR_OTHERS_S
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(_TRY_AGAIN_S)
            else:
                return

    def _migrate(self) -> None:
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if version > STORE_VERSION:
            raise StoreError(
                f"{self.path}: was written by a newer version of this project (store version {version}, this code "
                f"knows {STORE_VERSION}); update, or set {STORE_ENV} to another file"
            )
        if version == STORE_VERSION:
            return
        with self.transaction():
            # Another process may have been first.
            version = self.connection.execute("PRAGMA user_version").fetchone()[0]
            for statements in _MIGRATIONS[version:]:
                for statement in filter(str.strip, statements.split(";")):
                    self.connection.execute(statement)
            self.connection.execute(f"PRAGMA user_version = {STORE_VERSION}")

    def _keep_back(self, size: int) -> None:
        """Write a file of `size` bytes next to the store: real bytes, for a file with a hole takes no disk."""
        for left in self.path.parent.glob(f"{self.path.name}{_RESERVE}*"):  # by processes that were killed
            if not psutil.pid_exists(int(left.name.rpartition("-")[2])):
                left.unlink(missing_ok=True)
        with self._reserve.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
