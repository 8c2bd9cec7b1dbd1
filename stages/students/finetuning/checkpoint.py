"""Where a training that was killed goes on: outside the workspace, because DVC removes outputs before a stage runs.

A folder for each training, named by a hash of all that decides its result, with a safetensors file for each seed; it is
removed when the command that trained has succeeded.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.learning import Finetune
    from stages.students.training import TrainingSet

Checkpoint = tuple[dict[str, Any], dict[str, Any]]  # tensors, and progress as JSON has it

CHECKPOINTS_ENV = "ATTRPROMPT_CHECKPOINTS"

_PROGRESS = "progress"


def checkpoints_path() -> Path:
    """Where they are: `$ATTRPROMPT_CHECKPOINTS`, or `checkpoints` in the user's cache directory."""
    named = os.environ.get(CHECKPOINTS_ENV)
    return Path(named).expanduser() if named else user_cache_path("attrprompt-dvc") / "checkpoints"


def key_of(settings: Finetune, data: Sequence[TrainingSet], model: Any, *computing: object) -> str:
    """SHA-256 of what decides the result: settings, texts, the untrained model, and how it is computed."""
    import torch  # noqa: PLC0415 - seconds that only this student pays

    texts = [[each.texts, each.labels, each.multilabel] for each in data]
    told = [settings.model_dump(), texts, torch.__version__, *map(str, computing)]
    hashed = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for each in data:
        hashed.update(each.targets.tobytes())
        hashed.update(each.weights.tobytes())
    for name, tensor in sorted(model.state_dict().items()):
        hashed.update(name.encode())
        hashed.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()


class Checkpoints:
    """The files of one training, by name. A write takes the place of the file as a whole, or leaves the old one.

    Args:
        folder: Theirs alone.
        writes: Whether this process is the one that writes.

    Attributes:
        folder: As given.
    """

    def __init__(self, folder: Path, *, writes: bool) -> None:
        self.folder, self._writes = folder, writes

    def read(self, name: str) -> Checkpoint | None:
        """The tensors and the progress that were written; None where there are none, or none that can be read."""
        from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - as above

        try:
            with safe_open(self._file(name), "pt") as file:
                progress = json.loads(file.metadata()[_PROGRESS])
                return {key: file.get_tensor(key) for key in file.keys()}, progress  # noqa: SIM118 - no mapping
        except (FileNotFoundError, SafetensorError, KeyError, TypeError):
            return None

    def write(self, name: str, tensors: dict[str, Any], progress: dict[str, Any]) -> None:
        """Keep both."""
        from safetensors.torch import save_file  # noqa: PLC0415 - as above

        if not self._writes:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self._file(f".{name}.{os.getpid()}")
        separate = {key: tensor.detach().cpu().contiguous().clone() for key, tensor in tensors.items()}
        save_file(separate, part, {_PROGRESS: json.dumps(progress)})
        part.replace(self._file(name))

    def remove(self) -> None:
        """All of them: nothing is left to go on with."""
        if self._writes:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.safetensors"
