from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from stages.core import params, sections
from stages.core.errors import InputError
from tests.conftest import ROOT, edit_params


def test_the_committed_file_is_right_and_in_the_style_that_dvc_writes(tmp_path: Path) -> None:
    everything = params.load_everything(ROOT / "params.yaml")
    assert everything.run.tasks == ("support_tickets",)
    # `dvc exp run -S` writes the file through ruamel: it must come out as it went in but for the one value.
    copy = tmp_path / "params.yaml"
    copy.write_bytes((ROOT / "params.yaml").read_bytes())
    edit_params(lambda _: None, copy)
    assert copy.read_text() == (ROOT / "params.yaml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  per_label: 20 ", "  per_lable: 20 ", "prompts.per_lable: unknown key; did you mean per_label?"),
        ("  per_label: 20 ", "  per_label: twenty ", "prompts.per_label: expected an integer, found 'twenty'"),
        ("  per_label: 20 ", "  per_label: '20' ", "prompts.per_label: expected an integer, found '20'"),
        ("  per_label: 20 ", "  per_label: 0 ", "prompts.per_label: expected greater than or equal to 1, found 0"),
        ("  per_label: 20 ", "  # ", "prompts.per_label: missing"),
        ("  per_label: 20 ", "  seed: 2\n  per_label: 20 ", "'seed' stands here for the second time"),
        ("design: balanced", "design: blanced", "prompts.design: expected 'balanced' or 'random', found 'blanced'"),
        ("  - support_tickets", "  - Support-Tickets", "run.tasks.0: 'Support-Tickets' is no slug"),
        ("  - support_tickets", "  - ../../etc", "run.tasks.0: '../../etc' is no slug"),
        ("  - context\n", "  - contxt\n", "run.methods: contxt is not among methods"),
        ("  - context\n", "  - simprompt\n", "run.methods: simprompt stands here twice"),
        ("  context:            #", "  gold:            #", "'gold' is the row of real training data"),
        ("    kind: linear", "    kind: liner", "students.linear: kind: expected 'tfidf', 'linear'"),
        ("    c: 8.0", "    c: -8.0", "students.linear.c: expected greater than 0, found -8.0"),
        ("  gold: []", "  gold: [other]", "run.gold: other is not among run.tasks"),
        ("  - support_tickets", "  - attributes", "'attributes' is a folder of data/reports already"),
        ("  sampling: {}", "  sampling: {n: 4}", "llm: sampling cannot hold n"),
        ("  sampling: {}", "  sampling: [}", "not valid YAML"),
        ("ops:", "opps:", "opps: unknown key; did you mean ops?"),
        ("    template: simprompt\n", "", "methods.simprompt: expected template and attributes, or imported alone"),
        ("    template: simprompt\n", "    imported: a.jsonl\n", "found attributes, imported"),
        ("    template: simprompt\n    attributes: none", "    imported: ../a.csv", "'../a.csv' is no name of a file"),
        (
            "    template: simprompt\n    attributes: none",
            "    imported: ''",
            "imported: '' is no name",
        ),
        ("    template: simprompt\n    attributes: none", "    importd: a.csv", "unknown key; did you mean imported?"),
        (
            "  confidence: 0.95",
            "  confidence: .nan",
            "evaluate.confidence: nan is no finite number; a text goes in quotes",
        ),
        (
            "        weight: 0.5\n",
            "        weight: .inf\n",
            "students.mean.of.linear.weight: inf is no finite number; a text goes in quotes",
        ),
        (
            "          calibrated: false\n",
            "          noise: {smoothing: 0.1}\n",
            "students.mean.of.linear.student: noise: put this section beside of, for all of them",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_way_out(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (ROOT / "params.yaml").read_text()
    assert old in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        params.load_everything(path)
    problem = next(each for each in caught.value.problems if message in each)
    assert problem.startswith(str(path))
    lines = path.read_text().splitlines()
    if (found := problem.removeprefix(f"{path}:").split(":")[0]).isdigit() and "twice" not in message:
        key = new.split("#", maxsplit=1)[0].strip().split(":")[0].strip("- ")
        near = "\n".join(lines[max(0, int(found) - 12) : int(found) + 12])
        assert key.split("\n")[0] in near


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text((ROOT / "params.yaml").read_text().replace("seed: 1", "seed: one").replace("c: 8.0", "c: eight"))
    with pytest.raises(InputError) as caught:
        params.load_everything(path)
    # What is wrong with an entry is wrong with it in the mean too, which names it.
    assert len([each for each in caught.value.problems if "students.mean.of" not in each]) == 7


def test_a_file_that_is_missing_or_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        params.load_everything(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("just words")
    with pytest.raises(InputError, match="expected keys and values"):
        params.load_everything(tmp_path / "params.yaml")


class OfAStage(params.StageParams):
    method: sections.Method = Field(alias="methods.{method}")
    prompts: sections.Prompts


def test_a_stage_takes_its_sections_and_the_entry_of_its_cell() -> None:
    taken = params.load(OfAStage, ROOT / "params.yaml", method="attrprompt")
    assert taken.method.template == "attrprompt"
    assert taken.prompts.per_label == 20
    with pytest.raises(InputError, match=r"params.yaml: methods.nothing: missing"):
        params.load(OfAStage, ROOT / "params.yaml", method="nothing")


def test_which_attributes_a_method_uses() -> None:
    assert sections.Method(template="x", attributes="all").uses("tone")
    assert not sections.Method(template="x", attributes="none").uses("tone")
    assert sections.Method(template="x", attributes=("tone",)).uses("tone")
    assert not sections.Method(template="x", attributes=("tone",)).uses("length")
    assert not sections.Method(imported="theirs.csv").uses("tone")
    assert not sections.Method(imported="theirs.csv").uses_some
