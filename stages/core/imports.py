"""Which of the project's files a module runs: DVC knows no imports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ImportGraph:
    """The imports between the modules of a package, each file read once.

    Args:
        root: The folder of the package.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._trees: dict[Path, ast.Module] = {}

    def closure(self, module: str) -> set[Path]:
        """The .py files that `module` runs: what it imports at its top and inside its functions, and so on.

        Left out, because they change no result: imports for type checking, the outermost `__init__.py` (the map, and
        what is said where packages are missing), and any that holds nothing but its docstring.

        Args:
            module: Its name, from the package on: `stages.clean`.
        """
        found: set[Path] = set()
        todo = [module]
        while todo:
            path = self._file(todo.pop())
            if path not in found:
                found.add(path)
                todo += self._imports(path)
        return {each for each in found - {self._root / "__init__.py"} if not self._only_docstring(each)}

    def of_modules(self) -> dict[str, set[Path]]:
        """The closure of each module that stands directly in the package, by its name without the package's."""
        names = sorted(path.stem for path in self._root.glob("*.py") if path.stem != "__init__")
        return {name: self.closure(f"{self._root.name}.{name}") for name in names}

    def _imports(self, path: Path) -> Iterator[str]:
        for node in _running(self._tree(path)):
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                inside = [f"{node.module}.{each.name}" for each in node.names]
                names = [node.module, *(name for name in inside if self._ours(name) and self._file(name).exists())]
            else:
                continue
            for name in filter(self._ours, names):
                parts = name.split(".")
                yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))

    def _ours(self, module: str) -> bool:
        return module.partition(".")[0] == self._root.name

    def _file(self, module: str) -> Path:
        base = self._root.parent / module.replace(".", "/")
        return path if (path := base.with_suffix(".py")).exists() else base / "__init__.py"

    def _only_docstring(self, path: Path) -> bool:
        body = self._tree(path).body
        return path.name == "__init__.py" and len(body) == 1 and isinstance(body[0], ast.Expr)

    def _tree(self, path: Path) -> ast.Module:
        if path not in self._trees:
            self._trees[path] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        return self._trees[path]


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"):
            yield from _running(child)
