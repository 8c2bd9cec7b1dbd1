from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from stages.design.audit import audit_page
from stages.design.table import AttributeTable, Dropped, TableDimension


def test_the_page_shows_values_shares_and_what_was_dropped() -> None:
    scene = TableDimension(
        name="scene", about="what happened", per_label={"noise": {"a party": 0.25, "drilling": 0.75}},
        dropped={"noise": (Dropped(value="a ring", fits="parcel", reason="postmen ring too"),)},
    )  # fmt: skip
    tone = TableDimension(name="tone", about="how it sounds", ordered=True, values={"calm": 1.0, "angry": 1.0})
    table = AttributeTable(
        dimensions=(scene, tone), similar={"noise": ("parcel",)}, definitions={"noise": "it is loud"}
    )
    page = audit_page("notes", table)
    assert "| noise | a party (25%); drilling (75%) |" in page
    assert "how it sounds, in their order.\n\ncalm; angry." in page, "even shares are not said"
    assert "| scene | noise | a ring | parcel | postmen ring too |" in page
    assert "| noise | it is loud |" in page
    assert "| noise | parcel |" in page


def test_the_page_shows_which_labels_go_together() -> None:
    page = audit_page("notes", AttributeTable(together={"noise": {"parcel": 0.125, "plants": 0.5}, "plants": {}}))
    assert "| noise | parcel (12.5%); plants (50.0%) |\n| plants | none |" in page


def test_what_a_model_wrote_is_no_markup() -> None:
    evil = "<script>x</script> | [a](b) `c` *d* \n# e"
    table = AttributeTable(dimensions=(TableDimension(name="tone", about=evil, values={evil: 1.0}),))
    page = audit_page("notes", table)
    assert "<script>" not in page
    assert "&lt;script&gt;x&lt;/script&gt; \\| \\[a\\](b) \\`c\\` \\*d\\* \\# e" in page
    assert "Values that were dropped" in page
    assert page.rstrip().endswith("None.")


@pytest.mark.parametrize("about", ["- item", "--- rule", "1. item", "2) item", "=== heading", "https://x.y www.x.y"])
def test_what_begins_a_line_begins_no_list_and_no_rule(about: str) -> None:
    page = audit_page("notes", AttributeTable(dimensions=(TableDimension(name="t", about=about, values={about: 1.0}),)))
    tokens = MarkdownIt("commonmark").parse(page)
    assert {each.tag for each in tokens if each.tag} == {"h1", "h2", "p"}
    shown = "".join(each.content for token in tokens for each in token.children or ())
    assert shown.count(about) == 2
    assert "://" not in page, "GitHub makes a link of an address"
    assert "www." not in page


def test_a_task_without_attributes() -> None:
    assert audit_page("notes", AttributeTable()).count("\n") == 3
