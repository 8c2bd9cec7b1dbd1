"""Which first-party files a module runs: DVC knows no imports, so dvc.yaml has to name them.

python -m tests.contract.closure        writes them there
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


def closure(module: str) -> set[str]:
    """The .py files, relative to the root, that `module` runs: what it imports at its top and inside its functions.

    Left out, because they change no result: imports for type checking, and a package's `__init__.py` that holds nothing
    but its docstring.
    """
    found, todo = set[str](), [module]
    while todo:
        path = _file(todo.pop())
        name = str(path.relative_to(ROOT))
        if name in found:
            continue
        found.add(name)
        todo += _imports(path)
    return {name for name in found if not _only_docstring(ROOT / name)}


def _imports(path: Path) -> Iterator[str]:
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{each.name}" for each in node.names]
            names = [node.module, *(name for name in inside if _exists(name))]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "stages":
                parts = name.split(".")
                yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"):
            yield from _running(child)


def _exists(module: str) -> bool:
    base = ROOT / module.replace(".", "/")
    return base.with_suffix(".py").exists() or (base / "__init__.py").exists()


def _file(module: str) -> Path:
    base = ROOT / module.replace(".", "/")
    return base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"


def _only_docstring(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return path.name == "__init__.py" and len(body) == 1 and isinstance(body[0], ast.Expr)


def with_closures(dvc_yaml: str) -> str:
    """The text of dvc.yaml with the code that each stage's module runs under its deps."""
    lines, name = list[str](), ""
    for line in dvc_yaml.splitlines():
        if stage := re.fullmatch(r"  (\w+):", line):
            name = stage[1]
        if re.fullmatch(r"    - stages/.*\.py", line):
            if not lines[-1].endswith(".py"):
                lines += [f"    - {each}" for each in sorted(closure(f"stages.{name}"))]
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "dvc.yaml").write_text(with_closures((ROOT / "dvc.yaml").read_text(encoding="utf-8")), encoding="utf-8")
