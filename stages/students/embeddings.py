"""Vectors of texts that were computed before, by key, in one SQLite file outside the workspace.

Each text is embedded once, however many cells of the grid, experiments and runs use it. Several processes may use the
file at once (write-ahead log). It is a cache: where it cannot be read or written, that is told once, and the vectors
are computed. Beyond 2 GiB (about a million texts at 384 dimensions) the oldest quarter is dropped.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from stages.core import cli

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EMBEDDINGS_ENV = "ATTRPROMPT_EMBEDDINGS"

Vectors = NDArray[np.float32]

_WAIT_FOR_OTHERS_S = 30.0
_KEYS_A_QUERY = 500  # below the number of variables that any SQLite takes
_MOST_BYTES = 2 << 30
_LENGTH_TOLERANCE = 1e-3  # of what shall be a unit vector; a row that is cut short or filled with zeros is none


def embeddings_path() -> Path:
    """Where the vectors are: `$ATTRPROMPT_EMBEDDINGS`, or `embeddings.sqlite` in the user's cache directory."""
    named = os.environ.get(EMBEDDINGS_ENV)
    return Path(named).expanduser() if named else user_cache_path("attrprompt-dvc") / "embeddings.sqlite"


@cache
def embeddings_at(path: Path) -> Embeddings:
    """The one cache of this process at `path`, so that its trouble is told once."""
    return Embeddings(path)


class Embeddings:
    """Unit vectors by key. No method fails: what goes wrong is told, and from then on nothing is found or kept.

    Args:
        path: The file; made where it is missing.
        most_bytes: The size above which the oldest vectors are dropped.
    """

    def __init__(self, path: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._path, self._most_bytes = path, most_bytes
        self._usable = True

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors that are there, by key; one that is damaged is not there."""
        found = dict[bytes, Vectors]()
        if not self._usable:
            return found
        try:
            with closing(self._open()) as connection:
                for start in range(0, len(keys), _KEYS_A_QUERY):
                    part = keys[start : start + _KEYS_A_QUERY]
                    marks = ",".join("?" * len(part))
                    query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 - question marks
                    found.update((key, _vector(row)) for key, row in connection.execute(query, part))
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            self._give_up(error)
            return {}
        return {key: vector for key, vector in found.items() if _is_unit(vector)}

    def put(self, vectors: Mapping[bytes, Vectors]) -> None:
        """Keep vectors, in place of what was there."""
        if not self._usable:
            return
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        try:
            with closing(self._open()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)", rows)
                self._drop_oldest(connection)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_WAIT_FOR_OTHERS_S)
        with suppress(sqlite3.OperationalError):  # another process is turning it on
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        return connection

    def _drop_oldest(self, connection: sqlite3.Connection) -> None:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > self._most_bytes:
            # Rows are numbered as they come; the pages that become free are used again.
            connection.execute(
                "DELETE FROM vectors WHERE rowid <= (SELECT min(rowid) + (max(rowid) - min(rowid)) / 4 FROM vectors)"
            )

    def _give_up(self, error: Exception) -> None:
        self._usable = False
        cli.say(
            f"{self._path}: vectors of texts cannot be kept here ({error}); they are computed each time. Remove or "
            f"restore the file, free disk space, or set {EMBEDDINGS_ENV} to another one"
        )


def _vector(row: bytes) -> Vectors:
    return np.frombuffer(row[: len(row) // 4 * 4], dtype="<f4").astype(np.float32)


def _is_unit(vector: Vectors) -> bool:
    return bool(abs(float(np.linalg.norm(vector)) - 1.0) < _LENGTH_TOLERANCE)
