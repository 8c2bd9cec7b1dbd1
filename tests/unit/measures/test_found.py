"""Values as found: by hand, against what a census would say, and against what a plain count gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare

from stages.core.annotating import NONE_OF_THESE, Sought
from stages.measures.found import Described, found_values
from stages.measures.significance import holm

TONE = Sought("tone", "how it sounds", ("calm", "angry"))
SCENES = {"noise": Sought("scene", "what", ("party", "drill"), (0.75, 0.25), NONE_OF_THESE),
          "parcel": Sought("scene", "what", ("late", "lost"), (0.5, 0.5), NONE_OF_THESE)}  # fmt: skip
SOUGHT = {label: (TONE, SCENES[label]) for label in ("noise", "parcel")}
LABELS = ["noise"] * 12 + ["parcel"] * 8


def said(**values: list[tuple[int, str]]) -> dict[int, dict[str, str]]:
    """By place, of pairs of place and value by attribute."""
    found: dict[int, dict[str, str]] = {}
    for name, pairs in values.items():
        for place, value in pairs:
            found.setdefault(place, {})[name] = value
    return found


# Of noise three, two calm and one angry; of parcel two, one angry and one that says nothing.
KNOWN = said(
    tone=[(0, "calm"), (1, "calm"), (2, "angry"), (12, "angry"), (13, "not said")],
    scene=[(0, "party"), (1, "party"), (2, "party"), (12, "late"), (13, NONE_OF_THESE)],
)
# Of noise two, both angry; of parcel two, calm and angry.
REAL = said(tone=[(0, "angry"), (1, "angry"), (2, "calm"), (3, "angry")])
REAL_LABELS = ["noise", "noise", "parcel", "parcel"]


def test_shares_are_weighted_by_the_texts_of_a_label() -> None:
    tone = found_values(Described(LABELS, KNOWN), Described(REAL_LABELS, REAL), SOUGHT, 0.95)["tone"]
    assert (tone["texts"], tone["known"], tone["unsaid"], tone["classifier"]) == (20, 5, "not said", None)
    # Twelve texts of noise, 2/3 calm and 1/3 angry; eight of parcel, half angry.
    shares = {value: each["share"] for value, each in tone["shares"].items()}
    assert shares == pytest.approx({"calm": 0.6 * 2 / 3, "angry": 0.6 / 3 + 0.4 / 2, "not said": 0.4 / 2})
    assert tone["real"]["angry"] == {"share": pytest.approx(0.75), "low": 0.75, "high": 0.75}, "all of them are known"
    # Of the 0.8 that say a value half is calm.
    assert tone["said"] == pytest.approx(
        {"of_all": 0.8, "entropy": 1.0, "evenness": 1.0, "commonest": "calm", "share": 0.5}
    )
    even = tone["targets"]["uniform"]["overall"]
    assert (even["texts"], even["total_variation"], even["jensen_shannon"]) == (4, pytest.approx(0), pytest.approx(0))
    assert even["chi_square"] == pytest.approx(chisquare([2, 2]).statistic)
    assert "natural" not in tone["targets"], "nobody knows how common tones are"


def test_real_texts_are_a_sample_too() -> None:
    target = found_values(Described(LABELS, KNOWN), Described(REAL_LABELS, REAL), SOUGHT, 0.95)["tone"]["targets"]
    overall = target["real"]["overall"]
    # Half calm against a quarter.
    assert overall["total_variation"] == pytest.approx(0.25)
    tested = chi2_contingency([[2, 2], [1, 3]], correction=False)
    assert (overall["chi_square"], overall["p"]) == pytest.approx((tested.statistic, tested.pvalue))
    chance = np.random.default_rng(0)
    q = 3 / 8
    apart = abs(chance.binomial(400, q, 20_000) / 400 - chance.binomial(400, q, 20_000) / 400).mean()
    assert overall["by_chance"] == pytest.approx(apart * np.sqrt(400 / 4), rel=0.03), "as n grows"
    # Calm 2/3 against 0 of noise; of parcel angry alone against half.
    classes = {each["label"]: each for each in target["real"]["classes"]}
    assert {label: each["total_variation"] for label, each in classes.items()} == pytest.approx(
        {"noise": 2 / 3, "parcel": 1 / 2}
    )
    alone = [chi2_contingency(each, correction=False).pvalue for each in ([[2, 1], [0, 2]], [[0, 1], [1, 1]])]
    assert [classes[label]["p"] for label in ("noise", "parcel")] == pytest.approx(holm(alone))


def test_values_of_a_label_are_held_against_its_own() -> None:
    scene = found_values(Described(LABELS, KNOWN), Described(REAL_LABELS, REAL), SOUGHT, 0.95)["scene"]
    assert list(scene["shares"]) == ["party", "drill", "late", "lost", NONE_OF_THESE]
    assert scene["shares"]["party"]["share"] == pytest.approx(0.6)
    assert scene["real"] is None
    assert set(scene["targets"]) == {"uniform", "natural"}
    natural = scene["targets"]["natural"]
    # Parties are all of noise where three quarters should be.
    [noise] = [each for each in natural["classes"] if each["label"] == "noise"]
    assert noise["total_variation"] == pytest.approx(0.25)
    # Twelve of noise, and of parcel four that say something; those should be 9, 3, 2 and 2, and are 12, 0, 4 and 0.
    assert natural["overall"]["total_variation"] == pytest.approx(5 / 16)
    # In the sample three of noise and one of parcel: chi-square of 3, 0, 1, 0 against 2.25, 0.75, 0.5, 0.5.
    assert natural["overall"]["chi_square"] == pytest.approx(chisquare([3, 0, 1, 0], [2.25, 0.75, 0.5, 0.5]).statistic)
    even = [each["label"] for each in scene["targets"]["uniform"]["classes"]]
    assert even == ["noise", "parcel"], "the worst first"


def test_a_label_that_does_not_have_an_attribute_is_left_out() -> None:
    sought = {"noise": (TONE, SCENES["noise"]), "parcel": (TONE,)}
    scene = found_values(Described(LABELS, KNOWN), Described([], {}), sought, 0.95)["scene"]
    assert (scene["texts"], scene["known"], list(scene["shares"])) == (12, 3, ["party", "drill", NONE_OF_THESE])


def test_where_no_text_says_anything_there_is_no_spread() -> None:
    nothing = said(tone=[(0, "not said"), (12, "not said")])
    tone = found_values(Described(LABELS, nothing), Described(REAL_LABELS, REAL), SOUGHT, 0.95)["tone"]
    assert (tone["said"], tone["targets"]) == (None, {})
    assert found_values(Described(LABELS, {}), Described(REAL_LABELS, REAL), SOUGHT, 0.95) == {}


def test_a_classifier_covers_the_rest_where_it_can() -> None:
    # The angry ones lie elsewhere; by bad luck the sample has fewer of them than there are.
    truth = ["calm"] * 60 + ["angry"] * 60
    chance = np.random.default_rng(5)
    vectors = (chance.normal(size=(120, 4)) * 0.1 + np.where(np.arange(120)[:, None] < 60, 1, -1)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sample = [*range(20), *range(60, 70)]
    known = said(tone=[(place, truth[place]) for place in sample])
    sought = {"noise": (TONE,)}
    seen, blind = (
        found_values(Described(["noise"] * 120, known, each), Described([], {}), sought, 0.95)["tone"]
        for each in (vectors, None)
    )
    assert seen["classifier"] == {"accuracy": 1.0, "commonest": pytest.approx(2 / 3), "used": True}
    assert blind["shares"]["angry"]["share"] == pytest.approx(1 / 3)
    assert seen["shares"]["angry"]["share"] == pytest.approx(0.5, abs=0.03)
    widths = [each["shares"]["angry"]["high"] - each["shares"]["angry"]["low"] for each in (seen, blind)]
    assert widths[0] < widths[1]
    useless = found_values(
        Described(["noise"] * 120, known, np.ones_like(vectors) / 2), Described([], {}), sought, 0.95
    )["tone"]
    assert not useless["classifier"]["used"]
    assert useless["shares"] == blind["shares"], "the sample alone"
