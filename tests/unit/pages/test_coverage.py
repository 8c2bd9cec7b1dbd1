from __future__ import annotations

from stages.core.records import Text
from stages.design.table import AttributeTable, TableDimension
from stages.pages.coverage import LEVELS, coverage, shade

LABELS = ("noise", "plants")
TABLE = AttributeTable(
    dimensions=(
        TableDimension(name="unused", about="", values={"x": 1.0}),
        TableDimension(name="tone", about="how", values={"calm": 0.5, "angry": 0.5}),
        TableDimension(name="scene", about="where", per_label={"noise": {"night": 1.0}, "plants": {"summer": 1.0}}),
    )
)


def text(label: str, **attributes: str) -> Text:
    return Text("a note", label, 0, attributes)


def test_texts_of_each_label_and_value_are_counted() -> None:
    texts = [text("noise", tone="calm", scene="night"), text("noise", tone="calm"), text("plants", tone="angry")]
    found = coverage(TABLE, texts, LABELS)
    tone, scene = found.maps
    assert (tone.name, tone.columns, scene.columns) == ("tone", ["calm", "angry"], [])
    assert [[each.texts for each in row] for row in tone.rows.values()] == [[2, 0], [0, 1]]
    assert [each.level for each in tone.rows["noise"]] == [LEVELS, 0]
    assert [[(each.value, each.texts) for each in row] for row in scene.rows.values()] == [
        [("night", 1)],
        [("summer", 0)],
    ]
    empty = "tone angry of noise; tone calm of plants; scene summer of plants"
    assert found.told == f"3 of 6 values of a label have a text. None has: {empty}."


def test_values_that_the_table_does_not_have_are_shown_and_many_are_cut() -> None:
    texts = [text("noise", place=f"place {number}") for number in range(20)] + [text("plants", place="place 19")]
    [place] = coverage(TABLE, texts, LABELS).maps
    assert (len(place.columns), place.hidden) == (15, 5)
    assert "place 19" in place.columns, "the commonest"


def test_texts_without_attributes_have_no_map() -> None:
    assert coverage(TABLE, [text("noise")], LABELS).maps == []


def test_shades_grow_with_the_count() -> None:
    assert [shade(texts, 16) for texts in (0, 1, 2, 3, 15, 16)] == [0, 1, 1, 2, 8, 8]
    assert shade(0, 0) == 0
