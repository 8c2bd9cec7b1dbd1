"""Small models of random weights, each in a folder: fine-tuning one takes a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stages.core.learning import Finetune

ANIMALS = [
    "the dog barks", "dogs chase a cat", "puppy plays", "my cat purrs", "the kitten naps", "a puppy sleeps",
    "cats chase my dog", "the puppy runs",
]  # fmt: skip
DUES = [
    "a tax return", "taxes are due", "the revenue office", "pay the state", "money owed", "tax forms",
    "the bank", "pay my taxes",
]  # fmt: skip
TEXTS = ANIMALS + DUES
WORDS = sorted({word for text in TEXTS for word in text.split()})
LABELS = ["pets"] * len(ANIMALS) + ["money"] * len(DUES)


def make_bert(folder: Path, **other: Any) -> Path:
    """Two layers, 32 wide; a token is a word. `other` are fields of its configuration that are not as usual."""
    import torch  # noqa: PLC0415 - seconds that collecting the tests saves
    from transformers import BertConfig, BertModel, BertTokenizer  # noqa: PLC0415 - likewise

    folder.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    tokenizer: Any = BertTokenizer(vocab={word: number for number, word in enumerate(words)})
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=64, initializer_range=0.5, **other,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


def make_other(folder: Path, config: Any, **special: str) -> Path:
    """A model of another kind, as `config` has it; a token is a part of a word, and nothing is put around a text.

    `special`: its tokenizer's tokens by what they are for, such as eos_token="<end>"; numbered from 0 on, and with no
    limit to how long a text is.
    """
    import torch  # noqa: PLC0415 - as above
    import transformers as untyped  # noqa: PLC0415 - likewise
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415 - likewise

    transformers: Any = untyped
    plain: Any = Tokenizer(models.BPE())
    plain.pre_tokenizer, plain.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=config.vocab_size, special_tokens=list(special.values()), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    plain.train_from_iterator(TEXTS * 3, trainer)
    transformers.PreTrainedTokenizerFast(tokenizer_object=plain, **special).save_pretrained(folder)
    torch.manual_seed(0)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    return folder


def settings(model: Path | str, **other: Any) -> Finetune:
    """What fine-tunes a small model in a second; `other` are fields that are not as usual."""
    usual = {
        "kind": "finetune", "model": str(model), "pooling": "mean", "start": "regression", "max_tokens": 32,
        "epochs": 3, "batch": 4, "learning_rate": 1e-3, "head_learning_rate": 1e-2, "layer_decay": 0.9,
        "weight_decay": 0.01, "warmup": 0.1, "label_smoothing": 0.1, "untidy": 0.0, "held_out": 0.25, "patience": 3,
        "tuned_share": 1.0, "seeds": 1, "keep_seeds": False, "seed": 1,
    }  # fmt: skip
    return Finetune.model_validate({**usual, **other})
