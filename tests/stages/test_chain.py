"""The stages one after the other, in a small project, against a real server on loopback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stages import (
    annotate,
    clean,
    curve,
    dispute,
    generate,
    gold,
    judge,
    prompts,
    train,
    validate,
    worth,
)
from stages.checks.verdict import verdict_of
from stages.core import files, paths
from stages.core.errors import (
    AnswersMissingError,
    ArtifactError,
    EndpointRefusesError,
    GateError,
    InputError,
    RequestsFailedError,
)
from stages.core.records import Text
from stages.llm.recordings import export
from tests.cells import OF_METHOD, OF_STUDENT, sum_up, through
from tests.conftest import TEXTS, edit_params, find_attributes, read_lines, write_task
from tests.llm_server import LlmServer


@pytest.fixture(autouse=True)
def _small(project: Path) -> None:
    del project
    edit_params(
        lambda each: (
            each["prompts"].update(per_label=8, reserve=0.0, texts_per_request=4),
            each["ops"].update(retries=0),
        )
    )


def ask_for(method: str) -> list[dict[str, Any]]:
    """Run up to `refill`; returns the prompts."""
    find_attributes("notes")
    through("notes", method, "prompts", "refill")
    return read_lines(paths.prompts_file("notes", method))


@pytest.mark.usefixtures("server")
def test_from_class_names_to_a_report() -> None:
    (Path("data/tasks/notes") / "train.jsonl").write_text(
        "".join(
            json.dumps({"text": f"{text} {n}", "label": label}) + "\n"
            for label in TEXTS
            for n, text in enumerate(TEXTS[label])
        )
    )
    edit_params(
        lambda each: each["run"].update(gold=["notes"], methods=["simprompt", "attrprompt"], students=["tfidf"])
    )
    for method in ("simprompt", "attrprompt"):
        ask_for(method)
        through("notes", method, "clean", "curve")
    gold.main("notes", "tfidf")
    worth.main("notes", "tfidf")
    sum_up("notes", "simprompt", "attrprompt")
    summary = json.loads(paths.SUMMARY.read_text())["notes"]
    assert set(summary) == {"attributes", "simprompt", "attrprompt", "gold"}
    assert summary["attrprompt"]["accepted"] == 24
    assert summary["attrprompt"]["tokens"] > summary["simprompt"]["tokens"] > 0
    assert summary["attrprompt"]["dollars"] > 0
    assert 0 <= summary["gold"]["tfidf"]["macro_f1_low"] <= summary["gold"]["tfidf"]["macro_f1"] <= 1
    assert "notes: macro-F1 on the test set" in paths.SUMMARY_PICTURE.read_text()
    page = paths.SUMMARY_PAGE.read_text()
    assert "attrprompt" in page
    assert "://" not in page.replace("http://www.w3.org", ""), "the page needs no network"
    assert "Which methods can be told apart" in page
    assert "What simprompt scores with tfidf, chance may give too on 6 test texts" in page
    curves = {
        method: json.loads(paths.curve_file("notes", method, "tfidf").read_text())["points"]
        for method in ("simprompt", "attrprompt")
    }
    # Of 8 planned texts of each of 3 labels; two requests of 4 a label.
    assert [each["texts"] for each in curves["attrprompt"]] == [3, 3, 6, 12, 24]
    assert curves["attrprompt"][-1]["tokens"] == summary["attrprompt"]["tokens"]
    assert curves["attrprompt"][-1]["macro_f1"] == pytest.approx(summary["attrprompt"]["tfidf"]["macro_f1"], abs=1e-4)
    assert curves["attrprompt"][3]["tokens"] * 2 == pytest.approx(curves["attrprompt"][4]["tokens"], rel=0.2)
    more = {method: each[0]["tokens_with_attributes"] - each[0]["tokens"] for method, each in curves.items()}
    assert more == {"simprompt": 0, "attrprompt": summary["attributes"]["tokens"]}
    assert {"baseline_share", "baseline_share_low", "baseline_share_high"} <= set(summary["attrprompt"]["tfidf"])
    assert "baseline_share" not in summary["simprompt"]["tfidf"]
    accepted = read_lines(paths.accepted_file("notes", "attrprompt"))
    assert set(accepted[0]["attributes"]) == {"length", "scene", "tone"}
    human = json.loads(paths.worth_file("notes", "tfidf").read_text())["points"]
    assert [each["texts"] for each in human] == [1, 2], "two texts of each label are there"
    found = summary["attrprompt"]["tfidf"]
    assert {"worth", "worth_low", "worth_high"} <= set(found)
    assert re.fullmatch(r"((fewer|more) than )?[12]( \(.* to .*\))?", found["worth_in_words"])
    assert "worth_in_words" not in summary["gold"]["tfidf"]
    told = json.loads(paths.dispute_metrics("notes", "attrprompt").read_text())
    assert (told["judges"], told["checked"]) == (["gold"], 24)
    assert told["disputed"] == len(read_lines(paths.disputes_file("notes", "attrprompt")))
    confusion = paths.confusion_plot("notes", "attrprompt", "tfidf").read_text().splitlines()
    assert confusion[0] == "actual,predicted"
    assert len(confusion) == 1 + 6


def test_a_second_run_asks_nothing_and_changes_no_byte(server: LlmServer) -> None:
    ask_for("attrprompt")
    before = {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()}
    asked = len(server.bodies)
    ask_for("attrprompt")
    assert len(server.bodies) == asked
    assert {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("method", ["simprompt", "attrprompt", "context"])
def test_fewer_texts_are_a_prefix_and_cost_nothing(server: LlmServer, method: str) -> None:
    more = ask_for(method)
    asked = len(server.bodies)
    edit_params(lambda each: each["prompts"].update(per_label=4))
    assert ask_for(method) == more[:3]
    assert len(server.bodies) == asked


def test_one_text_more_costs_one_request(server: LlmServer) -> None:
    edit_params(lambda each: each["prompts"].update(texts_per_request=1))
    ask_for("attrprompt")
    asked = len(server.bodies)
    edit_params(lambda each: each["prompts"].update(per_label=9))
    ask_for("attrprompt")
    assert len(server.bodies) == asked + 3, "one a label"
    assert "response_format" not in server.bodies[-1]


def test_methods_without_attributes_ask_for_none(server: LlmServer) -> None:
    edit_params(lambda each: each["run"].update(methods=["simprompt", "context"]))
    find_attributes("notes")
    assert server.bodies == []
    prompts.main("notes", "context")
    [first, *_] = read_lines(paths.prompts_file("notes", "context"))
    content = first["messages"][0]["content"]
    assert "- parcel: is about a parcel that was taken in" in content
    assert "a line or two on paper" in content


@pytest.mark.usefixtures("server")
def test_what_simprompt_is_told() -> None:
    content = ask_for("simprompt")[0]["messages"][0]["content"]
    assert content == (
        "Texts of this kind are wanted: notes that people leave for their neighbours.\n"
        'Write 4 of them about "noise".\n'
        'Answer with a JSON object and nothing else: {"texts": [...]} with 4 strings in it.'
    )


@pytest.mark.usefixtures("server")
def test_the_same_prompt_again_is_another_sample() -> None:
    assert [each["sample"] for each in ask_for("simprompt")] == [0, 0, 0, 1, 1, 1]


def test_malformed_items_cost_themselves_alone(server: LlmServer) -> None:
    def odd(body: dict[str, Any]) -> str | None:
        content = body["messages"][0]["content"]
        return json.dumps({"texts": ["a fine note about noise", None, 7]}) if 'about "noise"' in content else None

    server.misbehave = odd
    ask_for("simprompt")
    clean.main("notes", "simprompt")
    counts = json.loads(paths.clean_metrics("notes", "simprompt").read_text())
    assert counts == {"planned": 24, "accepted": 17, "rejected": 7, "malformed": 4, "missing": 2, "duplicate": 1}
    lost = read_lines(paths.rejected_file("notes", "simprompt"))
    assert {each["label"] for each in lost} == {"noise"}
    assert [each["index"] for each in lost] == [1, 2, 3, 4, 5, 6, 7]


def failing(status: int, word: str) -> Any:
    error = {"error": {"message": "no", "type": "error", "code": None}}
    return lambda body: (status, error) if word in body["messages"][0]["content"] else None


def test_a_request_without_an_answer_fails_the_stage_and_is_asked_again(server: LlmServer) -> None:
    find_attributes("notes")
    prompts.main("notes", "simprompt")
    server.misbehave = failing(500, 'about "parcel"')
    with pytest.raises(RequestsFailedError) as caught:
        generate.main("notes", "simprompt")
    assert "2 of 6 requests got no answer (2 server_error)" in str(caught.value)
    kept = read_lines(paths.generated_file("notes", "simprompt"))
    assert [each["finish_reason"] for each in kept if each["label"] == "parcel"] == ["server_error"] * 2
    server.misbehave = None
    asked = len(server.bodies)
    generate.main("notes", "simprompt")
    assert len(server.bodies) == asked + 2
    assert all(each["key"] for each in read_lines(paths.generated_file("notes", "simprompt")))


def test_a_share_without_an_answer_may_be_left_out(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    find_attributes("notes")
    prompts.main("notes", "simprompt")
    edit_params(lambda each: each["ops"].update(max_failed_share=0.4))
    server.misbehave = failing(500, 'about "parcel"')
    generate.main("notes", "simprompt")
    assert "dvc repro --force --single-item generate@notes-simprompt asks for these alone" in capsys.readouterr().err
    assert json.loads(paths.generate_metrics("notes", "simprompt").read_text())["server_error"] == 2
    through("notes", "simprompt", "refill", "clean")
    assert json.loads(paths.clean_metrics("notes", "simprompt").read_text())["server_error"] == 8


def test_a_rejected_request_is_written_as_such(server: LlmServer) -> None:
    find_attributes("notes")
    prompts.main("notes", "simprompt")
    server.misbehave = failing(400, 'about "parcel"')
    edit_params(lambda each: each["ops"].update(max_failed_share=0.5))
    generate.main("notes", "simprompt")
    through("notes", "simprompt", "refill", "clean")
    lost = read_lines(paths.rejected_file("notes", "simprompt"))
    assert [(each["reason"], each["label"]) for each in lost] == [("endpoint_rejected", "parcel")] * 8
    with pytest.raises(GateError) as caught:
        validate.main("notes", "simprompt")
    assert "label parcel: found 0" in str(caught.value)


def test_refused_cut_and_filtered_answers(server: LlmServer) -> None:
    def finish(reason: str, content: str) -> tuple[int, dict[str, Any]]:
        choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": content}}
        return 200, {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}

    replies = {
        "noise": finish("length", '{"texts": ["the music is too loud tonight", "and it go'),
        "parcel": finish("content_filter", '{"texts": ["a", "b", "c", "d"]}'),
        "plants": finish("stop", "I'm sorry, but I can't help with that request."),
    }
    server.misbehave = lambda body: next(
        (replies[each] for each in replies if f'about "{each}"' in body["messages"][0]["content"]), None
    )
    ask_for("simprompt")
    clean.main("notes", "simprompt")
    counts = json.loads(paths.clean_metrics("notes", "simprompt").read_text())
    assert counts == {"planned": 24, "accepted": 1, "rejected": 23, "refused": 16, "cut_off": 6, "duplicate": 1}


def test_gates_that_fail_leave_their_page_and_stop_training(server: LlmServer) -> None:
    edit_params(lambda each: each["validation"].update(in_length=1.0))
    write_task("notes", Path("data/tasks/notes/task.yaml").read_text().replace("[2, 40]", "[12, 13]"))
    edit_params(lambda each: (each["clean"].update(length_tolerance=5.0), each["attributes"].update(length_ranges=0)))
    server.misbehave = lambda body: (
        json.dumps({"texts": [f"<b>note</b> {n} of a few words" for n in range(4)]})
        if 'about "noise"' in body["messages"][0]["content"]
        else None
    )
    ask_for("simprompt")
    clean.main("notes", "simprompt")
    with pytest.raises(GateError) as caught:
        validate.main("notes", "simprompt")
    told = str(caught.value)
    assert "length: wanted at least 100% of the texts have 12 to 13 words; 4 of 20 texts do not" in told
    assert "label noise / index 0: found 6" in told
    verdict = json.loads(paths.verdict_file("notes", "simprompt").read_text())
    assert not verdict["passed"]
    page = paths.validation_page("notes", "simprompt").read_text()
    assert "gates failed: nothing trains on these texts" in page
    with pytest.raises(GateError, match="nothing trains"):
        train.main("notes", "simprompt", "tfidf")
    with pytest.raises(GateError, match="nothing trains"):
        curve.main("notes", "simprompt", "tfidf")


def test_what_a_model_wrote_is_escaped_on_the_page(server: LlmServer) -> None:
    evil = "<script>alert(1)</script> {{ 7 * 7 }} is what it says here"
    server.misbehave = lambda body: (
        json.dumps({"texts": [evil]}) if 'about "noise"' in body["messages"][0]["content"] else None
    )
    ask_for("simprompt")
    clean.main("notes", "simprompt")
    edit_params(lambda each: each["validation"].update(in_length=1.0))
    write_task("notes", Path("data/tasks/notes/task.yaml").read_text().replace("[2, 40]", "[10, 40]"))
    for name in ("task.yaml", "test.jsonl"):
        path = Path("data/tasks/notes") / name
        path.write_text(re.sub(r'noise(?=:|"\})', "noise<i>", path.read_text()))
    with pytest.raises(GateError):
        validate.main("notes", "simprompt")
    page = paths.validation_page("notes", "simprompt").read_text()
    assert "<script>" not in page
    assert "<i>" not in page
    assert ">49" not in page


def test_recordings_stand_in_for_the_endpoint(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edit_params(lambda each: (each["run"].update(methods=["attrprompt"]), each["annotate"].update(texts=2),
                              each["judge"].update(texts=2)))  # fmt: skip

    def ask_all() -> list[bytes]:
        ask_for("attrprompt")
        clean.main("notes", "attrprompt")
        annotate.main("notes", "attrprompt")
        judge.main("notes", "attrprompt")
        written = (paths.generated_file, paths.annotations_file, paths.judged_file)
        return [each("notes", "attrprompt").read_bytes() for each in written]

    answered = ask_all()
    count = export("notes")
    assert count == len(server.bodies)
    recorded = paths.recordings_file("notes").read_bytes()
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("ATTRPROMPT_STORE", str(tmp_path / "empty.sqlite"))
    assert ask_all() == answered
    assert export("notes") == count, "what is recorded stays recorded"
    assert paths.recordings_file("notes").read_bytes() == recorded
    paths.recordings_file("notes").unlink()
    with pytest.raises(InputError, match="are neither recorded nor in"):
        export("notes")
    with pytest.raises(AnswersMissingError, match="attributes of notes: 3 of 3 answers"):
        find_attributes("notes")


def test_a_question_that_got_no_answer_of_use_is_put_anew(server: LlmServer) -> None:
    server.misbehave = lambda body: '{"values": []}' if '{"values"' in str(body).replace("'", '"') else None
    with pytest.raises(RequestsFailedError, match="got no usable answer; what is of use is kept, run again"):
        find_attributes("notes")
    asked, useless = len(server.bodies), sum('{"values"' in str(each) for each in server.bodies)
    assert useless % 3 == 0, "each question three times"
    server.misbehave = None
    find_attributes("notes")
    again = server.bodies[asked:]
    assert 0 < sum('{"values"' in str(each) for each in again) <= useless
    before = {json.dumps(each) for each in server.bodies[:asked] if '{"values"' not in str(each)}
    assert not before & {json.dumps(each) for each in again}, "what is of use is not asked again"


@pytest.mark.usefixtures("server")
def test_stages_before_their_input_is_there() -> None:
    for stage in (*OF_METHOD, *OF_STUDENT):
        with pytest.raises(ArtifactError, match="run dvc repro"):
            through("notes", "simprompt", stage, stage)
    with pytest.raises(ArtifactError, match="run dvc repro"):
        sum_up("notes")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "data/tasks/notes/test.jsonl",
            '{"text": "a", "label": "nois"}\n',
            "test.jsonl:1: label 'nois' is not in task.yaml",
        ),
        (
            "data/tasks/notes/test.jsonl",
            '{"text": "a", "label": "noise"}\n{"text"\n',
            "test.jsonl:2: not a JSON object",
        ),
        ("data/tasks/notes/task.yaml", "domain: d\nlabels: [a]\n", "task.yaml:2: labels: expected at least two labels"),
        ("data/tasks/notes/task.yaml", "domain: d\n", "task.yaml: labels: missing"),
        ("data/templates/methods/request.j2", "{% if %}", "request.j2:1: Expected an expression"),
        ("params.yaml", "run: {}\n", "params.yaml:1: run.tasks: missing"),
    ],
)
@pytest.mark.parametrize("stage", ["attributes", "generate"])
def test_bad_input_is_found_before_any_request(
    server: LlmServer, stage: str, file: str, text: str, message: str
) -> None:
    find_attributes("notes")
    prompts.main("notes", "simprompt")
    asked = len(server.bodies)
    Path(file).write_text(text)
    with pytest.raises(InputError) as caught:
        find_attributes("notes") if stage == "attributes" else generate.main("notes", "simprompt")
    assert message in str(caught.value)
    assert len(server.bodies) == asked


def test_gold_data_are_checked_before_any_request_too(server: LlmServer) -> None:
    edit_params(lambda each: each["run"].update(gold=["notes"]))
    with pytest.raises(InputError, match=r"train.jsonl: there is no such file"):
        find_attributes("notes")
    assert server.bodies == []


def test_methods_judge_each_other_where_a_task_has_no_real_data(capsys: pytest.CaptureFixture[str]) -> None:
    edit_params(lambda each: each["run"].update(methods=["simprompt", "context"], students=["tfidf"]))
    labels = list(TEXTS)
    others = [Text(f"{TEXTS[label][0]} {n}", label, n, {}) for label in labels for n in range(3)]
    mine = [Text(f"{TEXTS[label][0]} as well", label, 0, {}) for label in labels]
    swapped = Text(f"{TEXTS[labels[0]][0]} once more", labels[1], 1, {})
    for method, texts in (("simprompt", [*mine, swapped]), ("context", others)):
        files.write_records(paths.accepted_file("notes", method), texts)
        verdict = verdict_of([{"passed": True}], paths.accepted_file("notes", method))
        files.write_json(paths.verdict_file("notes", method), verdict)
        train.main("notes", method, "tfidf")
    dispute.main("notes", "simprompt")
    (found,) = read_lines(paths.disputes_file("notes", "simprompt"))
    assert (found["text"], found["disputed"], found["instead"]) == (swapped.text, labels[1], labels[0])
    assert found["probability"] < found["instead_probability"]
    told = json.loads(paths.dispute_metrics("notes", "simprompt").read_text())
    assert (told["judges"], told["disputed"]) == (["context"], 1)
    assert told["labels"][labels[1]] == {"checked": 2, "disputed": 1}
    edit_params(lambda each: each["run"].update(methods=["simprompt"]))
    capsys.readouterr()
    dispute.main("notes", "simprompt")
    assert read_lines(paths.disputes_file("notes", "simprompt")) == []
    assert "there is no other method to dispute labels" in capsys.readouterr().err


def test_gold_leaves_out_what_stands_in_the_test_set() -> None:
    edit_params(lambda each: each["run"].update(gold=["notes"]))
    rows = [{"text": text.upper() + "!", "label": label} for label in TEXTS for text in TEXTS[label]]
    rows += [{"text": f"{label} for sure", "label": label} for label in TEXTS]
    Path("data/tasks/notes/train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    gold.main("notes", "tfidf")
    assert json.loads(paths.gold_metrics("notes", "tfidf").read_text()) == {"texts": 3, "left_out": 6}


@pytest.mark.usefixtures("server")
def test_a_plan_too_small_for_its_attributes_is_told_before_money_is_spent(capsys: pytest.CaptureFixture[str]) -> None:
    find_attributes("notes")
    edit_params(lambda each: each["prompts"].update(per_label=2))
    prompts.main("notes", "attrprompt")
    assert "2 texts of a label cannot have all 5 values of tone; raise prompts.per_label" in capsys.readouterr().err


def test_a_wrong_model_name_stops_the_run(server: LlmServer) -> None:
    server.misbehave = failing(404, "")
    with pytest.raises(EndpointRefusesError, match=r"set llm.model in params.yaml"):
        find_attributes("notes")
