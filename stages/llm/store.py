"""The store: every answer that was ever paid for, in one SQLite file outside the workspace.

Outside, because `dvc exp run --temp` and `--queue` work in a copy of the workspace that does not see what Git ignores.
Several processes may use it at once (write-ahead log). Its rows hold the request's JSON and the answer's, and nothing
else: no API key, no URL.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Self

from platformdirs import user_cache_path

from stages.core.errors import StoreError
from stages.llm.chat import Answer, ChatRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STORE_ENV = "ATTRPROMPT_STORE"
STORE_VERSION = 1

_WAIT_FOR_OTHERS_S = 60.0
_KEYS_A_QUERY = 500  # below the number of variables that any SQLite takes

_CREATE = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID
"""


def store_path() -> Path:
    """Where the store is: `$ATTRPROMPT_STORE`, or `answers.sqlite` in the user's cache directory."""
    named = os.environ.get(STORE_ENV)
    return Path(named).expanduser() if named else user_cache_path("attrprompt-dvc") / "answers.sqlite"


class Store:
    """Answers by key. Use it as a context manager.

    Raises:
        StoreError: by every method, where the file cannot be opened, read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_WAIT_FOR_OTHERS_S, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if version > STORE_VERSION:
                raise StoreError(
                    f"{path}: was written by a newer version of this project (store version {version}, "
                    f"this code knows {STORE_VERSION}); update, or set {STORE_ENV} to another file"
                )
            self._connection.execute(_CREATE)
            self._connection.execute(f"PRAGMA user_version = {STORE_VERSION}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, keys: Iterable[str]) -> dict[str, Answer]:
        """The answers that are there, by key."""
        wanted, found = list(keys), dict[str, Answer]()
        for start in range(0, len(wanted), _KEYS_A_QUERY):
            part = wanted[start : start + _KEYS_A_QUERY]
            marks = ",".join("?" * len(part))
            with self._explained():
                rows = self._connection.execute(f"SELECT key, answer FROM answers WHERE key IN ({marks})", part)  # noqa: S608 - question marks
                found.update((key, Answer(**json.loads(answer))) for key, answer in rows)
        return found

    def put(self, request: ChatRequest, answer: Answer) -> None:
        """Keep an answer. When this returns, it is in the file."""
        row = (request.key, request.canonical, json.dumps(asdict(answer), sort_keys=True))
        with self._explained():
            self._connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", row)

    def requests(self, keys: Iterable[str]) -> dict[str, str]:
        """The canonical JSON of the requests that are there, by key."""
        found = dict[str, str]()
        for key in keys:
            with self._explained():
                row = self._connection.execute("SELECT request FROM answers WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = row[0]
        return found

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            raise StoreError(
                f"{self.path}: the store of answers cannot be used: {error}; nothing was sent that could not "
                f"be kept. Free space, mend the file, or set {STORE_ENV} to another one"
            ) from error
