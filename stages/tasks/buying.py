"""What is lacking to buy answers, where some would have to be bought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core.errors import BudgetError
from stages.core.params import PARAMS
from stages.design.forecasting import forecast_grid
from stages.llm.budget import caps_of
from stages.llm.client import endpoint_from_environment
from stages.llm.forecast import total
from stages.llm.prices import Prices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.params import Everything


def lacking_to_ask(everything: Everything, tasks: tuple[str, ...]) -> Iterator[str]:
    """A line for the endpoint and one for the price of the model, where they are not known; none if nothing is asked.

    And why a cap cannot be kept, so that the run would stop before the first request, whatever is asked.

    What is annotated and judged is left out: before texts are there, nobody knows whether it is answered already.

    Args:
        everything: All params.
        tasks: Whose methods are those of the grid.
    """
    update = {
        "run": everything.run.model_copy(update={"tasks": tasks}),
        "annotate": everything.annotate.model_copy(update={"texts": 0}),
        "judge": everything.judge.model_copy(update={"texts": 0}),
    }
    grid = forecast_grid(everything.model_copy(update=update))
    found, ops = total(each for each in grid if not each.reserve), everything.ops
    if found.missing and endpoint_from_environment(ops) is None:
        yield (
            f"{found.missing:,} answers would have to be asked for, and no endpoint is set: "
            f"export {ops.api_key_env}=..., or {ops.base_url_env}=... for a server of your own"
        )
    unkept = list(_unkept(everything))
    yield from unkept
    if found.missing and found.dollars is None and not unkept:
        yield (
            f"{PARAMS}: the price of {everything.llm.model} is not known, so costs are told in tokens alone: "
            "llm.price_per_million says it"
        )


def _unkept(everything: Everything) -> Iterator[str]:
    """Why the caps in dollars cannot be kept, in the words of the run that would stop at it; each once."""
    said = set[str]()
    for llm in (everything.llm, *([everything.judge.asked(everything.llm)] if everything.judge.texts else [])):
        try:
            caps_of(llm, everything.ops, Prices(llm.model, llm.price_per_million))
        except BudgetError as error:
            if str(error) not in said:
                yield str(error)
            said.add(str(error))
