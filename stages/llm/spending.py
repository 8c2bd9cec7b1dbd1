"""What the completions of a method came to: their cost, and how many requests got no answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Self

from stages.core.records import IMPORTED
from stages.llm.prices import Cost

if TYPE_CHECKING:
    from stages.core.files import Json
    from stages.core.records import Generated


@dataclass(slots=True)
class Spending:
    """The sum over completions.

    Attributes:
        cost: Of all requests.
        failed: How many of them got no answer, by reason.
        imported: Texts that were made elsewhere; where there are any, dollars are not known.
    """

    cost: Cost = field(default_factory=Cost)
    failed: Counter[str] = field(default_factory=Counter)
    imported: int = 0

    @classmethod
    def of_metrics(cls, metrics: Json) -> Self:
        """What a stage wrote down: in its completions each has a rounded price, and here their sum is rounded once."""
        rest = dict(metrics)
        cost = Cost(**{each.name: rest.pop(each.name) for each in fields(Cost)})
        imported = rest.pop(IMPORTED, 0)
        return cls(cost, Counter(rest), imported)

    def add(self, each: Generated) -> None:
        """Count one completion in."""
        if each.imported:
            self.imported, self.cost.dollars = self.imported + 1, None
            return
        self.cost.add(each.prompt_tokens, each.completion_tokens, each.dollars)
        self.failed.update([each.finish_reason] if each.failed else [])

    def as_json(self) -> Json:
        """As it stands in a metrics file."""
        return {**self.cost.as_json(), **({IMPORTED: self.imported} if self.imported else {}), **self.failed}
