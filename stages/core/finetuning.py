"""The entry of a fine-tuned student in params.yaml. What a key does is said there; here is what it may be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stages.core.checked_yaml import Section


class Finetune(Section):
    """A pretrained encoder with a head, all of it trained."""

    kind: Literal["finetune"]
    model: Annotated[str, Field(min_length=1)]
    pooling: Literal["mean", "own"]
    start: Literal["regression", "random"]
    max_tokens: Annotated[int, Field(ge=2)]
    epochs: Annotated[int, Field(ge=1)]
    batch: Annotated[int, Field(ge=1)]
    learning_rate: Annotated[float, Field(gt=0)]
    head_learning_rate: Annotated[float, Field(gt=0)]
    layer_decay: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Annotated[float, Field(ge=0)]
    warmup: Annotated[float, Field(ge=0, le=1)]
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    untidy: Annotated[float, Field(ge=0, le=1)]
    held_out: Annotated[float, Field(ge=0, le=0.5)]
    patience: Annotated[int, Field(ge=1)]
    tuned_share: Annotated[float, Field(gt=0, le=1)]
    seeds: Annotated[int, Field(ge=1)]
    keep_seeds: bool
    seed: Annotated[int, Field(ge=0)]
