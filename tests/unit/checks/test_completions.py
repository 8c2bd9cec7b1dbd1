from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.checks.completions import NoText, read_texts

BAD, GONE = NoText.MALFORMED, NoText.MISSING


@pytest.mark.parametrize(
    ("completion", "texts"),
    [
        ('{"texts": ["a", "b", "c"]}', ["a", "b", "c"]),
        ('```json\n{"texts": [" a ", "b", "c"]}\n```', ["a", "b", "c"]),
        ('Sure! {"texts": ["a", "b", "c"]}', ["a", "b", "c"]),
        ('{"texts": ["a", "b", "c", "d"]}', ["a", "b", "c"]),
        ('{"texts": ["a"]}', ["a", GONE, GONE]),
        ('{"texts": ["a", 7, "c"]}', ["a", BAD, "c"]),
        ('{"texts": ["a", {"text": "b"}, "c"]}', ["a", BAD, "c"]),
        ('{"texts": ["a", "b", "c', ["a", "b", GONE]),
        ('{"texts": ["a", "b"', ["a", "b", GONE]),
        ('{"texts": ["a", ', ["a", GONE, GONE]),
        ('{"texts": "a"}', [GONE, GONE, GONE]),
        ('{"other": ["a"]}', [GONE, GONE, GONE]),
        ("I cannot help with that.", [GONE, GONE, GONE]),
        ("", [GONE, GONE, GONE]),
        ('["a", "b", "c"]', [GONE, GONE, GONE]),
        ('{"texts": ["\\ud800", "b", "c"]}', ["\ud800", "b", "c"]),
    ],
)
def test_texts_in_a_list(completion: str, texts: list[str | NoText]) -> None:
    assert read_texts(completion, 3, as_json=True) == texts


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        (" hello \n", "hello"),
        ('"hello there"', "hello there"),
        ("\N{LEFT DOUBLE QUOTATION MARK}hi\N{RIGHT DOUBLE QUOTATION MARK}", "hi"),
        ('"a" and "b"', '"a" and "b"'),
        ("'tis the third time, isn't it'", "'tis the third time, isn't it'"),
        ("```\nhello\n```", "hello"),
        ("$5 off - caf\u00e9, 20%", "$5 off - caf\u00e9, 20%"),
        ('"', '"'),
    ],
)
def test_one_bare_text(completion: str, text: str) -> None:
    assert read_texts(completion, 1, as_json=False) == [text]


@given(st.text(), st.integers(1, 5), st.booleans())
def test_any_completion_gives_as_many_as_were_asked_for(completion: str, wanted: int, as_json: bool) -> None:
    assert len(read_texts(completion, wanted, as_json=as_json)) == wanted


@given(st.lists(st.text(min_size=1).map(str.strip), min_size=1, max_size=5), st.data())
def test_an_answer_that_breaks_off_keeps_what_came_before(texts: list[str], data: st.DataObject) -> None:
    whole = json.dumps({"texts": texts})
    cut = data.draw(st.integers(0, len(whole)))
    found = read_texts(whole[:cut], len(texts), as_json=True)
    kept = [text for text in found if isinstance(text, str)]
    assert found[: len(kept)] == [text.strip() for text in texts[: len(kept)]]


def test_hostile_answers() -> None:
    for completion in (
        '{"texts": ' + "[" * 100_000,
        '{"texts": [' + '{"a":' * 50_000,
        '{"texts": ["' + "x" * 2_000_000 + '"]}',
    ):
        assert read_texts(completion, 2, as_json=True) == [GONE, GONE]
