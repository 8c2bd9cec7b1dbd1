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


def test_of_many_labels_those_with_mistakes_are_shown() -> None:
    labels = [f"label {number}" for number in range(40)]
    wrong = Predictions(
        tuple(frozenset({each}) for each in labels), tuple(frozenset({"label 39"}) for _ in labels), multilabel=False
    )
    found = matrix("m", "s", wrong, labels)
    assert found.hidden == 10
    assert "label 39" in found.rows
    assert len(found.columns) == len(found.rows) == 30
