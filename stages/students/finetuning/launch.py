"""Training on several GPUs of a machine: other processes train, and the stage itself goes on by itself.

`ATTRPROMPT_LAUNCH` in the environment is what starts them: `accelerate launch`, with its configuration file or its
options, `torchrun --nproc-per-node 4`, or whatever runs `-m MODULE ARGUMENT` once for each and tells each its place. So
the commands of dvc.yaml are the same for all, stages that train many students can, and one process alone writes. Texts
and weights are handed over in a folder. The model is that of one process but for rounding, and for dropout.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load_file, save_file

from stages.core.errors import ModelError
from stages.core.learning import Finetune
from stages.students.finetuning.checkpoint import Checkpoints, read_whole, write_whole
from stages.students.finetuning.model import load_pretrained
from stages.students.finetuning.record import SeedRecord
from stages.students.finetuning.seeds import Trained, train_seeds
from stages.students.training import TrainingSet

if TYPE_CHECKING:
    from collections.abc import Sequence

LAUNCH_ENV = "ATTRPROMPT_LAUNCH"

_MODULE = "stages.students.finetuning.launch"
_PROCESSES_ENV = "WORLD_SIZE"  # set by torchrun, and so by `accelerate launch`, in each process
_JOB, _RESULT = "job.json", "result.json"


def launcher() -> list[str]:
    """The command that starts several processes; empty where the environment names none.

    Raises:
        ModelError: this process is one of several already, or what is named is no command.
    """
    if _started() > 1:
        raise ModelError(
            f"students: {_started()} processes run this command, and each would do all of it; run it once, with "
            f"{LAUNCH_ENV}='accelerate launch' in the environment: then several processes train, and one does the rest"
        )
    try:
        words = shlex.split(os.environ.get(LAUNCH_ENV, ""))
    except ValueError as error:
        raise ModelError(f"{LAUNCH_ENV}: cannot be read as a command: {error}") from None
    if not words:
        return []
    ours = str(Path(sys.executable).parent)
    found = shutil.which(words[0], path=os.pathsep.join([ours, os.environ.get("PATH", os.defpath)]))
    if not found:
        raise ModelError(f"{LAUNCH_ENV}: there is no command {words[0]!r}; name one, or unset it to train in a process")
    return [found, *words[1:]]


def launched(command: Sequence[str], data: Sequence[TrainingSet], settings: Finetune) -> Trained:
    """As `train_seeds`, in processes that `command` starts; they end when this one does, however it does.

    Raises:
        ModelError: they could not train.
    """
    with TemporaryDirectory(prefix="attrprompt-") as name:
        folder = Path(name)
        _write_job(folder, data, settings)
        whole = [*command, "-m", _MODULE, name]
        # Nothing is ever written into the pipe: each of them notices when this end is closed. Of Ctrl-C, which would
        # make a launcher print pages, they hear in that way too.
        with subprocess.Popen(whole, stdin=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603 - the user's
            status = process.wait()
        result = folder / _RESULT
        told = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
        if "error" in told:
            raise ModelError(told["error"])
        if status or not told:
            raise ModelError(
                f"{LAUNCH_ENV}: {shlex.join(command)} ended with status {status} and no trained model; what it said is "
                f"above. Unset {LAUNCH_ENV} to train in one process"
            )
        records = [SeedRecord(**{**each, "epochs": tuple(each["epochs"])}) for each in told["records"]]
        weights = {seed: read_whole(folder / str(seed))[0] for seed in told["kept"]}
    return Trained(records, weights, Checkpoints(Path(told["checkpoints"]), writes=True))


def _write_job(folder: Path, data: Sequence[TrainingSet], settings: Finetune) -> None:
    for number, part in enumerate(data):
        arrays = {"targets": part.targets, "weights": part.weights}
        save_file({name: np.ascontiguousarray(each) for name, each in arrays.items()}, folder / f"part{number}")
    parts = [{"texts": each.texts, "labels": each.labels, "multilabel": each.multilabel} for each in data]
    told = {"settings": settings.model_dump(mode="json"), "parts": parts}
    folder.joinpath(_JOB).write_text(json.dumps(told), encoding="utf-8")


def _read_job(folder: Path) -> tuple[list[TrainingSet], Finetune]:
    told = json.loads(folder.joinpath(_JOB).read_text(encoding="utf-8"))
    data = [
        TrainingSet(tuple(each["texts"]), **load_file(folder / f"part{number}"), labels=tuple(each["labels"]),
                    multilabel=each["multilabel"])
        for number, each in enumerate(told["parts"])
    ]  # fmt: skip
    return data, Finetune.model_validate(told["settings"])


def main(folder: Path) -> None:
    """What each of the processes does: train what the folder says, and leave there what came of it."""
    from accelerate import Accelerator  # noqa: PLC0415 - seconds that only this student pays

    _end_with_the_stage()
    state: Any = Accelerator(mixed_precision="no").state
    try:
        _must_share(state.num_processes, state.distributed_type.value)
        data, settings = _read_job(folder)
        model, tokenizer = load_pretrained(settings, data[0].labels, settings.seed, multilabel=data[0].multilabel)
        trained = train_seeds(model, tokenizer, data, settings)
    except ModelError as error:  # the same in all of them
        _write_result(folder, {"error": str(error)})
        return
    if state.is_main_process:
        for seed, weights in trained.weights.items():
            write_whole(folder / str(seed), weights, {})
        records, kept = [asdict(each) for each in trained.records], list(trained.weights)
        where = str(trained.checkpoints.folder.resolve())
        _write_result(folder, {"records": records, "kept": kept, "checkpoints": where})


def _write_result(folder: Path, told: dict[str, object]) -> None:
    part = folder / f"{_RESULT}.{os.getpid()}"
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(folder / _RESULT)


def _must_share(processes: int, how: str) -> None:
    """Refuse what would train a model in each process, or keep a part of it in each."""
    if processes != _started():
        raise ModelError(
            f"{LAUNCH_ENV}: it started {_started()} processes, of which accelerate uses {processes}; ask for as many "
            "as there are GPUs, or set ACCELERATE_USE_CPU=true to train on the processor"
        )
    if how != "NO" and not how.startswith("MULTI_"):
        raise ModelError(f"{LAUNCH_ENV}: accelerate is configured for {how}, which splits a model; choose multi-GPU")


def _end_with_the_stage() -> None:
    """End this process when the stage's end of the pipe closes; else one that was killed would go on here."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return  # the launcher did not hand it on

    def wait() -> None:
        os.read(0, 1)
        os._exit(0)  # a launcher would make a long story of anything else, and nobody waits for it

    threading.Thread(target=wait, daemon=True).start()


def _started() -> int:
    return int(os.environ.get(_PROCESSES_ENV) or 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
