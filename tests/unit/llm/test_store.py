from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from stages.core.errors import StoreError
from stages.llm.chat import Answer, ChatRequest
from stages.llm.store import STORE_VERSION, Store, store_path


def request(number: int) -> ChatRequest:
    return ChatRequest("m", ({"role": "user", "content": f"question {number}"},), {})


def answer(number: int) -> Answer:
    return Answer(f"answer {number} \ud800", "stop", number, 2, "m-1")


def test_what_is_put_is_there_for_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "store.sqlite"
    with Store(path) as store:
        for number in range(1200):
            store.put([(request(number), answer(number))])
    with Store(path) as store:
        found = store.get(request(number).key for number in range(1300))
        assert len(found) == 1200
        assert found[request(7).key] == answer(7)
        assert store.requests([request(7).key, "nothing"]) == {request(7).key: request(7).canonical}


def test_the_first_answer_stays(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        store.put([(request(1), answer(1))])
        store.put([(request(1), answer(2))])
        assert store.get([request(1).key]) == {request(1).key: answer(1)}


def _put_many(path: Path, start: int) -> None:
    with Store(path) as store:
        for number in range(start, start + 200):
            store.put([(request(number), answer(number))])


def test_several_processes_may_use_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_put_many, args=(path, start)) for start in (0, 100, 300)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
        assert each.exitcode == 0
    with Store(path) as store:
        assert len(store.get(request(number).key for number in range(500))) == 500


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"this is no database, whatever it is called " * 100)
    with pytest.raises(StoreError, match=r"store.sqlite: the store of answers cannot be used: .* set ATTRPROMPT_STORE"):
        Store(path)


def test_a_store_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    old = '{"completion": "old", "completion_tokens": 2, "finish_reason": "stop", "model": "m", "prompt_tokens": 1}'
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL)")
        connection.execute("INSERT INTO answers VALUES (?, ?, ?)", (request(1).key, request(1).canonical, old))
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with Store(path) as store:
        assert store.get([request(1).key]) == {request(1).key: Answer("old", "stop", 1, 2, "m")}
        store.put([(request(2), answer(2))])
        tables = {row[0] for row in store.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == {"answers", "claims", "spending", "batches", "batch_lines"}
    with Store(path) as store:
        assert store.connection.execute("PRAGMA user_version").fetchone() == (STORE_VERSION,)
        assert len(store.get([request(1).key, request(2).key])) == 2


def test_a_damaged_store_is_told_and_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store(path) as store:
        store.put([(request(number), answer(number)) for number in range(500)])
    damaged = bytearray(path.read_bytes())
    damaged[4096:20480] = b"\xff" * (20480 - 4096)
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="store of answers cannot be used"), Store(path) as store:
        store.get([request(number).key for number in range(500)])
    assert path.read_bytes() == damaged


def test_a_store_of_a_later_version(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="written by a newer version"):
        Store(path)


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "file" / "store.sqlite")


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTRPROMPT_STORE", "/somewhere/else.sqlite")
    assert store_path() == Path("/somewhere/else.sqlite")
    monkeypatch.delenv("ATTRPROMPT_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert store_path().name == "answers.sqlite"
    assert not store_path().is_relative_to(Path.cwd())
