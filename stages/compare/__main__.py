"""Compare methods at equal cost: `python -m stages.compare --task TASK --usd 0.02` (or `--tokens 20000`).

Every method gets the most texts a label that the budget pays for, a multiple of `prompts.texts_per_request`; the same
students learn from them with the same seeds and are scored on the same test texts, in a DVC experiment for each method.
Nothing in the workspace changes. Prints two Markdown tables: costs and scores, and which methods can be told apart.

    --methods "a b"     those to compare; else the ones of run.methods
    --most N            texts a label that are looked at; else prompts.per_label
    --with-attributes   takes what finding the attributes costs out of the budget of the methods that need them
    --pay               asks for answers that are missing; without it nothing is ever sent

From recordings or the store alone it costs nothing, and gives the same again.

Reads   params.yaml, data/tasks/<task>/, data/templates/, data/recordings/<task>.jsonl
Writes  experiments, see dvc exp show
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.compare.afford import Afforded, afford, only
from stages.compare.bills import Bill, Budget
from stages.compare.buying import buy, too_little
from stages.compare.experiments import run_method
from stages.compare.report import report
from stages.core import cli
from stages.core.errors import AnswersMissingError, BudgetError, InputError
from stages.core.params import PARAMS
from stages.core.tasks import load_task
from stages.design.brief import gather
from stages.design.preflight import check_before_paying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.params import Everything


def main(
    task: str,
    *,
    methods: str | None = None,
    usd: str | None = None,
    tokens: str | None = None,
    most: str | None = None,
    with_attributes: bool = False,
    pay: bool = False,
) -> None:
    """Find out what each method gets, buy what is missing if that is allowed, run, print."""
    budget, everything = _budget(usd, tokens), check_before_paying(task)
    names = _methods(methods, everything)
    chosen = everything.model_copy(update={"run": everything.run.model_copy(update={"methods": names})})
    per_label = _most(most, chosen)
    described = load_task(task)
    brief = gather(described, everything.attributes.count_in)
    given = [(chosen, described, brief, each, budget) for each in names]
    found = [afford(*each, most=per_label, with_attributes=with_attributes) for each in given]
    _say(found, budget)
    short = [too_little(each, budget) for each in found if not each.per_label]
    if short:
        raise BudgetError("\n".join(short))
    if sum(each.missing for each in found):
        if not pay:
            raise _missing(found)
        found = [buy(*each, most=per_label, with_attributes=with_attributes) for each in given]
        _say(found, budget)
    results = {
        each.method: run_method(only(chosen, task, each.method, each.per_label), task, each.method) for each in found
    }
    print(
        report(
            task, budget, found, results=results, students=chosen.run.students, labels=described.names,
            settings=chosen.evaluate, with_attributes=with_attributes,
        )
    )  # fmt: skip


def _budget(usd: str | None, tokens: str | None) -> Budget:
    if (usd is None) == (tokens is None):
        raise InputError("give the budget of each method, either in dollars (--usd 0.02, make: USD=0.02) or in tokens "
                         "(--tokens 20000, make: TOKENS=20000)")  # fmt: skip
    amount = _number(usd or tokens or "", "--tokens" if usd is None else "--usd")
    return Budget(amount, "tokens" if usd is None else "usd")


def _methods(methods: str | None, everything: Everything) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(methods.replace(",", " ").split() if methods else everything.run.methods))
    problems = [
        f"{PARAMS}: methods: {each!r} is missing; there are {', '.join(everything.methods)}"
        for each in names
        if each not in everything.methods
    ]
    problems += [
        f"{each}: imports its texts; what they cost where they were made is not known, so it has no place in a "
        "comparison at equal cost. Its row in the report is all there is"
        for each in names
        if each in everything.methods and everything.methods[each].imported
    ]
    if problems:
        raise InputError(*problems)
    return names


def _most(most: str | None, everything: Everything) -> int:
    """Texts a label that are looked at, whole requests of them."""
    wanted = int(_number(most, "--most")) if most else everything.prompts.per_label
    step = everything.prompts.texts_per_request
    if wanted < step:
        raise InputError(f"--most (or prompts.per_label) is {wanted}, and a request has {step} texts; raise it")
    return wanted - wanted % step


def _number(text: str, option: str) -> float:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise InputError(f"{option}: expected a number above 0, found {text!r}")
    return number


def _say(found: Sequence[Afforded], budget: Budget) -> None:
    for each in found:
        cli.say(
            f"{each.method}: {each.per_label} texts a label for {budget.shown(budget.of(each.texts))} of {budget}, "
            f"{each.texts.requests} requests, {each.texts.missing} of them not answered; attributes: "
            f"{each.attributes.requests} requests, {each.attributes.missing} not answered"
        )


def _missing(found: Sequence[Afforded]) -> AnswersMissingError:
    bill = sum((each.texts + each.attributes for each in found), Bill())
    price = "price unknown" if bill.missing_dollars is None else f"about ${bill.missing_dollars:.4f}"
    which = ", ".join(f"{each.method} {each.missing}" for each in found if each.missing)
    return AnswersMissingError(
        f"{bill.missing} answers are neither recorded nor stored ({which}): {price} to ask for them; nothing was sent. "
        "To ask: --pay (make: PAY=1). To ask nothing: a smaller budget, or --most (make: MOST=) for fewer texts",
        bill.missing,
    )


if __name__ == "__main__":
    cli.run(
        main, __doc__, "task", flags=("pay", "with-attributes"),
        options={each: each for each in ("methods", "usd", "tokens", "most")},
    )  # fmt: skip
