"""The headline: what is said of which evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stages.core.params import GOLD
from stages.measures.curves import Point
from stages.measures.differences import APART, Pair
from stages.measures.efficiency import compare_costs
from stages.measures.significance import Difference
from stages.pages.confusion import Confused, Matrix
from stages.pages.evidence import Evidence
from stages.pages.gates import Checked
from stages.pages.headline import headline

STUDENT = "tfidf"


def scores(macro: float, **more: float | str | None) -> dict[str, Any]:
    return {"macro_f1": macro, "macro_f1_low": macro - 0.05, "macro_f1_high": macro + 0.05, **more}


def method(macro: float, dollars: float | None = 0.02, **more: float | str | None) -> dict[str, Any]:
    return {"accepted": 100, "rejected": 0, "tokens": 2000, "dollars": dollars, STUDENT: scores(macro, **more)}


def pair(first: str, second: str, gap: float, verdict: str = APART) -> Pair:
    return Pair(first, second, STUDENT, Difference(gap, gap - 0.03, gap + 0.04), None, None, verdict)


def points(*values: float) -> list[Point]:
    return [
        Point(0.5, 10 * number, 1000 * number, 0.01 * number, 0, 0.0, value, value - 0.05, value + 0.05)
        for number, value in enumerate(values, 1)
    ]


def evidence(*pairs: Pair, **summary: Any) -> Evidence:
    methods = {"simprompt": method(0.6), "context": method(0.7), **summary}
    known = {name: each for name, each in methods.items() if each}
    curves = {STUDENT: {"simprompt": points(0.5, 0.6), "context": points(0.6, 0.7)}}
    costs = {student: compare_costs(each, "simprompt") for student, each in curves.items()}
    checked = {name: Checked(name, 100, 100, [], 9, [], [], "") for name in known}
    confused = {(name, STUDENT): Matrix(name, STUDENT, [], {}, 0, [], []) for name in known}
    attributes = {"tokens": 500, "dollars": 0.005}
    summary = {"attributes": attributes, **known}
    return Evidence(summary, 240, set(confused), pairs, curves, costs, checked, confused, 0.95)


def test_the_best_method_and_how_surely() -> None:
    said = headline(evidence(pair("simprompt", "context", -0.1, "context better")))
    assert said.claim == "context is best: macro-F1 0.700 with tfidf (95% interval 0.650 to 0.750)."
    beside, cost, share = said.facts
    assert beside == "Next is simprompt (0.600): 0.100 less (+0.060 to +0.130), which is more than chance explains."
    once = "what was asked about the labels, once for the task, took 500 tokens ($0.0050) more"
    assert cost == f"Its 100 texts took 2,000 tokens ($0.0200); {once}."
    assert share.startswith("context reaches simprompt's best macro-F1 (0.600) at no more than 50 % of its dollars")
    assert said.worth == ""


def test_what_cannot_be_told_apart_is_said_and_a_cheaper_one_named() -> None:
    said = headline(evidence(pair("simprompt", "context", -0.1), simprompt=method(0.6, 0.015)))
    score = "macro-F1 0.700 with tfidf (95% interval 0.650 to 0.750)"
    assert said.claim == f"240 test texts do not say which method is best. context scores highest: {score}."
    assert "which is no more than chance explains." in said.facts[0]
    assert "Add test texts to tell context from simprompt: on these, less than about 0.04 does not show." in said.steps
    assert "Until then simprompt will do: it costs 25% less." in said.steps


def test_one_that_is_better_than_some_but_not_than_the_next() -> None:
    pairs = (pair("context", "simprompt", 0.1), pair("context", "attrprompt", 0.2, "context better"))
    said = headline(evidence(*pairs, attrprompt=method(0.5)))
    assert said.claim.startswith("context scores highest, macro-F1 0.700")
    assert said.claim.endswith(", but cannot be told apart from simprompt.")
    assert not any("before anything else" in each for each in said.steps)


def test_the_best_beats_every_other_one() -> None:
    pairs = (pair("context", "simprompt", 0.1, "context better"), pair("context", "attrprompt", 0.2))
    assert headline(evidence(*pairs, attrprompt=method(0.5))).claim.startswith("context scores highest: ")


def test_where_no_score_is_above_chance_nothing_is_made_of_them() -> None:
    worst = Matrix("context", STUDENT, [], {}, 0, [Confused("a", "b", 4, 6)], [])
    known = evidence(pair("simprompt", "context", -0.1), context=method(0.7, worth=3.0, worth_in_words="3 (3 to 5)"))
    known = replace(known, texts=36, informed=set(), confused={("context", STUDENT): worst})
    said = headline(known)
    assert said.claim.startswith("On 36 test texts no score can be told from chance (one label for all texts, or")
    assert said.worth == ""
    [cost] = said.facts
    assert cost.startswith("Its 100 texts took")
    more = "on 36 the interval of an accuracy is up to ±16 points; 349 more make it ±5"
    assert said.steps == [f"Add test texts before anything else: {more}."]
    assert headline(replace(known, texts=400)).steps == []


def test_where_nobody_is_better_test_texts_come_first() -> None:
    said = headline(replace(evidence(pair("simprompt", "context", -0.1)), texts=36))
    assert said.claim.startswith("36 test texts do not say which method is best.")
    assert said.steps[0].startswith("Add test texts before anything else:")


def test_a_share_of_the_cost_is_named_where_both_bounds_reach_the_score() -> None:
    reach = "context reaches simprompt's best macro-F1 (0.600) at no more than 50 %"
    assert any(each.startswith(reach) for each in headline(evidence()).facts)
    known = evidence()
    wide = {"simprompt": points(0.5, 0.6), "context": points(0.58, 0.62)}
    said = headline(replace(known, costs={STUDENT: compare_costs(wide, "simprompt")})).facts
    assert "Whether context reaches simprompt's best macro-F1 (0.600) these test texts leave open" in said[-1]
    blind = replace(known, informed={("context", STUDENT)})
    assert not any("reaches" in each for each in headline(blind).facts), "the baseline's score may be chance"


def test_a_worth_that_may_be_anything_is_none() -> None:
    anything = method(0.7, worth_in_words="8 (fewer than 1 to more than 60)")
    assert headline(evidence(context=anything)).worth == ""


def test_that_a_student_is_best_is_said_to_be_untested() -> None:
    said = headline(evidence(context={**method(0.7), "linear": scores(0.65), "mean": scores(0.5)}))
    told = "That tfidf is ahead of linear and mean shows on these same test texts, and is not tested."
    assert told in said.facts
    assert not any("is not tested" in each for each in headline(evidence()).facts), "there is one student"


def test_others_that_it_is_better_than() -> None:
    pairs = (
        pair("context", "simprompt", 0.1),
        pair("context", "attrprompt", 0.2, "context better"),
        pair("contrast", "context", -0.2, "context better"),
    )
    said = headline(evidence(*pairs, attrprompt=method(0.5), contrast=method(0.4)))
    assert "context is better than attrprompt and contrast by more than chance explains." in said.facts


def test_one_method_alone_is_not_the_best_of_any() -> None:
    said = headline(evidence(simprompt=None))
    assert said.claim == "context has macro-F1 0.700 with tfidf (95% interval 0.650 to 0.750)."
    assert not any("Next is" in each for each in said.facts)


def test_a_blend_is_not_compared_text_by_text() -> None:
    said = headline(evidence(both=method(0.65)))
    assert said.claim.startswith("context scores highest: macro-F1 0.700")
    assert "Next is both (0.650); blends are not held against other methods text by text." in said.facts


def test_real_texts_are_no_method_but_a_measure() -> None:
    said = headline(evidence(**{GOLD: {"accepted": 500, STUDENT: scores(0.8)}}))
    assert said.claim.startswith("context")
    assert "Real training texts (500) come to 0.800, 0.100 above context." in said.facts
    assert not any("Real" in each for each in said.steps), "there is nothing to do about it"


def test_the_worth_in_texts_of_people() -> None:
    told = headline(evidence(context=method(0.7, worth=None, worth_in_words="more than 60 (21 to more than 60)")))
    assert told.worth == "Its texts are worth more than 60 (21 to more than 60) texts of people a class."
    told = headline(evidence(context=method(0.7, worth=None, worth_in_words="more than 3")))
    assert told.worth == "Its texts are worth more than 3 texts of people a class, the most that were tried."
    told = headline(evidence(context=method(0.7, worth=None, worth_in_words="fewer than 2")))
    assert told.worth == "Its texts are worth fewer than 2 texts of people a class, the fewest that were tried."


def test_of_a_blend_the_texts_are_those_of_the_best_student() -> None:
    said = headline(evidence(mix=method(0.8, texts=97)))
    assert any(each.startswith("Its 97 texts took 2,000 tokens") for each in said.facts)


def test_more_texts_where_the_curve_still_rises() -> None:
    rising = evidence()
    step = "from 10 texts to 20 the macro-F1 of context rose by 0.100, and the curve has not levelled off"
    assert headline(rising).steps[0] == f"Ask for more texts (prompts.per_label): {step}."
    flat = replace(rising, curves={STUDENT: {"context": points(0.6, 0.7, 0.695)}})
    assert headline(flat).steps[0].endswith("from 20 texts to 30 the macro-F1 of context fell by 0.005.")
    slight = replace(rising, curves={STUDENT: {"context": points(0.66, 0.7)}})
    [step, *_] = headline(slight).steps
    assert step.startswith("Try another method"), "0.04 within intervals of 0.05"
    assert step.endswith("rose by 0.040, which its intervals do not tell from nothing.")
    assert headline(replace(rising, curves={STUDENT: {"context": points(0.7)}})).steps == []


def test_a_failed_gate_comes_first_and_much_that_was_thrown_out_is_named() -> None:
    known = evidence()
    failed = Checked("simprompt", 100, 100, [], 9, [("length", "", ""), ("uniqueness", "", "")], [], "")
    thrown = Checked("context", 100, 80, [("duplicate", 15), ("too long", 5)], 9, [], [], "")
    said = headline(replace(known, checked={"simprompt": failed, "context": thrown}))
    assert said.steps[0].startswith("Mend simprompt first: it failed length and uniqueness")
    assert said.steps[-1] == "See why 20% of the planned texts of context were thrown out: 15 of them as duplicate."


def test_the_worst_confusions_of_the_best() -> None:
    worst = Matrix("context", STUDENT, [], {}, 0, [Confused("a", "b", 4, 20)], [])
    known = evidence()
    said = headline(replace(known, confused={**known.confused, ("context", STUDENT): worst}))
    assert "Say in task.yaml what sets these labels apart: 4 of 20 texts of a were taken for b." in said.steps


def test_single_texts_that_are_confused_are_no_reason_to_describe_labels_anew() -> None:
    known = evidence()

    def said(*worst: Confused) -> list[str]:
        matrix = Matrix("context", STUDENT, [], {}, 0, list(worst), [])
        steps = headline(replace(known, confused={**known.confused, ("context", STUDENT): matrix})).steps
        return [each for each in steps if "task.yaml" in each]

    assert said(Confused("a", "b", 1, 5), Confused("b", "a", 2, 4)) == []
    assert said(Confused("a", "b", 4, 41)) == [], "less than a tenth"
    [step] = said(Confused("c", "a", 9, 100), Confused("a", "b", 3, 30), Confused("b", "a", 2, 10))
    assert step.endswith(": 3 of 30 texts of a were taken for b.")


def test_at_the_top_of_the_scale_the_test_texts_are_what_to_better() -> None:
    known = replace(evidence(), curves={STUDENT: {"context": points(0.97, 0.98)}})

    def first(high: float) -> str:
        summary = {**known.summary, "context": method(0.98)}
        summary["context"][STUDENT]["macro_f1_high"] = high
        return headline(replace(known, summary=summary)).steps[0]

    assert first(1.0).startswith("Take harder test texts, or more: these cannot show a better score")
    assert first(0.999).endswith("its interval goes up to 0.999.")
    assert first(0.99).startswith("Try another method")
    rising = {STUDENT: {"context": points(0.8, 1.0)}}
    known = replace(known, curves=rising)
    assert first(1.0).startswith("Ask for more texts"), "0.98 leaves room"
    perfect = {**known.summary, "context": method(1.0)}
    assert headline(replace(known, summary=perfect)).steps[0].startswith("Take harder test texts")


def test_texts_made_elsewhere_have_no_known_cost() -> None:
    theirs = {"accepted": 50, "rejected": 0, STUDENT: scores(0.9)}
    said = headline(evidence(theirs=theirs))
    assert "Its 50 texts were made elsewhere, at a cost that is not known." in said.facts
