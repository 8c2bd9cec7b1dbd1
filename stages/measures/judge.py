"""Whether a judge is to be believed, by texts whose labels people gave, and what it says of generated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stages.core.judgements import REALISM, UNREAL
from stages.llm.chat import NOT_ASKED
from stages.measures.bias import wilson
from stages.measures.calibration import calibration_error
from stages.measures.counts import count, indicators
from stages.measures.resampling import percentiles, resample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Bools, Floats, Ints
    from stages.core.files import Json
    from stages.core.judgements import Judge, Judgement
    from stages.core.sections import Evaluate

_WORST = 10  # texts that are shown


def judged_scores(said: Sequence[Judgement], labels: Sequence[str], chosen: Judge, evaluate: Evaluate) -> Json:
    """What the judge's verdicts come to.

    Args:
        said: Of real texts and of a method's; those without a verdict are passed over.
        labels: The task's.
        chosen: When it is believed.
        evaluate: Of the intervals.

    Returns:
        trusted: whether gates may go by it; told: the same in words ("not asked" where nobody was asked).
        agreement: with people, see `agreement`; None where no real text has a verdict.
        fit, wanted: what it was held against, of labels and of kappa.
        generated, real: texts, and the shares of them that are unfit (whose label has a chance under `fit`) and unreal,
            each with its bounds; and how many have which realism.
        realism_auc, with its bounds: see `realism_auc`.
        disputed: the texts of the method that fit their label worst.
    """
    known = [each for each in said if each.reason is None]
    generated, real = ([each for each in known if each.real == of_real] for of_real in (False, True))
    found = agreement(real, labels, evaluate) if real else None
    unfit = sorted((each for each in generated if each.fit < chosen.fit), key=lambda each: each.fit)
    return {
        "agreement": found,
        "trusted": bool(found and found["kappa_low"] >= chosen.kappa),
        "told": told(found, chosen) if any(each.reason != NOT_ASKED for each in said) else "not asked",
        "wanted": chosen.kappa,
        "fit": chosen.fit,
        "generated": _shares(generated, chosen, evaluate),
        "real": _shares(real, chosen, evaluate),
        **realism_auc(_by_realism(real), _by_realism(generated), evaluate),
        "disputed": [
            {"text": each.text, "labels": list(each.labels), "fit": each.fit, "instead": each.likeliest,
             "chance": each.chances[each.likeliest], "why": each.why}
            for each in unfit[:_WORST]
        ],
    }  # fmt: skip


def told(found: Json | None, chosen: Judge) -> str:
    """Whether the judge is trusted, and why, in words."""
    if not found:
        return "not trusted: it judged no text whose label people gave"
    bounds = f"kappa {found['kappa']:.2f} ({found['kappa_low']:.2f} to {found['kappa_high']:.2f})"
    trusted = "trusted" if found["kappa_low"] >= chosen.kappa else "not trusted"
    return f"{trusted}: {bounds} on {found['texts']} real texts, {chosen.kappa:g} wanted of the lower bound"


def agreement(real: Sequence[Judgement], labels: Sequence[str], evaluate: Evaluate) -> Json:
    """How far a judge agrees with people about texts whose labels they gave.

    The judge's label is the one that it finds likeliest. Cohen's kappa (1960, A Coefficient of Agreement for Nominal
    Scales) is (p - e) / (1 - e), with p the share of texts that have it, and e what chance would give: the sum over
    labels of the share of texts that have one times the share that were given it. Where a text has several labels, p
    and e are of the judge's being one of them. As in Cohen's standard error, e is taken as known; p has Wilson's
    interval in place of the normal one, so that a few texts without an error prove little.

    Args:
        real: Texts with a verdict, one at least.
        labels: The task's.
        evaluate: Of the intervals.

    Returns:
        texts; accuracy, kappa and calibration_error (of the likeliest label's chance, see `calibration`), with _low and
        _high; auc: how likely it is that the chance of a text's label is above that of the likeliest other label of a
        text, the two drawn by themselves (0.5: chances tell right from wrong by luck alone; None: there is no other).
    """
    actual = indicators([each.labels for each in real], labels)
    predicted = indicators([(each.likeliest,) for each in real], labels)
    chances = np.array([[each.chances.get(label, 0.0) for label in labels] for each in real])
    counts, texts = count(actual, predicted), len(real)
    right = float(counts.hits.sum()) / texts
    low, high = wilson(right, texts, evaluate.confidence)
    by_chance = float((counts.have * counts.given).sum()) / texts**2

    def kappa(share: float) -> float:
        return (share - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0

    error = calibration_error(chances, actual, evaluate)
    found: Json = {"texts": texts, "auc": _auc(chances, actual)}
    for name, *values in (
        ("accuracy", right, low, high),
        ("kappa", kappa(right), kappa(low), kappa(high)),
        ("calibration_error", *error),
    ):
        found |= dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
    return found


def _auc(chances: Floats, actual: Bools) -> float | None:
    """Of the least chance of each text's labels, beside the largest of the others: (n, labels) both."""
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - a second that a stage where nothing is asked saves

    others = ~actual.all(axis=1)
    if not others.any():
        return None
    own = np.where(actual, chances, np.inf).min(axis=1)
    other = np.where(actual, -np.inf, chances).max(axis=1)[others]
    kinds = np.repeat([1, 0], [len(own), len(other)])
    return float(roc_auc_score(kinds, np.concatenate([own, other])))


def realism_auc(real: Ints, generated: Ints, evaluate: Evaluate) -> Json:
    """How likely a real text has a higher realism than a generated one, equal ones counting half.

    0.5: the judge cannot tell them apart. Bounds are those of the percentile bootstrap over the texts of both.

    Args:
        real: How many texts have which realism, (5,).
        generated: Likewise.
        evaluate: Of the bootstrap.

    Returns:
        realism_auc, realism_auc_low, realism_auc_high; nothing where there are no texts of one kind.
    """
    if not real.sum() or not generated.sum():
        return {}

    def auc(ones: Floats, others: Floats) -> Floats:
        below = np.cumsum(others, axis=-1) - others / 2
        found: Floats = (ones * below).sum(axis=-1) / (ones.sum(axis=-1) * others.sum(axis=-1))
        return found

    # Another seed: the draws of the one shall say nothing of those of the other.
    other = evaluate.model_copy(update={"seed": evaluate.seed + 1})
    drawn = [resample(each, lambda draws: draws, len(each), by) for each, by in ((real, evaluate), (generated, other))]
    low, high = percentiles(auc(*drawn), evaluate)
    value = float(auc(real.astype(np.float64), generated.astype(np.float64)))
    return {"realism_auc": value, "realism_auc_low": float(low), "realism_auc_high": float(high)}


def _by_realism(judged: Sequence[Judgement]) -> Ints:
    return np.array([sum(each.realism == score for each in judged) for score in REALISM], dtype=np.int64)


def _shares(judged: Sequence[Judgement], chosen: Judge, evaluate: Evaluate) -> Json:
    rated = [each for each in judged if each.realism is not None]
    return {
        "texts": len(judged),
        **_share("unfit", sum(each.fit < chosen.fit for each in judged), len(judged), evaluate),
        **_share("unreal", sum((each.realism or 0) <= UNREAL for each in rated), len(rated), evaluate),
        "realism": _by_realism(judged).tolist(),
    }


def _share(name: str, some: int, texts: int, evaluate: Evaluate) -> Json:
    if not texts:
        return {name: None}
    low, high = wilson(some / texts, texts, evaluate.confidence)
    return {name: some / texts, f"{name}_low": low, f"{name}_high": high}
