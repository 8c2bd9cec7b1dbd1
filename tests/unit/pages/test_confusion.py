from __future__ import annotations

from stages.measures.predictions import Predictions
from stages.pages.confusion import NOTHING, matrix
from stages.pages.coverage import LEVELS

LABELS = ("a", "b", "c")


def made(*pairs: str, multilabel: bool = False) -> Predictions:
    """Of `ab` the texts have a and are taken for b; of `ab>c` they have a and b and are taken for c."""
    sides = [each.split(">") if ">" in each else (each[0], each[1]) for each in pairs]
    actual, predicted = (tuple(frozenset(side) for side in both) for both in zip(*sides, strict=True))
    return Predictions(actual, predicted, multilabel)


def test_texts_are_counted_by_label_and_prediction() -> None:
    found = matrix("m", "s", made("aa", "ab", "ab", "bb", "cb", "cc", "cc", "cc"), LABELS)
    assert found.columns == list(LABELS)
    assert [[texts for texts, _ in row] for row in found.rows.values()] == [[1, 2, 0], [0, 1, 0], [0, 1, 3]]
    assert [level for _, level in found.rows["b"]] == [0, LEVELS, 0]
    assert [str(each) for each in found.worst] == [
        "2 of 3 texts of a were taken for b",
        "1 of 4 texts of c were taken for b",
    ]


def test_a_label_missed_counts_against_each_one_given_instead() -> None:
    found = matrix("m", "s", made("ab>ac", "a>", "c>ca", multilabel=True), LABELS)
    assert found.columns == [*LABELS, NOTHING]
    assert [texts for texts, _ in found.rows["a"]] == [1, 0, 0, 1]
    assert [texts for texts, _ in found.rows["b"]] == [0, 0, 1, 0]
    assert [texts for texts, _ in found.rows["c"]] == [0, 0, 1, 0]
    assert [str(each) for each in found.worst] == ["1 of 1 texts of b were taken for c"]


def test_labels_given_too_many_have_a_row_and_are_told() -> None:
    found = matrix("m", "s", made("a>abc", "b>abc", "ab>ab", "c>", multilabel=True), LABELS)
    assert list(found.rows) == found.columns == [*LABELS, NOTHING]
    assert [texts for texts, _ in found.rows[NOTHING]] == [1, 1, 2, 0]
    assert [level for _, level in found.rows[NOTHING]] == [4, 4, LEVELS, 0], "of two texts"
    assert found.worst == []
    assert found.alone == [
        "2 of 3 texts that are not c were given it besides all of their own",
        "1 of 2 texts that are not a were given it besides all of their own",
        "1 of 2 texts that are not b were given it besides all of their own",
        "1 of 1 texts of c were not given it, and nothing in its place",
    ]
    assert NOTHING not in matrix("m", "s", made("ab", "bb"), LABELS).rows


def test_of_many_labels_those_with_mistakes_are_shown() -> None:
    labels = [f"label {number}" for number in range(40)]
    wrong = Predictions(
        tuple(frozenset({each}) for each in labels), tuple(frozenset({"label 39"}) for _ in labels), multilabel=False
    )
    found = matrix("m", "s", wrong, labels)
    assert found.hidden == 10
    assert "label 39" in found.rows
    assert len(found.columns) == len(found.rows) == 30
