"""What a model wrote is shown in a card, and is never Markdown or HTML there: read by a real Markdown parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stages.publish.escaping import Ready, block, escaped, plain

if TYPE_CHECKING:
    from markdown_it.token import Token

MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
# All that Markdown, HTML and tables are made of, and letters.
SPECIAL = st.text(st.sampled_from("<>&\"'`*_[]()|~!#:@$\\{}-+=.\n\t /aw1") | st.characters(), max_size=60)


def inline(text: str) -> list[Token]:
    """What a parser makes of a line: the tokens inside its paragraph."""
    tokens = MARKDOWN.parse(f"One: {text}")
    assert [each.type for each in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return tokens[1].children or []


@given(SPECIAL)
@example("<script>alert(1)</script>")
@example("[x](javascript:alert(1)) ![y](http://a.example/b.png) <b>")
@example("```\n---\n# title | cell |\n&lt; \\| `code` *bold* __bold__ ~~gone~~")
def test_what_is_plain_reads_as_it_was(text: str) -> None:
    tokens = inline(plain(text))
    assert {each.type for each in tokens} <= {"text", "text_special"}
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    assert "".join(each.content for each in tokens) == f"One: {shown}".rstrip()


@given(SPECIAL, SPECIAL)
def test_a_cell_stays_one_cell(one: str, two: str) -> None:
    tokens = MARKDOWN.parse(f"| a | b |\n| --- | --- |\n| {plain(one)} | {plain(two)} |")
    assert sum(each.type == "td_open" for each in tokens) == 2
    assert sum(each.type == "tr_open" for each in tokens) == 2


@given(SPECIAL)
@example("```\n</code><script>\n\r\n---\n")
def test_nothing_ends_a_code_block(text: str) -> None:
    tokens = MARKDOWN.parse(f"One:\n\n{block(text)}\n\nTwo.")
    types = [each.type for each in tokens if not each.type.startswith(("paragraph", "inline"))]
    assert types in ([], ["code_block"])
    assert tokens[-2].content == "Two."


@pytest.mark.parametrize(
    "text", ["www.evil.example", "https://evil.example", "@somebody", "see #12", "$x$", "a:smile:"]
)
def test_what_hubs_make_links_of_is_written_otherwise(text: str) -> None:
    assert plain(text) != text
    assert "&#" in plain(text)


def test_names_stay_readable() -> None:
    assert plain("order_status: 4 to 80 words, 50%") == "order_status: 4 to 80 words, 50%"


def test_everything_in_a_value_is_escaped_but_what_is_ready() -> None:
    assert escaped({"<a>": ["<b>", Ready("<c>"), ("<d>", 1, None)]}) == {
        "&#60;a&#62;": ["&#60;b&#62;", "<c>", ["&#60;d&#62;", 1, None]]
    }


def test_what_is_very_long_is_cut() -> None:
    assert len(plain("a" * 5000)) < 700
