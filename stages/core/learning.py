"""The sections of params.yaml about students: their kinds, labels that may be wrong, texts of several methods."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from stages.core.bounds import Count, Seed, Share
from stages.core.checked_yaml import Section
from stages.core.slugs import Slug


class Noise(Section):
    """What is done about labels that may be wrong, before a student is fitted.

    Attributes:
        confident: Texts whose label other texts speak against count for less (`weigh`) or for nothing (`drop`).
        reweight: Whether weights are learned with a noise-robust loss.
        judged: The weight of a trusted judge's chances beside the label, for the texts that it has a verdict on.
        smoothing: The share of each label that is spread over all labels.
        folds: Into how many parts the texts are cut for `confident`.
        seed: Of the cuts.
    """

    confident: Literal["drop", "weigh"] | None = None
    reweight: bool = False
    judged: Share = 0.0
    smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    folds: Annotated[int, Field(ge=2)] = 5
    seed: Seed = 1


class AnyStudent(Section):
    """What every kind of student has."""

    noise: Noise | None = None


class Tfidf(AnyStudent):
    """TF-IDF and logistic regression."""

    kind: Literal["tfidf"]
    ngrams: Count
    c: Annotated[float, Field(gt=0)]


class Linear(AnyStudent):
    """A frozen encoder and logistic regression, and what may be mixed in."""

    kind: Literal["linear"]
    encoder: Annotated[str, Field(min_length=1)]
    c: Literal["auto"] | Annotated[float, Field(gt=0)]
    neighbours: Annotated[float, Field(ge=0)] = 0.0
    characters: Annotated[float, Field(ge=0)] = 0.0
    words: Annotated[float, Field(ge=0)] = 0.0
    calibrated: bool = False


class Finetune(AnyStudent):
    """A pretrained encoder with a head, all of it trained."""

    kind: Literal["finetune"]
    model: Annotated[str, Field(min_length=1)]
    pooling: Literal["mean", "own"]
    start: Literal["regression", "random"]
    max_tokens: Annotated[int, Field(ge=2)]
    epochs: Count
    batch: Count
    learning_rate: Annotated[float, Field(gt=0)]
    head_learning_rate: Annotated[float, Field(gt=0)]
    layer_decay: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Annotated[float, Field(ge=0)]
    warmup: Annotated[float, Field(ge=0, le=1)]
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    untidy: Annotated[float, Field(ge=0, le=1)]
    held_out: Annotated[float, Field(ge=0, le=0.5)]
    patience: Count
    tuned_share: Annotated[float, Field(gt=0, le=1)]
    seeds: Count
    keep_seeds: bool
    seed: Seed


_OneStudent = Annotated[Tfidf | Linear | Finetune, Field(discriminator="kind")]


def _without_noise(student: _OneStudent) -> _OneStudent:
    if student.noise:
        raise ValueError("noise: put this section beside of, for all of them")
    return student


class Member(Section):
    """One of the students that a mean is of.

    Attributes:
        weight: Of the logarithms of its probabilities.
        student: Its entry; what is done about wrong labels stands in that of the mean.
    """

    weight: Annotated[float, Field(gt=0)]
    student: Annotated[_OneStudent, AfterValidator(_without_noise)]


class Mean(AnyStudent):
    """A mean of other students."""

    kind: Literal["mean"]
    of: Annotated[dict[Slug, Member], Field(min_length=2)]


Student = Annotated[Tfidf | Linear | Finetune | Mean, Field(discriminator="kind")]


class Blend(Section):
    """Texts of several methods, and of people, for one student.

    Attributes:
        methods: The share of each method's accepted texts, the first ones of each label.
        gold: The share of train.jsonl.
        agree: The least probability that a student of the other methods' texts gives to a text's label; 0: not asked.
        seed: Of the choice from train.jsonl.
    """

    methods: Annotated[dict[Slug, Share], Field(min_length=1)]
    gold: Share = 0.0
    agree: Share = 0.0
    seed: Seed = 1

    @model_validator(mode="after")
    def _others_to_agree_with(self) -> Blend:
        if self.agree and sum(share > 0 for share in self.methods.values()) < 2:  # noqa: PLR2004 - a method and another
            raise ValueError("agree: asks the other methods' texts, and there is but one method with any")
        return self
