"""Texts of a model in a terminal: beside their attributes, and harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.texts import harmless
from stages.tasks.screen import Shown, side_by_side

WICKED = "\x1b[2J\x1b]0;title\x07 back\b\r\x9b31m \u202eturned \ud800"


def shown(width: int, *, colour: bool = False, text: str = "some words " * 12) -> list[str]:
    texts = {
        "attrprompt": [Shown(text, {"tone": "calm"}), Shown("", {}, "malformed")],
        "context": [Shown("短い文" * 20, {})],
    }
    found = side_by_side({"noise": texts}, width, colour=colour, about={"noise": "is loud"})
    return found.splitlines()


@pytest.mark.parametrize("width", [20, 80, 120])
def test_text_and_attributes_stand_side_by_side(width: int) -> None:
    lines = shown(width)
    assert lines[0] == "noise: is loud"
    assert lines[1].startswith("attrprompt 1 some words")
    assert lines[1].rstrip().endswith("tone: calm")
    assert any("2 (no text: malformed)" in line for line in lines)
    wide = [sum(1 + (unicodedata.east_asian_width(char) == "W") for char in line) for line in lines]
    assert max(wide) <= max(width, 80)


def test_colours_only_where_they_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in "\n".join(shown(80))
    assert "\x1b[" in "\n".join(shown(80, colour=True))


def test_what_orders_a_terminal_about_is_shown_as_what_it_is() -> None:
    found = "\n".join(shown(120, text=WICKED))
    assert "\\x1b[2J\\x1b]0;title\\x07 back\\x08\\r\\x9b31m \\u202eturned \\ud800" in found
    assert harmless("naïve 短い 👩\u200d🔬\tfine\n") == "naïve 短い 👩\u200d🔬 fine\n"


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "L"])))
def test_nothing_harmful_is_left(text: str) -> None:
    assert all(
        char in "\n\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        for char in harmless(text)
    )
