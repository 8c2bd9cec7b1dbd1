from __future__ import annotations

import pytest

from stages.measures.variety import REAL, read_studies, surest, variety_table
from tests.small_grid import METHODS, TASK, write_grid


@pytest.mark.usefixtures("project")
def test_a_row_a_method_and_one_for_real_texts() -> None:
    write_grid()
    header, rows = variety_table(read_studies(TASK, METHODS))
    assert [row[0] for row in rows] == [*METHODS, REAL]
    assert all(len(row) == len(header) for row in rows)
    assert rows[0][6] == "", "too few texts for a figure"
    assert rows[0][4] == "0.500"


def test_the_surest_words_of_all_labels_come_first() -> None:
    found = {"noise": [{"word": "loud", "z": 3.0}, {"word": "late", "z": 2.0}], "parcel": [{"word": "box", "z": 3.0}]}
    assert [(each["label"], each["word"]) for each in surest(found, 2)] == [("noise", "loud"), ("parcel", "box")]
