"""Which labels look wrong to a student that did not learn from them: confident learning.

Northcutt, Jiang, Chuang, *Confident Learning: Estimating Uncertainty in Dataset Labels*, JAIR 70, 2021, as the package
cleanlab has it. Texts are judged by probabilities of students that were fitted to the other folds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.learning import Linear, Tfidf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Bools, Floats, Ints
    from stages.core.learning import AnyStudent
    from stages.students.training import TrainingSet

_CHEAP = Linear(kind="linear", encoder="all-MiniLM-L6-v2", c=8.0)  # judges for kinds that take long to fit
# How many texts of each label look wrong is estimated from the joint distribution of given and true labels
# (section 3.2 there); these are the ones with the lowest margin between the given label and the likeliest other.
_RANK = "low_normalized_margin"
_DIGITS = 5  # of vectors and qualities: beyond them they differ from one processor to the next


class OutOfFold:
    """Judges of texts, each fitted to other texts.

    Args:
        texts: (n,) texts.
        student: The entry in params.yaml of the student that is to be fitted to them later on. Texts are judged by the
            same kind if that is tfidf or linear, else by a linear one.
    """

    def __init__(self, texts: Sequence[str], student: AnyStudent) -> None:
        self._texts = texts
        self._judge = student if isinstance(student, Tfidf | Linear) else _CHEAP

    @cached_property
    def vectors(self) -> Floats:
        """(n, dimensions): of a frozen encoder, that of the student if it has one."""
        from stages.students.encoder import Encoder  # noqa: PLC0415 - seconds that not every student pays

        encoder = self._judge.encoder if isinstance(self._judge, Linear) else _CHEAP.encoder
        return Encoder(encoder).encode(self._texts).astype(np.float64).round(_DIGITS)

    def probabilities(self, data: TrainingSet, parts: Ints) -> Floats:
        """Of each label for each of the (n,) texts: (n, labels), by a judge fitted to the other parts.

        A label of which the other parts have no text (all of them near-duplicates of one another, say) nobody can
        judge: it is taken as it is given.
        """
        found = data.targets.copy()
        for part in np.unique(parts):
            rows, others = np.flatnonzero(parts == part), np.flatnonzero(parts != part)
            shares = data.targets[others].mean(axis=0) if len(others) else np.zeros(len(data.labels))
            known = (shares > 0) & ((shares < 1) if data.multilabel else True)
            if known.sum() < (1 if data.multilabel else 2):
                continue
            judged = self._fitted(data, others, rows, known)
            if not data.multilabel:
                rows, judged = (each[known[data.targets[rows].argmax(axis=1)]] for each in (rows, judged))
                found[rows] = 0.0
            found[np.ix_(rows, np.flatnonzero(known))] = judged
        return found

    def _fitted(self, data: TrainingSet, others: Ints, rows: Ints, known: Bools) -> Floats:
        """Probabilities of the known labels for `rows`, by a judge fitted to `others`."""
        part = data.part(others)
        labels = tuple(label for label, is_known in zip(data.labels, known, strict=True) if is_known)
        part = replace(part, targets=part.targets[:, known], labels=labels)
        if isinstance(self._judge, Tfidf):
            from stages.students.tfidf import TfidfStudent  # noqa: PLC0415 - scikit-learn takes seconds

            return TfidfStudent.fit(part, self._judge).probabilities([self._texts[row] for row in rows])
        from stages.students.calibration import USUAL_C  # noqa: PLC0415 - likewise
        from stages.students.logistic import Logistic  # noqa: PLC0415 - likewise

        c = USUAL_C if self._judge.c == "auto" else self._judge.c
        return Logistic.fit(self.vectors[others], part, c).probabilities(self.vectors[rows])


def judged(data: TrainingSet, probabilities: Floats) -> tuple[Floats, Bools]:
    """How good the label of each of the (n,) texts looks, from 0 to 1, and whether it looks wrong.

    Of several labels, those that all texts have, or none, say nothing of any: 1 and no, where there are no others.

    Args:
        data: The texts.
        probabilities: (n, labels), of judges that did not learn from the text (see `OutOfFold`).
    """
    targets, several = data.targets, data.multilabel
    if several:
        differs = np.ptp(targets, axis=0) > 0
        if not differs.any():
            return np.ones(len(targets)), np.zeros(len(targets), dtype=bool)
        targets, probabilities = targets[:, differs], probabilities[:, differs]
        if targets.shape[1] == 1:  # a question with two answers, of which each text has one
            targets, probabilities = (np.hstack([1 - each, each]) for each in (targets, probabilities))
            several = False
    quality, suspected = (_of_several if several else _of_one)(targets, probabilities)
    return np.asarray(quality, dtype=np.float64).round(_DIGITS), np.asarray(suspected, dtype=bool)


def _of_several(targets: Floats, probabilities: Floats) -> tuple[Any, Any]:
    # cleanlab brings pandas; a student without this pays for neither.
    from cleanlab.multilabel_classification import filter as issues  # noqa: PLC0415 - see above
    from cleanlab.multilabel_classification import rank  # noqa: PLC0415 - see above

    labels = [np.flatnonzero(row).tolist() for row in targets]
    return (
        rank.get_label_quality_scores(labels, probabilities, method="normalized_margin"),
        issues.find_label_issues(labels, probabilities, filter_by=_RANK, n_jobs=1),
    )


def _of_one(targets: Floats, probabilities: Floats) -> tuple[Any, Any]:
    from cleanlab.filter import find_label_issues  # noqa: PLC0415 - as above
    from cleanlab.rank import get_label_quality_scores  # noqa: PLC0415 - as above

    given = targets.argmax(axis=1)
    return (
        get_label_quality_scores(given, probabilities, method="normalized_margin"),
        find_label_issues(given, probabilities, filter_by=_RANK, n_jobs=1),
    )
