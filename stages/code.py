"""Which code each stage runs: `python -m stages.code`.

Free. DVC knows no imports, so each other stage depends on its file here: it runs again when a module that it imports,
however far down, is another one, and for no other change of code.

Reads   stages/
Writes  data/code/<stage>.json
            path: SHA-256, of the stage's module and of each of the project's that it imports
"""

from __future__ import annotations

from pathlib import Path

from stages.core import cli, files, params, paths
from stages.core.imports import ImportGraph


class Params(params.StageParams):
    """Nothing but the code changes it."""


def run(root: Path) -> dict[str, dict[str, str]]:
    """By stage, the path (from the checkout) and SHA-256 of each file that it runs. `root`: their folder."""
    return {
        stage: {path.relative_to(root.parent).as_posix(): files.file_sha256(path) for path in closure}
        for stage, closure in ImportGraph(root).of_modules().items()
    }


def main() -> None:
    """Read, write."""
    found = run(Path(__file__).resolve().parent)
    for stage, listed in found.items():
        files.write_json(paths.code_file(stage), listed)
    for path in paths.CODE.glob("*.json"):
        if path.stem not in found:
            path.unlink()
    cli.say(f"code of {len(found)} stages")


if __name__ == "__main__":
    cli.run(main, __doc__)
