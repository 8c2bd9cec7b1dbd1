from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from stages.core.learning import Mean
from stages.students.calibration import scores_of
from stages.students.folder import fit_student, load_student
from stages.students.saving import save_student
from stages.students.student import predict
from stages.students.training import TrainingSet
from tests.unit.students.test_students import DATA, LABELS, LINEAR, TEXTS, TFIDF

MEAN = Mean.model_validate(
    {
        "kind": "mean",
        "of": {"words": {"weight": 2.0, "student": TFIDF}, "meaning": {"weight": 1.0, "student": LINEAR}},
    }
)
SEVERAL = TrainingSet.of([*TEXTS, "a tax on dogs"], [*((label,) for label in LABELS), LABELS[2:4]], multilabel=True)


@pytest.mark.parametrize("data", [DATA, SEVERAL], ids=["single", "several"])
def test_logarithms_are_averaged_by_weight_and_the_folder_says_the_same(data: TrainingSet, tmp_path: Path) -> None:
    texts = [*TEXTS, "a dog's tax", ""]
    student = fit_student(MEAN, data)
    words, meaning, both = (
        scores_of(each.probabilities(texts), multilabel=data.multilabel)
        for each in (fit_student(TFIDF, data), fit_student(LINEAR, data), student)
    )
    expected = (2 * words + meaning) / 3
    shift = 0 if data.multilabel else (expected - both).mean(axis=1, keepdims=True)
    assert np.allclose(expected - both, shift, atol=1e-6)
    assert predict(student, TEXTS) == [(label,) for label in LABELS]
    save_student(tmp_path / "model", student, {"kind": "mean"})
    again = load_student(tmp_path / "model")
    assert (again.labels, again.multilabel) == (data.labels, data.multilabel)
    assert np.allclose(again.probabilities(texts), student.probabilities(texts))


def test_what_is_done_about_wrong_labels_stands_in_one_place() -> None:
    of = {**MEAN.model_dump()["of"]}
    of["words"]["student"]["noise"] = {"smoothing": 0.1}
    with pytest.raises(ValidationError, match=r"(?s)of.words.student\b.*noise: put this section beside of"):
        Mean.model_validate({"kind": "mean", "of": of})
    with pytest.raises(ValidationError, match="at least 2 items"):
        Mean.model_validate({"kind": "mean", "of": {"meaning": of["meaning"]}})
