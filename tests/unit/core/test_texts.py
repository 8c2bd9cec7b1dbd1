from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stages.core.tasks import LabelledText
from stages.core.texts import normalised, without


def test_normal_forms() -> None:
    assert normalised("  The\u00a0\uff26ull-Width \u2160!") == "the full width i"
    assert normalised(" ?! ") == "?!", "no words at all: compared as it is"


def test_records_whose_texts_others_have_are_left_out_and_repeated_ones_are_not() -> None:
    records = [LabelledText(text, "x") for text in ("Late again.", "lost", "Lost!", "broken")]
    assert without(records, [LabelledText("late AGAIN", "y")]) == records[1:]
    assert without(records, []) == records


@given(st.text())
def test_points_make_no_other_text_of_one_that_has_words(text: str) -> None:
    plain = normalised(text)
    assert normalised(f"({text}!)") == (plain if re.search(r"\w", plain) else f"({text}!)")
