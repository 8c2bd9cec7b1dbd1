"""The map of the house. `ls stages/*.py` is the pipeline; dvc.yaml runs each module as `python -m stages.NAME`.

                 task.yaml      test.jsonl                        train.jsonl
                     |              |                                  |
       brief --------+              |                                 gold (its row of the grid)
         |           |              |                                worth (fewer of them)
    attributes       |  imported/   |                                  |
         |           |     |        |                                  |
      prompts -------+-----+    a plan: a line a request, or a text     |
         |                          |                                  |
      generate    raw completions   |                                  |
         |                          |                                  |
      refill  <---------------------+   more of them, where texts would be rejected
         |                          |                                  |
       clean  <---------------------+   texts, each accepted or rejected with a reason
         |                          |                                  |
       judge  <---------------------+  (what a model says of labels)   |
     validate     the gates         |                                  |
     annotate <---------------------+  (what the model says of them)   |
       study  <---------------------+  (how varied the texts are)      |
         |                          |                                  |
         +------------------------> | ----------------> blend <--------+
         |                          |                     |            |
       train      a student         |                     | (its rows: texts of several methods, and of people)
         |                          |                     |            |
     evaluate <---------------------+                     |            |
       curve  <---------------------+  (fewer texts)      |            |
      dispute   whose label others would not give         |            |
         |                                                |            |
       report <-------------------------------------------+------------+
         |
      dataset    the texts, to give away

code                               names the files that each stage runs, so that no other change runs it again
attributes, generate, refill, judge, annotate
                                   ask the language model, which costs money unless the answer is recorded or stored
everything else                    is free

Rooms, which never import a stage, read params.yaml only through core/params, and know data/ only through core/paths:

core        params, paths, tasks, records, tables made elsewhere, templates, errors, a stage's command line, imports
llm         asking a language model: recordings, the store of answers, under load, faults and a budget; batches
design      the plan: finding attributes, dealing them, rendering prompts, what that would cost; texts made elsewhere;
            asking what texts came out as, and of a judge whether they are of their label
corpus      the real texts of a task, fetched or from a file; python -m stages.corpus, which is no stage
checks      are the texts good: reading completions, refusals, duplicates, the gates
students    the classifiers, and the folders they are kept in
predict     a trained student on texts of one's own; python -m stages.predict, which is no stage
export      a fine-tuned student as ONNX; python -m stages.export, which is no stage
publish     texts to give away: Parquet, and the card that says what they are
tasks       a new task, all that is wrong with one, a preview of one; python -m stages.tasks, which is no stage
compare     methods at equal cost, a DVC experiment each; python -m stages.compare, which is no stage
measures    scores with intervals, the summary of the grid, the difference between two revisions, what is significant,
            how varied texts are, which values they came out with
pages       the report: what was measured, in words, tables and pictures, and texts to look through
"""

from __future__ import annotations

import sys


def _tell_what_is_missing(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """A message in place of a traceback where the project's packages, or a new enough Python, are not there."""
    ours = isinstance(error, ImportError) and (error.name or "").startswith("stages")
    if not isinstance(error, ImportError) or ours:
        sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]
        return
    print(
        f"{error}: {sys.executable} has not what this project needs. Run make install once; then use .venv/bin/python, "
        "or . .venv/bin/activate before",
        file=sys.stderr,
    )


if sys.argv[:1] == ["-m"]:  # so it is while `python -m stages.NAME` looks for its module; not where others import us
    sys.excepthook = _tell_what_is_missing
