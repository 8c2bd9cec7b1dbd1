"""Every path under data/, in one place. A task, a method and a student are slugs, so none of them can leave data/.

data/tasks/<task>/            task.yaml, test.jsonl                                       written by people, Git
                              if there are any: examples.jsonl, train.jsonl, attributes.yaml, corpus.yaml
data/tasks/<task>/imported/   labelled texts that were made elsewhere (if there are any)  Git, or DVC (dvc add)
data/templates/               methods/, attributes/, annotate/, judge/, pages/, cards/     written by people, Git
data/recordings/<task>.jsonl  answers that come with the project                          exported, Git
data/code/<stage>.json        what code each stage runs                                   DVC
data/briefs/<task>.json       what may be missing of these, in one file                   DVC
data/attributes/<task>/       attributes.yaml, answers.jsonl                              DVC
data/prompts/<task>/          <method>.jsonl                                              DVC
data/generated/<task>/        <method>.jsonl                                              DVC
data/refilled/<task>/         <method>.jsonl                                              DVC
data/clean/<task>/<method>/   accepted.jsonl, rejected.jsonl                              DVC
data/judged/<task>/           <method>.jsonl                                              DVC
data/annotations/<task>/      <method>.jsonl                                              DVC
data/validation/              index.html; <task>/<method>.html                            DVC
data/models/<task>/<method>/  <student>/; a blend, and gold, stand here as methods do       DVC
data/disputes/<task>/         <method>.jsonl                                              DVC
data/metrics/<stage>/<task>/  what was counted and measured, by the stage that did        Git
data/plots/<task>/<method>/   diversity.csv, values.csv                                   Git
                              <student>/: confusion.csv, per_class.csv, curve.csv         Git
                              gold/<student>/: besides, worth.csv                         Git
data/reports/                 summary.json, summary.svg, index.html, attributes/<task>.md Git
data/reports/<task>/dataset/  README.md, train/<method>.parquet                           DVC

And exports/<task>/<method>/<student>/, a model for other programs, which neither Git nor DVC keeps.
"""

from __future__ import annotations

from pathlib import Path

DATA = Path("data")

METHOD_TEMPLATES = DATA / "templates" / "methods"
ATTRIBUTE_TEMPLATES = DATA / "templates" / "attributes"
ANNOTATE_TEMPLATES = DATA / "templates" / "annotate"
JUDGE_TEMPLATES = DATA / "templates" / "judge"
PAGE_TEMPLATES = DATA / "templates" / "pages"
CARD_TEMPLATES = DATA / "templates" / "cards"

CODE = DATA / "code"
MODELS = DATA / "models"
METRICS = DATA / "metrics"
REPORTS = DATA / "reports"
SUMMARY = REPORTS / "summary.json"
SUMMARY_PICTURE = REPORTS / "summary.svg"
SUMMARY_PAGE = REPORTS / "index.html"
GATES_PAGE = DATA / "validation" / "index.html"


def attributes_page(task: str) -> Path:
    """The attributes of a task, for reviewers."""
    return REPORTS / "attributes" / f"{task}.md"


def tasks_there() -> list[str]:
    """The tasks that have a folder with a task.yaml, in the order of their names."""
    return sorted(each.parent.name for each in DATA.glob("tasks/*/task.yaml"))


def task_file(task: str) -> Path:
    """What people wrote about the task."""
    return DATA / "tasks" / task / "task.yaml"


def test_file(task: str) -> Path:
    """The texts of real people that students are scored on, and trained on never."""
    return DATA / "tasks" / task / "test.jsonl"


def examples_file(task: str) -> Path:
    """Texts of people for the model to look at; need not be there."""
    return DATA / "tasks" / task / "examples.jsonl"


def train_file(task: str) -> Path:
    """Real training data, for the tasks of `run.gold`."""
    return DATA / "tasks" / task / "train.jsonl"


def written_attributes(task: str) -> Path:
    """Attributes that people wrote or imported; need not be there. Where it is, the model is not asked for any."""
    return DATA / "tasks" / task / "attributes.yaml"


def corpus_file(task: str) -> Path:
    """Where the real texts of a task come from; need not be there."""
    return DATA / "tasks" / task / "corpus.yaml"


def imported_file(task: str, name: str) -> Path:
    """Labelled texts that were made elsewhere, for a method that imports them."""
    return DATA / "tasks" / task / "imported" / name


def recordings_file(task: str) -> Path:
    """Answers that come with the project; need not be there."""
    return DATA / "recordings" / f"{task}.jsonl"


def code_file(stage: str) -> Path:
    """The files that a stage runs."""
    return CODE / f"{stage}.json"


def brief_file(task: str) -> Path:
    """What people left beside task.yaml."""
    return DATA / "briefs" / f"{task}.json"


def attributes_file(task: str) -> Path:
    """Dimensions, their values, similar classes, what was dropped."""
    return DATA / "attributes" / task / "attributes.yaml"


def attributes_answers(task: str) -> Path:
    """What was asked for the attributes, one line a request."""
    return DATA / "attributes" / task / "answers.jsonl"


def prompts_file(task: str, method: str) -> Path:
    """The plan, one line a request."""
    return DATA / "prompts" / task / f"{method}.jsonl"


def generated_file(task: str, method: str) -> Path:
    """Raw completions, one line a request."""
    return DATA / "generated" / task / f"{method}.jsonl"


def refilled_file(task: str, method: str) -> Path:
    """The same, and those of the reserve that were asked for."""
    return DATA / "refilled" / task / f"{method}.jsonl"


def accepted_file(task: str, method: str) -> Path:
    """The texts that students train on."""
    return DATA / "clean" / task / method / "accepted.jsonl"


def rejected_file(task: str, method: str) -> Path:
    """Planned texts that are not, each with its reason."""
    return DATA / "clean" / task / method / "rejected.jsonl"


def annotations_file(task: str, method: str) -> Path:
    """What the model says of some of the accepted texts, and of real ones."""
    return DATA / "annotations" / task / f"{method}.jsonl"


def judged_file(task: str, method: str) -> Path:
    """What a judge says of some of the accepted texts, and of real ones."""
    return DATA / "judged" / task / f"{method}.jsonl"


def validation_page(task: str, method: str) -> Path:
    """The verdict of the gates, to look at."""
    return DATA / "validation" / task / f"{method}.html"


def disputes_file(task: str, method: str) -> Path:
    """Texts whose label others dispute."""
    return DATA / "disputes" / task / f"{method}.jsonl"


def dispute_metrics(task: str, method: str) -> Path:
    """How many they are."""
    return METRICS / "dispute" / task / f"{method}.json"


def model_folder(task: str, method: str, student: str) -> Path:
    """A trained student."""
    return MODELS / task / method / student


def export_folder(model: Path) -> Path | None:
    """Where a trained student is exported to; None where its folder is not among ours."""
    within = model.resolve()
    return Path("exports") / within.relative_to(MODELS.resolve()) if within.is_relative_to(MODELS.resolve()) else None


def attributes_metrics(task: str) -> Path:
    """What the attributes cost."""
    return METRICS / "attributes" / f"{task}.json"


def prompts_metrics(task: str, method: str) -> Path:
    """What the plan covers, by label."""
    return METRICS / "prompts" / task / f"{method}.json"


def generate_metrics(task: str, method: str) -> Path:
    """What the completions cost."""
    return METRICS / "generate" / task / f"{method}.json"


def refill_metrics(task: str, method: str) -> Path:
    """What all completions cost, and for which labels more were asked for."""
    return METRICS / "refill" / task / f"{method}.json"


def clean_metrics(task: str, method: str) -> Path:
    """How many texts were accepted and rejected, by reason."""
    return METRICS / "clean" / task / f"{method}.json"


def annotate_metrics(task: str, method: str) -> Path:
    """What the annotations cost, and how many texts have none, by reason."""
    return METRICS / "annotate" / task / f"{method}.json"


def judge_metrics(task: str, method: str) -> Path:
    """What the judge cost, whether it is to be believed, and what it says in all."""
    return METRICS / "judge" / task / f"{method}.json"


def verdict_file(task: str, method: str) -> Path:
    """The verdict of the gates, for `train`."""
    return METRICS / "validate" / task / f"{method}.json"


def scores_file(task: str, method: str, student: str) -> Path:
    """Scores on the test set."""
    return METRICS / "evaluate" / task / method / f"{student}.json"


def confusion_plot(task: str, method: str, student: str) -> Path:
    """Label and prediction of every test text."""
    return DATA / "plots" / task / method / student / "confusion.csv"


def curve_file(task: str, method: str, student: str) -> Path:
    """The learning curve."""
    return METRICS / "curve" / task / method / f"{student}.json"


def curve_plot(task: str, method: str, student: str) -> Path:
    """The learning curve, to look at."""
    return DATA / "plots" / task / method / student / "curve.csv"


def study_file(task: str, method: str) -> Path:
    """How varied the texts are, beside real ones."""
    return METRICS / "study" / task / f"{method}.json"


def diversity_plot(task: str, method: str) -> Path:
    """How much the texts of each label resemble each other."""
    return DATA / "plots" / task / method / "diversity.csv"


def values_plot(task: str, method: str) -> Path:
    """How many texts with each value of each attribute were planned, and accepted."""
    return DATA / "plots" / task / method / "values.csv"


def per_class_plot(task: str, method: str, student: str) -> Path:
    """Precision, recall and F1 of every label."""
    return DATA / "plots" / task / method / student / "per_class.csv"


def worth_file(task: str, student: str) -> Path:
    """How good a student is after so many human texts a label."""
    return METRICS / "worth" / task / f"{student}.json"


def worth_plot(task: str, student: str) -> Path:
    """The same for `dvc plots`."""
    return DATA / "plots" / task / "gold" / student / "worth.csv"


def gold_metrics(task: str, student: str) -> Path:
    """How many real texts the student of the gold row was trained on."""
    return METRICS / "gold" / task / f"{student}.json"


def blend_metrics(task: str, blend: str, student: str) -> Path:
    """How many texts of each method, and of people, the student of a blend was trained on."""
    return METRICS / "blend" / task / blend / f"{student}.json"


def dataset_folder(task: str) -> Path:
    """The texts as a data set to give away."""
    return REPORTS / task / "dataset"
