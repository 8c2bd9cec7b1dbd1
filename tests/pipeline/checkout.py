"""A copy of the project with Git and DVC of its own, in which commands are run as a user runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, edit_params

# What a run writes and what belongs to the bundled task: a copy for another task starts without.
_OF_THE_BUNDLED_TASK = ("dvc.lock", "data/plots/", "data/reports/", "data/recordings/", "data/tasks/")


@dataclass(frozen=True)
class Checkout:
    """A checkout and the environment that its commands get."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, ok: bool = True) -> str:
        """Run a command; returns what it printed. Fails where the command's success is not `ok`."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert (done.returncode == 0) == ok, f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}"
        return done.stdout

    def repro(self, *, ok: bool = True) -> list[str]:
        """Run `dvc repro`; returns the names of the stages that ran."""
        return re.findall(r"^Running stage '(\S+)'", self.run("dvc", "repro", ok=ok), re.MULTILINE)

    def commit(self, message: str) -> None:
        """Commit everything that Git does not ignore."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "--allow-empty", "-m", message)

    def edit(self, edit: Any) -> None:
        """Change params.yaml."""
        edit_params(edit, self.folder / "params.yaml")

    def json(self, path: str) -> Any:
        """A JSON file."""
        return json.loads((self.folder / path).read_text(encoding="utf-8"))


def copy_project(folder: Path, *, bundled: bool = False) -> Checkout:
    """Copy what Git tracks, or would, into `folder`, as a repository of its own."""
    tracked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).exists() and (bundled or not name.startswith(_OF_THE_BUNDLED_TASK)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    checkout = Checkout(folder, environment_for(folder.parent))
    checkout.run("git", "init", "-q", "-b", "main")
    return checkout


def environment_for(home: Path) -> dict[str, str]:
    """The environment of a user with this virtual environment, no key, and a home of their own."""
    others = ("OPENAI_", "AWS_", "DVC_", "GIT_", "PYTHONDONTWRITEBYTECODE")  # the last: stages start faster
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(others)},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "ATTRPROMPT_STORE": str(home / "answers.sqlite"),
        "ATTRPROMPT_EMBEDDINGS": str(home / "embeddings.sqlite"),
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
        "DVC_NO_ANALYTICS": "1",
        **{f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }


def clone(checkout: Checkout, folder: Path, environment: dict[str, str] | None = None) -> Checkout:
    """A fresh `git clone`, in a home of its own."""
    other = Checkout(folder, environment or environment_for(folder.parent))
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "-q", str(checkout.folder), str(folder)], env=other.environment, check=True)
    return other
