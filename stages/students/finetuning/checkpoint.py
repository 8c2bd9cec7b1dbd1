"""Where a training that was killed goes on: outside the workspace, because DVC removes outputs before a stage runs.

A folder for each training, named by a hash of all that decides its result, with a safetensors file for each seed; it is
removed when the command that trained has succeeded. Where it cannot be written, that is told, and training goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path
from safetensors import SafetensorError

from stages.core import cli

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
    """The files of one training, by name. No method fails, and what cannot be kept is told once.

    Args:
        folder: Theirs alone, but for an equal training at the same time: that writes the same, and may remove it.
        writes: Whether this process is the one that writes.

    Attributes:
        folder: As given.
    """

    def __init__(self, folder: Path, *, writes: bool) -> None:
        self.folder, self._writes, self._told = folder, writes, False

    def read(self, name: str) -> Checkpoint | None:
        """The tensors and the progress that were written; None where there are none, or none that can be read."""
        try:
            return read_whole(self.folder / name)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            return None

    def write(self, name: str, tensors: dict[str, Any], progress: dict[str, Any]) -> None:
        """Keep both."""
        if not self._writes:
            return
        try:
            try:
                write_whole(self.folder / name, tensors, progress)
            except (OSError, SafetensorError):  # an equal training may have ended, and removed the folder, meanwhile
                write_whole(self.folder / name, tensors, progress)
        except (OSError, SafetensorError) as error:
            self._tell(error)

    def remove(self) -> None:
        """All of them: nothing is left to go on with."""
        if self._writes:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _tell(self, error: Exception) -> None:
        if not self._told:
            cli.say(
                f"{self.folder}: what is trained cannot be kept here ({error}); training goes on, and if it is "
                f"stopped, begins anew. Free disk space, remove what is in the way, or set {CHECKPOINTS_ENV}"
            )
        self._told = True


def read_whole(path: Path) -> Checkpoint:
    """What `write_whole` wrote to the file of this name.

    Raises:
        OSError, SafetensorError, KeyError, TypeError, ValueError: it is not there, or is not that.
    """
    from safetensors import safe_open  # noqa: PLC0415 - as above

    with safe_open(_file(path), "pt") as file:
        progress = json.loads(file.metadata()[_PROGRESS])
        return {key: file.get_tensor(key) for key in file.keys()}, progress  # noqa: SIM118 - no mapping


def write_whole(path: Path, tensors: dict[str, Any], progress: dict[str, Any]) -> None:
    """Write both into a file of this name, which is there as a whole, or is what it was before.

    Raises:
        OSError, SafetensorError: it cannot be written.
    """
    from safetensors.torch import save_file  # noqa: PLC0415 - as above

    path.parent.mkdir(parents=True, exist_ok=True)
    part = _file(path.with_name(f".{path.name}.{os.getpid()}"))
    separate = {key: tensor.detach().cpu().contiguous().clone() for key, tensor in tensors.items()}
    try:
        save_file(separate, part, {_PROGRESS: json.dumps(progress)})
        part.replace(_file(path))
    finally:
        part.unlink(missing_ok=True)


def _file(path: Path) -> Path:
    return path.with_name(f"{path.name}.safetensors")
