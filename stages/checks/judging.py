"""Judging completions: every text that was asked for, as accepted or as rejected with its reason.

`clean` writes down what comes out here, and `refill` asks for more by it: so what the one lacks, the other knows of.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.checks import texts
from stages.checks.completions import NoText, read_texts
from stages.checks.reports import Reported, RoundCoverage, read_reports
from stages.core.records import Rejected, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.records import Generated
    from stages.core.sections import Clean
    from stages.core.tasks import Task

SURPLUS = "surplus"  # of the reserve: its label had all its texts before this one, so nobody looked at it


class Judging:
    """Judges completions one after the other; it remembers the texts that it took.

    Args:
        task: Whose texts.
        chosen: What is thrown out.
        test_texts: Those of the test set.

    Attributes:
        covered: What was reported of the accepted texts.
        wanted: How many texts of each label were planned, without the reserve.
        taken: How many were accepted; never more than that. A text counts for the label that it was planned for.
    """

    def __init__(self, task: Task, chosen: Clean, test_texts: Iterable[str]) -> None:
        self.covered = RoundCoverage()
        self.wanted, self.taken = Counter[str](), Counter[str]()
        self._check = texts.TextCheck(task.words, chosen.length_tolerance, test_texts)

    @property
    def lacking(self) -> dict[str, int]:
        """How many texts each label lacks that lacks any."""
        return dict(self.wanted - self.taken)

    def of(self, answer: Generated) -> list[Text | Rejected]:
        """Each text that a completion was to have, in their order."""
        if not answer.reserve:
            self.wanted[answer.label] += len(answer.rows)
        whole, found = _reason_of_whole(answer), list[Text | Rejected]()
        self.covered.begin(answer.label, answer.report)
        for row, each in zip(answer.rows, _texts(answer), strict=True):
            text, attributes = each if isinstance(each, Reported) else (each, row.attributes)
            planned = (answer.label, row.index, attributes, row.also, answer.reserve)
            if isinstance(text, NoText):
                found.append(Rejected(whole or text.value, None, *planned))
            elif reason := self._reason(answer, text, attributes):
                found.append(Rejected(reason, text, *planned))
            else:
                self.covered.add(answer.label, answer.report, attributes)
                self.taken[answer.label] += 1
                found.append(Text(text, *planned))
        return found

    def _reason(self, answer: Generated, text: str, attributes: dict[str, str]) -> str | None:
        full = answer.reserve and self.taken[answer.label] >= self.wanted[answer.label]
        return SURPLUS if full else self._check.judge(text, attributes)


def _texts(answer: Generated) -> Sequence[str | Reported | NoText]:
    halved = answer.finish_reason == "length" and not answer.as_json  # in a list, items before the break are whole
    if answer.imported:
        return [(answer.completion or "").strip()]  # no model wrapped it into quotation marks or a code fence
    if answer.completion is None or halved or answer.finish_reason in ("refusal", "content_filter"):
        return [NoText.MISSING] * len(answer.rows)
    if answer.report:
        return read_reports(answer.completion, len(answer.rows), answer.report.spreads)
    return read_texts(answer.completion, len(answer.rows), as_json=answer.as_json)


def _reason_of_whole(answer: Generated) -> str | None:
    """Why the answer as a whole has no texts, or not all: better than what can be said of a missing item."""
    if answer.failed:
        return answer.finish_reason  # there is no answer: one of `llm/chat`'s reasons
    by_finish = {"refusal": texts.REFUSED, "content_filter": texts.REFUSED, "length": texts.CUT_OFF}
    if answer.finish_reason in by_finish:
        return by_finish[answer.finish_reason]
    if not (answer.completion or "").strip():
        return texts.EMPTY
    return texts.REFUSED if texts.is_refusal(answer.completion or "") else None
