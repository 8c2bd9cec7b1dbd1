"""How varied the texts are, beside real ones: `python -m stages.study --task TASK --method METHOD`.

Free. The real texts are those of the test set: they are compared with, and nothing is chosen by them. Texts are
measured whether they passed the gates or not. Where a text has several labels, the one that it was planned for counts,
and of a real text the first in task.yaml.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/attributes/<task>/attributes.yaml: which values texts of a label can have
        data/prompts/<task>/<method>.jsonl: how attribute values were planned
        data/clean/<task>/<method>/accepted.jsonl
        data/annotations/<task>/<method>.jsonl: what the model says of some of them, and of real texts
Writes  data/metrics/study/<task>/<method>.json
            words, texts, class_words, class_texts: the sizes at which sets are compared
            generated, real: overall and for each of classes, what is in `measures/diversity` (null where a set is
                smaller than its size); within, between: similarity of two texts of one label, and of two labels
            mauve: how much both overlap; null where a set has too few texts
            attributes: of each, overall and of its worst label, what is in `measures/bias`: how far the accepted texts'
                values are from the plan; of texts made elsewhere, from all values alike
            found: of each attribute that was annotated or counted, how its values are spread over the texts as they
                came out, beside real ones: see `measures/found`
            compliance: what became of each value that was ordered: see `measures/compliance`
            shortcuts: by label, words that give it away here and not in real texts (see `measures/shortcuts`)
        data/plots/<task>/<method>/diversity.csv
            label, real, generated: mean similarity of two of its texts; labels with two or more of both alone
        data/plots/<task>/<method>/values.csv
            attribute, value, planned, accepted: texts with each value, and with each label; planned is empty where
                there was no plan
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import annotating, cli, files, measuring, params, paths
from stages.core.errors import ArtifactError
from stages.core.records import Annotation, Prompt, Text
from stages.core.tasks import load_task, read_labelled
from stages.design.looking import counted_in, sought_in
from stages.design.table import read_table
from stages.measures.annotated import Looked, as_found
from stages.measures.study import Embedded, balance, compare_with_real, planned_and_accepted, planned_shares
from stages.students.encoder import Encoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stages.core.files import Json
    from stages.core.tasks import LabelledText


class Params(params.StageParams):
    """What changes the figures."""

    study: measuring.Study
    annotate: annotating.Annotate


def run(
    accepted: Sequence[Text], prompts: Iterable[Prompt], real: Sequence[LabelledText], looked: Looked, chosen: Params
) -> Json:
    """All figures of one method's texts, one or more, beside those of the real texts.

    `prompts` is iterated over more than once.
    """
    encoder = Encoder(chosen.study.encoder)
    mine, theirs = (Embedded(each, encoder.encode([text.text for text in each])) for each in (accepted, real))
    return {
        **compare_with_real(mine, theirs, chosen.study),
        "attributes": balance(accepted, planned_shares(prompts), chosen.study.confidence),
        **as_found(accepted, prompts, mine, theirs, looked=looked, confidence=chosen.study.confidence),
    }


def _similarities(found: Json) -> Iterator[tuple[str, float, float]]:
    """Label, similarity within it of real texts, and of generated ones."""
    real = found["real"]["classes"]
    for label, each in found["generated"]["classes"].items():
        if label in real and None not in (real[label]["similarity"], each["similarity"]):
            yield label, round(real[label]["similarity"], 6), round(each["similarity"], 6)


def _values(found: Iterable[tuple[str, str, float | None, int]]) -> Iterator[tuple[str, str, float | str, int]]:
    """Rows of a plot's table."""
    for name, value, planned, accepted in found:
        yield _cell(name), _cell(value), "" if planned is None else round(planned, 6), accepted


def _cell(text: str) -> str:
    """A model may have written it: DVC puts it into a script, which `<` could end, and a spreadsheet runs formulas."""
    return ("'" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else "") + text.replace("<", "\u2039")


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params), load_task(task)
    accepted_file = paths.accepted_file(task, method)
    accepted = list(files.read_records(accepted_file, Text, "clean"))
    if not accepted:
        raise ArtifactError(
            f"{accepted_file}: expected one accepted text or more to measure, found none; "
            f"{paths.rejected_file(task, method)} says why each was rejected"
        )
    prompts = files.Records(paths.prompts_file(task, method), Prompt, "prompts")
    table = read_table(paths.attributes_file(task))
    annotations = list(files.read_records(paths.annotations_file(task, method), Annotation, "annotate"))
    asked, counted = sought_in(description, table, chosen.annotate), counted_in(description, table)
    looked = Looked(asked, counted, annotations, chosen.annotate)
    found = run(accepted, prompts, read_labelled(paths.test_file(task), description), looked, chosen)
    files.write_json(paths.study_file(task, method), found)
    files.write_csv(paths.diversity_plot(task, method), ["label", "real", "generated"], _similarities(found))
    values = _values(planned_and_accepted(prompts, accepted))
    files.write_csv(paths.values_plot(task, method), ["attribute", "value", "planned", "accepted"], values)
    within, cmd = found["generated"]["within"], found["generated"]["overall"]["cmd"]
    shown = "" if within is None else f"similarity of two texts of a label {within:.3f}, "
    cli.say(f"{task}/{method}: {shown}distance to real texts {cmd:.3f}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
