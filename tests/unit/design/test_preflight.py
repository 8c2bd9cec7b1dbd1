from __future__ import annotations

from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.core.params import load_everything
from stages.design.preflight import _pretrained, check_before_paying
from tests.conftest import ROOT


def test_every_pretrained_model_of_the_grid_is_looked_for() -> None:
    everything = load_everything(ROOT / "params.yaml")
    run = everything.run.model_copy(update={"students": ("tfidf", "linear", "finetune", "mean")})
    places = [
        place.removeprefix("params.yaml: ") for _, place in _pretrained(everything.model_copy(update={"run": run}))
    ]
    assert places == [
        "validation.encoder", "study.encoder", "students.linear.encoder", "students.finetune.model",
        "students.mean.of.finetune.student.model", "students.mean.of.linear.student.encoder",
    ]  # fmt: skip


def test_a_model_that_is_not_there_is_told_before_money_is_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    old = "    kind: linear         # a frozen encoder and logistic regression\n    encoder: all-MiniLM-L6-v2"
    assert old in text
    (tmp_path / "params.yaml").write_text(text.replace(old, f"{old}-and-more"), encoding="utf-8")
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"params\.yaml: students\.linear\.encoder: 'all-MiniLM-L6-v2-and-more' is no"):
        check_before_paying("support_tickets")
