"""Two methods at equal cost, as a user compares them: real DVC, Git and HTTP server."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.llm_server import LlmServer
from tests.pipeline.checkout import Checkout

pytestmark = pytest.mark.slow

BUDGET = 2500
COMMAND = ("python", "-m", "stages.compare", "--task", "notes", "--tokens", str(BUDGET), "--most", "60")


def tables(said: str) -> list[list[list[str]]]:
    """The cells of each Markdown table, without its header."""
    found = re.findall(r"(?:^\|.*\n)+", said, re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in each.splitlines()[2:]] for each in found]


def test_a_comparison_spends_the_same_changes_nothing_and_is_repeated_for_nothing(
    notes: Checkout, server: LlmServer
) -> None:
    # An edit, and a file that Git does not track: experiments see both, and leave them as they are.
    notes.edit(lambda each: each["evaluate"].update(resamples=150))
    (notes.folder / "data/tasks/notes/examples.jsonl").write_text('{"text": "so loud again", "label": "noise"}\n')
    before = notes.run("git", "status", "--porcelain")
    files = {path: path.read_bytes() for path in notes.folder.glob("data/**/*") if path.is_file()}

    refused = notes.run(*COMMAND, ok=False)
    assert re.search(r"\d+ answers are neither recorded nor stored .* nothing was sent", refused)
    assert server.bodies == []

    first = notes.run(*COMMAND, "--pay")
    asked = len(server.bodies)
    ran = [each for each in re.findall(r"^Running stage '(\w+)", first, re.MULTILINE) if each != "report"]
    assert "dataset" not in ran, "no stage is run that the table is not made of"
    assert first.count("no curve (curve.shares is empty)") == ran.count("curve") == 2
    scores, differences = tables(first)
    assert [row[0] for row in scores] == ["simprompt", "attrprompt"]
    spent = [int(row[4].replace(",", "")) for row in scores]
    assert all(0.7 * BUDGET < each <= BUDGET for each in spent), "within the budget, and near to each other"
    assert [row[:3] for row in differences] == [["simprompt", "attrprompt", "tfidf"]]
    # What was bought is what is used, the attributes, and where an estimate was low a round of requests.
    used = sum(int(row[3].replace(",", "")) for row in scores)
    assert used < asked < used + 50

    assert notes.run("git", "status", "--porcelain") == before
    assert {path: path.read_bytes() for path in notes.folder.glob("data/**/*") if path.is_file()} == files

    # Without an endpoint, and with another section of params.yaml edited: the same experiments are found.
    notes.edit(lambda each: each["ops"].update(concurrency=2))
    offline = replace(notes, environment={k: v for k, v in notes.environment.items() if not k.startswith("OPENAI")})
    again = offline.run(*COMMAND)
    assert len(server.bodies) == asked
    assert again.count("was run already") == 2
    assert tables(again) == tables(first)
    shown = notes.run("dvc", "exp", "list", "--name-only").split()
    assert [re.sub(r"\d+-[0-9a-f]{8}$", "N", each) for each in sorted(shown)] == [
        "compare-notes-attrprompt-N",
        "compare-notes-simprompt-N",
    ]
