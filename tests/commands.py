"""Commands as a user types them, run in this process: the same modules under the same names, a second saved each."""

from __future__ import annotations

import runpy
import sys
import warnings
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    status: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], module: str, *arguments: str) -> Done:
    """Run `python -m MODULE ARGUMENTS`. What is raised and no message of ours comes out as it is."""
    before, status = sys.argv, 0
    sys.argv = [module, *arguments]
    capsys.readouterr()
    try:
        with warnings.catch_warnings():
            # A module that is imported already is run a second time; in a process of its own it would be the first.
            warnings.filterwarnings("ignore", message=".*found in sys.modules", category=RuntimeWarning)
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
        if isinstance(left.code, str):
            print(left.code, file=sys.stderr)
    finally:
        sys.argv = before
    told = capsys.readouterr()
    return Done(status, told.out, told.err)
