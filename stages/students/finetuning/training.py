"""One training from one seed: the loop, with nothing in it that a kill could lose for good.

Everything random in a step follows from the seed and the step's number, so a training that goes on from a checkpoint
does what it would have done.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.errors import ModelError
from stages.students.finetuning.batches import scores_of
from stages.students.finetuning.head import losses, macro_f1
from stages.students.finetuning.parts import Part, Progress
from stages.students.finetuning.rates import groups, low_precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Ints
    from stages.core.learning import Finetune
    from stages.students.finetuning.batches import Tokens
    from stages.students.finetuning.checkpoint import Checkpoint, Checkpoints
    from stages.students.finetuning.progress import Bar

_LONGEST_GRADIENT = 1.0
_CHECKPOINT_EVERY_S = 60.0
_SEEDS_APART = 1_000_003


class Training:
    """A model and the texts that it learns from.

    Args:
        model: As it is to begin; trained in place.
        parts: What it learns from, and what chooses the epoch; where this has no text, the last epoch is kept.
        settings: The student's entry in params.yaml.
        seed: Of the order of the texts and of dropout.
        accelerator: Where it is trained, on how many processes.
    """

    def __init__(self, model: Any, parts: Sequence[Part], settings: Finetune, *, seed: int, accelerator: Any) -> None:
        import torch  # noqa: PLC0415 - seconds that only this student pays

        self._plain, (self._train, self._held), self._settings = model, parts, settings
        self._seed, self._accelerator = seed, accelerator
        self._best: dict[str, Any] = {}
        optimizer = torch.optim.AdamW(groups(model, settings), fused=True)
        self._rates = [group["lr"] for group in optimizer.param_groups]
        self._model, self._optimizer = accelerator.prepare(model, optimizer)
        self._raw = optimizer
        self._start = _copy(model)  # of several processes, they are all at the first one's weights by now
        self._held_tokens = self._held.tokens()
        self._weights = torch.as_tensor(self._train.data.weights / self._train.data.weights.mean(), dtype=torch.float32)
        self._targets = torch.as_tensor(self._train.data.targets, dtype=torch.float32)
        self._a_epoch = math.ceil(len(self._train.data.texts) / settings.batch)
        self.progress = Progress()

    def run(self, checkpoints: Checkpoints, name: str, found: Checkpoint | None, bar: Bar) -> None:
        """Train to the end, from the checkpoint `found` on; the model then has the weights that are kept.

        Args:
            checkpoints: Where to keep the next ones.
            name: Under this name.
            found: What was kept before; None: nothing.
            bar: Shows the steps.
        """
        told = time.monotonic()
        if found:
            self._resume(*found)
        self._accelerator.wait_for_everyone()
        while not self.progress.ended:
            epoch = len(self.progress.epochs)
            tokens = self._train.tokens(self._settings.untidy, self._seed, epoch)
            batches = tokens.shuffled(self._settings.batch, self._seed, epoch)
            for rows in batches[self.progress.step - epoch * self._a_epoch :]:
                self._step(rows, tokens)
                bar.moved(self.progress.step, self._a_epoch * self._settings.epochs, self.progress.epochs)
                if time.monotonic() - told >= _CHECKPOINT_EVERY_S:
                    checkpoints.write(name, self._tensors(), asdict(self.progress))
                    told = time.monotonic()
            self._close_epoch()
            checkpoints.write(name, self._tensors(), asdict(self.progress))

    def held_out(self) -> dict[str, float]:
        """Loss and macro-F1 on the texts held out, of the model as it is; nothing where there are none.

        Of several processes, each scores a part, and all get the same numbers, to the bit: they have to agree on when
        to stop.
        """
        import torch  # noqa: PLC0415 - as above

        if not self._held.data.texts:
            return {}
        data, all_of_us = self._held.data, self._accelerator
        mine = slice(all_of_us.process_index, None, all_of_us.num_processes)
        part = scores_of(self._plain, self._held_tokens, all_of_us.device, mine)
        scores = all_of_us.reduce(part.to(all_of_us.device), "sum").cpu()
        each = losses(scores, torch.as_tensor(data.targets), multilabel=data.multilabel)
        loss = float(np.average(each.numpy(), weights=data.weights))
        return {"held_out_loss": loss, "held_out_macro_f1": macro_f1(scores.numpy(), data)}

    def _step(self, rows: Ints, tokens: Tokens) -> None:
        """One batch; of several processes, each takes its share of it."""
        import torch  # noqa: PLC0415 - as above

        processes, rank = self._accelerator.num_processes, self._accelerator.process_index
        torch.manual_seed((self._seed * _SEEDS_APART + self.progress.step) * processes + rank)
        for group, rate in zip(self._raw.param_groups, self._rates, strict=True):
            group["lr"] = rate * self._pace()
        mine, device = rows[rank::processes], self._accelerator.device
        share = self._weights[mine] / len(rows) * processes
        if not len(mine):  # all processes have to take part
            mine, share = rows[:1], torch.zeros(1)
        self._model.train()
        with torch.autocast(device.type, torch.bfloat16, enabled=low_precision(device)):
            scores = self._model(**tokens.batch(mine, device)).logits
        data, smoothing = self._train.data, self._settings.label_smoothing
        each = losses(scores.float(), self._targets[mine].to(device), multilabel=data.multilabel, smoothing=smoothing)
        loss = (each * share.to(device)).sum()
        found = float(self._accelerator.reduce(loss.detach(), "mean"))  # of the whole batch
        if not math.isfinite(found):
            raise self._too_fast(f"the loss is {found} in step {self.progress.step + 1}")
        self._accelerator.backward(loss)
        self._accelerator.clip_grad_norm_(self._model.parameters(), _LONGEST_GRADIENT)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self.progress.step += 1
        self.progress.loss += found * len(rows)

    def _too_fast(self, what: str) -> ModelError:
        return ModelError(f"students: {self._settings.model}: {what}; lower learning_rate or head_learning_rate")

    def _pace(self) -> float:
        """The share of the learning rates in this step: up to 1 in a line, then down to 0 in another."""
        step, total = self.progress.step, self._a_epoch * self._settings.epochs
        warm = max(1, round(total * self._settings.warmup))
        return min((step + 1) / warm, (total - step) / max(1, total - warm))

    def _close_epoch(self) -> None:
        """Note how the epoch went, keep its weights where it is the best so far, and find out whether to go on."""
        import torch  # noqa: PLC0415 - as above

        done = self.progress
        if not all(bool(torch.isfinite(each).all()) for each in self._plain.parameters()):
            raise self._too_fast(f"weights are no numbers after epoch {len(done.epochs) + 1}")
        row = {"epoch": len(done.epochs) + 1, "loss": done.loss / len(self._train.data.texts), **self.held_out()}
        done.epochs.append(row)
        done.loss = 0.0
        if not done.best or _worth(row) > _worth(done.epochs[done.best - 1]) or not self._held.data.texts:
            done.best, self._best = len(done.epochs), _copy(self._plain)
        done.ended = len(done.epochs) in (self._settings.epochs, done.best + self._settings.patience)
        if done.ended:
            self._keep()

    def _keep(self) -> None:
        """The best epoch's weights, or a mean of them and of those at the start.

        The mean holds up better on texts unlike those trained on (Wortsman et al. 2022, Robust Fine-Tuning of Zero-Shot
        Models, section 3).
        """
        share = self._settings.tuned_share
        mixed = {name: self._start[name].lerp(best, share) for name, best in self._best.items()}
        self._plain.load_state_dict(mixed if share < 1 else self._best)

    def _tensors(self) -> dict[str, Any]:
        """All that training changes. Of one that has ended, the weights that are kept."""
        found = {f"model.{name}": each for name, each in self._plain.state_dict().items()}
        if self.progress.ended:
            return found
        found.update({f"best.{name}": each for name, each in self._best.items()})
        for number, state in self._raw.state_dict()["state"].items():
            found.update({f"optimizer.{number}.{name}": each for name, each in state.items()})
        return found

    def _resume(self, tensors: dict[str, Any], progress: dict[str, Any]) -> None:
        self.progress = Progress(**progress)
        self._plain.load_state_dict(_under("model.", tensors))
        self._best = {name: each.to(self._accelerator.device) for name, each in _under("best.", tensors).items()}
        if self.progress.ended:
            return
        states = dict[int, dict[str, Any]]()
        for name, each in _under("optimizer.", tensors).items():
            number, _, what = name.partition(".")
            states.setdefault(int(number), {})[what] = each
        self._raw.load_state_dict({**self._raw.state_dict(), "state": states})


def _copy(model: Any) -> dict[str, Any]:
    return {name: each.detach().clone() for name, each in model.state_dict().items()}


def _worth(row: dict[str, float]) -> tuple[float, float]:
    """What makes an epoch better than another."""
    return row.get("held_out_macro_f1", 0.0), -row.get("held_out_loss", 0.0)


def _under(prefix: str, tensors: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)}
