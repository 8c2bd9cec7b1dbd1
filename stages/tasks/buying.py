"""What is lacking to buy answers, where some would have to be bought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core.params import PARAMS
from stages.design.forecasting import forecast_grid
from stages.llm.client import endpoint_from_environment
from stages.llm.forecast import total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.params import Everything


def lacking_to_ask(everything: Everything, tasks: tuple[str, ...]) -> Iterator[str]:
    """A line for the endpoint and one for the price of the model, where they are not known; none if nothing is asked.

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
    if found.missing and found.dollars is None:
        yield (
            f"{PARAMS}: the price of {everything.llm.model} is not known, so costs are told in tokens alone: "
            "llm.price_per_million says it"
        )
