from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stages.core.texts import normalised


def test_normal_forms() -> None:
    assert normalised("  The\u00a0\uff26ull-Width \u2160!") == "the full width i"
    assert normalised(" ?! ") == "?!", "no words at all: compared as it is"


@given(st.text())
def test_points_make_no_other_text_of_one_that_has_words(text: str) -> None:
    plain = normalised(text)
    assert normalised(f"({text}!)") == (plain if re.search(r"\w", plain) else f"({text}!)")
