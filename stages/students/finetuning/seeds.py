"""A training from each seed, one after the other; several processes may share the work of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stages.core.cli import say
from stages.core.errors import ModelError
from stages.students.finetuning.batches import head_inputs
from stages.students.finetuning.checkpoint import Checkpoints, checkpoints_path, key_of
from stages.students.finetuning.head import start_from_regression
from stages.students.finetuning.model import head_of, load_pretrained
from stages.students.finetuning.parts import Part
from stages.students.finetuning.progress import Bar
from stages.students.finetuning.rates import low_precision
from stages.students.finetuning.record import SCORE, SeedRecord
from stages.students.finetuning.training import Training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.learning import Finetune
    from stages.students.training import TrainingSet


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it.

    Attributes:
        records: One for each seed.
        weights: By seed, of the seed that did best on the texts held out; of all of them where they are kept.
        checkpoints: Of no use once the student is where it belongs.
    """

    records: list[SeedRecord]
    weights: dict[int, dict[str, Any]]
    checkpoints: Checkpoints


def train_seeds(model: Any, tokenizer: Any, data: Sequence[TrainingSet], settings: Finetune) -> Trained:
    """Train from each seed. Of several processes each calls this, and each gets the same.

    Args:
        model: As `load_pretrained` gives it for the first seed; changed in place.
        tokenizer: Its tokenizer.
        data: Two: the texts that are trained on, and those held out.
        settings: The student's entry in params.yaml.
    """
    from accelerate import Accelerator  # noqa: PLC0415 - seconds that only this student pays

    train = data[0]
    accelerator: Any = Accelerator(mixed_precision="no")  # what is computed in bfloat16, the loop says
    device, main, processes = accelerator.device, accelerator.is_main_process, accelerator.num_processes
    key = key_of(settings, data, model, device.type, processes, low_precision(device))
    checkpoints = Checkpoints(checkpoints_path() / key, writes=main)
    parts = [Part(each, tokenizer) for each in data]
    records, weights = list[SeedRecord](), dict[int, dict[str, Any]]()
    name = f"finetune on {len(train.texts)} texts" + (f", {processes} processes" if processes > 1 else "")
    with Bar(name, silent=not main) as bar:
        for seed in range(settings.seed, settings.seed + settings.seeds):
            if seed != settings.seed:
                model, _ = load_pretrained(settings, train.labels, seed, multilabel=train.multilabel)
            record = _train(model, parts, settings, seed, accelerator=accelerator, checkpoints=checkpoints, bar=bar)
            best = not records or record.worth > max(each.worth for each in records)
            records.append(record)
            if best and not settings.keep_seeds:
                weights.clear()
            if best or settings.keep_seeds:
                weights[seed] = {name: each.cpu().clone() for name, each in model.state_dict().items()}
    accelerator.end_training()
    return Trained(records, weights, checkpoints)


def _train(
    model: Any,
    parts: Sequence[Part],
    settings: Finetune,
    seed: int,
    *,
    accelerator: Any,
    checkpoints: Checkpoints,
    bar: Bar,
) -> SeedRecord:
    """Train a model from one seed, in place."""
    train = parts[0]
    model.to(accelerator.device)
    name = f"seed{seed}"
    found = checkpoints.read(name)
    if settings.start == "regression" and not (found and found[1]["ended"]):
        head = head_of(model)
        start_from_regression(head, head_inputs(model, head, train.tokens(), accelerator.device), train.data)
    training = Training(model, parts, settings, seed=seed, accelerator=accelerator)
    before = {} if found and found[1]["ended"] else training.held_out()
    try:
        training.run(checkpoints, name, found, bar)
    except ModelError:  # it would come to the same from here
        checkpoints.remove()
        raise
    accelerator.free_memory()
    progress, after = training.progress, training.held_out()
    if before and after[SCORE] < before[SCORE] and accelerator.is_main_process:
        say(
            f"finetune: macro-F1 on the {len(parts[1].data.texts)} texts held out was {before[SCORE]:.3f} before "
            f"training, and is {after[SCORE]:.3f} after it (seed {seed}); lower learning_rate"
        )
    return SeedRecord(seed, progress.best, tuple(progress.epochs), after)
