from __future__ import annotations

import base64
import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from stages.pages.untrusted import policy, script_json, visible

ODD = st.text(st.sampled_from("ab<>&\"'\\/!-\u2028\u2029\u202e\u2066\ud800\udfff\x00\x1b\n\t\r\ufeff\u05d0\U0001f600"))


@given(st.one_of(st.text(), ODD))
def test_nothing_stays_hidden_and_all_of_it_has_bytes(text: str) -> None:
    shown = visible(text)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not set(shown) & set("\x00\x1b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ud800")
    assert visible(shown) == shown


def test_what_is_seen_anyway_stays_as_it_is() -> None:
    seen = "naïve “quotes” שלום مرحبا 👩‍👩‍👧 tab\tline\nend <b>"
    assert visible(seen) == seen
    assert visible("a\u202eb\ud800") == "a⟨U+202E⟩b⟨U+D800⟩"
    assert visible("line\r\nline") == "line\nline"


@given(st.dictionaries(st.one_of(st.text(), ODD), st.lists(st.one_of(st.none(), st.integers(), ODD))))
def test_json_in_a_script_says_the_same_and_cannot_end_it(value: dict[str, list[object]]) -> None:
    text = script_json(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert text.encode("utf-8")
    shown = {
        visible(key): [visible(each) if isinstance(each, str) else each for each in row] for key, row in value.items()
    }
    assert json.loads(text) == shown


def test_the_policy_names_the_script_by_its_hash() -> None:
    script = "let é = 1;\n"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy(script)
    assert "default-src 'none'" in policy(script)
