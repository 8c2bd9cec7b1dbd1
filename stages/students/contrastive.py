"""An encoder tuned so that texts of one label lie together, and what `linear` makes of its vectors."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from safetensors import SafetensorError

from stages.core.cli import say
from stages.core.errors import ModelError
from stages.core.learning import Linear
from stages.students.encoder import Encoder
from stages.students.finetuning.checkpoint import Checkpoints, checkpoints_path, key_of
from stages.students.finetuning.contrast import MOST_TOKENS, Contrast, has_pairs
from stages.students.finetuning.model import load_encoder, quiet
from stages.students.finetuning.parts import Part, held_out_rows
from stages.students.finetuning.progress import Bar
from stages.students.finetuning.rates import low_precision
from stages.students.linear import LinearStudent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stages.core.arrays import Floats
    from stages.core.learning import Contrastive
    from stages.students.training import TrainingSet

_ENCODER = "encoder"
_CHECKPOINT = "contrast"
_LOSSES = "epoch_losses"


class ContrastiveStudent:
    """See `student.Student`.

    Args:
        linear: Fitted to the tuned encoder's vectors.
        write: Writes the tuned encoder into a folder.
        told: For student.json: the name of the encoder that was tuned, and the loss of each epoch.
        checkpoints: Of the tuning, not needed once it is saved; None: none.
    """

    def __init__(
        self,
        linear: LinearStudent,
        write: Callable[[Path], object],
        told: Mapping[str, object],
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self._linear, self._write, self._told, self._checkpoints = linear, write, dict(told), checkpoints
        self.labels, self.multilabel = linear.labels, linear.multilabel

    @classmethod
    def fit(cls, data: TrainingSet, settings: Contrastive) -> Self:
        """Tune the encoder on the texts, and fit to its vectors of them."""
        model, tokenizer, losses, checkpoints = _tuned(data, settings)
        write = partial(_write, model, tokenizer)
        with TemporaryDirectory() as folder:
            write(Path(folder))
            encoder = Encoder(folder)  # which reads it all, and keeps its vectors apart from any other encoder's
        views = {name: getattr(settings, name) for name in ("encoder", "c", "neighbours", "characters", "words")}
        linear = LinearStudent.seen_by(encoder, data, Linear(kind="linear", **views))
        return cls(linear, write, {"encoder": settings.encoder, _LOSSES: losses}, checkpoints)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        return self._linear.probabilities(texts)

    def save(self, folder: Path) -> dict[str, object]:
        """Write what `linear` writes, and the tuned encoder into the folder `encoder`, as `transformers` has it."""
        card = self._linear.save(folder)
        self._write(folder / _ENCODER)
        if self._checkpoints:
            self._checkpoints.remove()
        return {**card, **self._told}

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read both."""
        tuned = folder / _ENCODER
        if not tuned.joinpath("config.json").exists():
            raise ModelError(f"{tuned / 'config.json'}: is missing; run dvc repro, or dvc pull")
        try:
            encoder = Encoder(str(tuned))
        except SafetensorError as error:
            raise ModelError(f"{tuned}: cannot be read as a model: {error}") from None
        linear = LinearStudent.loaded_with(encoder, folder, card)
        return cls(linear, partial(shutil.copytree, tuned), {name: card[name] for name in ("encoder", _LOSSES)})


def _tuned(data: TrainingSet, settings: Contrastive) -> tuple[Any, Any, list[float], Checkpoints]:
    """The encoder, tuned on the texts, and its tokenizer; each epoch's loss; checkpoints to remove when it is saved."""
    from accelerate import Accelerator  # noqa: PLC0415 - seconds that only this student pays

    accelerator: Any = Accelerator(mixed_precision="no")  # what is computed in bfloat16, the loop says
    if accelerator.num_processes > 1:
        raise ModelError(
            f"students: contrastive is tuned by one process, and there are {accelerator.num_processes}; run python -m "
            "stages.train without accelerate launch"
        )
    train, none = held_out_rows(data, 0.0, settings.seed)
    model, tokenizer = load_encoder(settings.encoder, MOST_TOKENS)
    key = key_of(settings, data, model, accelerator.device, low_precision(accelerator.device))
    checkpoints = Checkpoints(checkpoints_path() / key, writes=True)
    if not has_pairs(train):
        say(f"contrastive: no two of {len(train.texts)} texts have a label in common; the encoder stays as it is")
        return model, tokenizer, [], checkpoints
    model.to(accelerator.device)
    parts = [Part(each, tokenizer) for each in (train, none)]
    training = Contrast(model, parts, settings, accelerator=accelerator)
    with Bar(f"contrastive on {len(train.texts)} texts", silent=False) as bar:
        training.run(checkpoints, _CHECKPOINT, checkpoints.read(_CHECKPOINT), bar)
    accelerator.free_memory()
    return model.cpu(), tokenizer, [epoch["loss"] for epoch in training.progress.epochs], checkpoints


def _write(model: Any, tokenizer: Any, folder: Path) -> None:
    tokenizer.init_kwargs.pop("local_files_only", None)  # says how it was loaded here, and nothing of itself
    with quiet():
        tokenizer.save_pretrained(folder)
        model.save_pretrained(folder)
