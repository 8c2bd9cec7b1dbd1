"""Attribute values as the paper's authors published them: a folder with every oddity, and the eight real ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stages import attributes
from stages.core import paths
from stages.core.errors import InputError
from stages.core.tasks import load_task
from stages.design.phrases import read_phrases
from stages.design.published import read_published
from stages.design.table import AttributeTable
from stages.design.written import written_table
from tests.conftest import ROOT, write_task

TASK = """\
domain: notes
labels: {noise_at_night: , "Parcels & Post": , plants: }
dimensions:
- {name: topic, about: what it is about, per_label: true}
- {name: length, about: how long, ordered: true, values: [2 to 8 words]}
- {name: mood, about: how the writer feels}
- {name: place, about: where}
"""


@pytest.fixture
def folder(project: Path) -> Path:
    """A data set in the authors' layout."""
    write_task("odd", TASK, {"plants": ["water them"]})
    top = project / "published"
    inside = top / "attrprompt" / "model-x"
    for name, text in {
        "topic/noise_at_night.jsonl": "1. a party\n2. A party.\n\n10) music,\nOthers topic for noise_at_night.\n",
        "topic/plants.jsonl": "never read: the filtered folder is\n",
        "topic_filter/noise_at_night.jsonl": "\ufeff1. a party\n2. A party.\n\n10) music,\nOthers topic for noise.\n",
        "topic_filter/Parcels and-post.jsonl": "Sure, here are ten topics:\n- \"a lost parcel\"\n'3.5 kg parcels'\n"
        '"One" and "two"\n* letters, stamps etc.\n',
        "topic_filter/parcelspost.jsonl": "a second file\n",
        "topic_filter/pests.jsonl": "a label of nobody\n",
        "mood /mood.txt": "calm \n calm\nangry\x07\nwhy not?\n",
        "mood /mood_long.txt": "not read\n",
        "length/length.txt": "30\n100\n",
        "similar/noise_at_night.jsonl": "1. Parcels and Post\n2. PLANTS\n3. noise at night\n4. pests\n",
        "similar/plants.jsonl": "",
        "weather/weather.json": '{"1. Sunny": {"lbl": ["plants", "noise at night"]}, "sunny ": {"lbl": ["plants"]}, '
        '"rain": {"lbl": ["pests"]}}',
    }.items():
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(text, encoding="utf-8")
    return top


def listed(table: AttributeTable) -> dict[str, object]:
    return {
        each.name: list(each.values) or {label: list(values) for label, values in each.per_label.items()}
        for each in table.dimensions
    }


def test_every_oddity_is_read_or_counted(folder: Path) -> None:
    table, tally = read_published(folder, load_task("odd"))
    assert listed(table) == {
        "topic": {
            "noise_at_night": ["a party", "music"],
            "Parcels & Post": ["a lost parcel", "3.5 kg parcels", '"One" and "two"', "letters, stamps etc."],
        },
        "length": ["30 to 80 words", "100 to 150 words"],
        "mood": ["calm", "why not?"],
        "weather": {"noise_at_night": ["Sunny"], "plants": ["Sunny"]},
    }
    assert [each.about for each in table.dimensions] == [
        "what it is about",
        "how long",
        "how the writer feels",
        "weather",
    ]
    assert [each.ordered for each in table.dimensions] == [False, True, False, False]
    assert table.similar == {"noise_at_night": ("Parcels & Post", "plants")}
    assert {name: (found.lines, dict(found.skipped)) for name, found in tally.files.items()} == {
        "topic_filter/noise_at_night.jsonl": (5, {"duplicate": 1, "blank": 1, "placeholder": 1}),
        "topic_filter/Parcels and-post.jsonl": (5, {"remark": 1}),
        "mood/mood.txt": (4, {"duplicate": 1, "unreadable": 1}),
        "length/length.txt": (2, {}),
        "similar/noise_at_night.jsonl": (4, {"unknown label": 1, "the label itself": 1}),
        "similar/plants.jsonl": (0, {}),
        "weather/weather.json": (3, {"duplicate": 1, "unknown label": 1}),
    }
    told = "\n".join(tally.lines(table))
    for note in (
        "topic/: not read, topic_filter/ has its values, filtered",
        "topic_filter/parcelspost.jsonl: not read, Parcels and-post.jsonl is the file of Parcels & Post",
        "topic_filter/pests.jsonl: not read, no label of the task is called so",
        "topic: no values for plants; write some before it is used",
        "mood/mood_long.txt: not read, mood.txt is the list",
        "similar of noise_at_night: 'pests': no such label",
        "similar: none for Parcels & Post, plants",
        "place: has no folder here; left out",
        "topic_filter/noise_at_night.jsonl: 5 lines, 2 values; skipped: 1 duplicate, 1 placeholder",
        "topic: 6 values, 2 labels, 2 to 4 values each",
        "mood: 2 values, for all labels",
    ):
        assert note in told.splitlines(), f"{note}\n--\n{told}"


def test_lengths_that_cannot_be_read_are_not_called_length(folder: Path) -> None:
    path = folder / "attrprompt/model-x/length/length.txt"
    task = load_task("odd")
    for text, name, values in (
        ("between 10 and 20 words\n5-9 words", "length", ["10 to 20 words", "5 to 9 words"]),
        ("short\n30", "length_in_words", ["short", "30"]),
        ("20 to 10 words", "length_in_words", ["20 to 10 words"]),
    ):
        path.write_text(text)
        [found] = [each for each in read_published(folder, task)[0].dimensions if each.name.startswith("length")]
        assert (found.name, list(found.values), found.ordered) == (name, values, True)


def test_what_is_no_published_folder_is_said(folder: Path) -> None:
    task = load_task("odd")
    assert listed(read_published(folder / "attrprompt/model-x", task)[0])["mood"] == ["calm", "why not?"]
    (folder / "attrprompt/model-y").mkdir()
    with pytest.raises(InputError, match="expected the folder of one model in it, found model-x, model-y"):
        read_published(folder, task)
    with pytest.raises(InputError, match="none: there is no such folder"):
        read_published(folder / "none", task)
    with pytest.raises(InputError, match="no folder of a dimension"):
        read_published(folder / "attrprompt/model-y", task)
    (folder / "attrprompt/model-x/weather/weather.json").write_text('{"a": 1}')
    with pytest.raises(InputError, match=r"weather\.json: expected"):
        read_published(folder / "attrprompt/model-x", task)
    (folder / "attrprompt/model-x/mood /mood.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"mood\.txt: cannot be read"):
        read_published(folder / "attrprompt/model-x", task)


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("12. 'quoted'", "quoted"),
        ('3."glued"', "glued"),
        ("-glued", "glued"),
        ("3D printing", "3D printing"),
        ("1984", "1984"),
        ("7.1 sound systems", "7.1 sound systems"),
        ("Made in the U.S.", "Made in the U.S."),
        ("gluten-free, etc.", "gluten-free, etc."),
        ("Ends in a full stop.", "Ends in a full stop"),
        ("Is it a question?", "Is it a question?"),
        ("\u201ccurly\u201d", "curly"),
        ("Crying over \u2018X\u2019", "Crying over \u2018X\u2019"),
        ("Other people's plants", "Other people's plants"),
    ],
)
def test_a_line_is_cleaned_of_what_the_list_put_around_it(line: str, phrase: str) -> None:
    assert read_phrases([line]).phrases == [phrase]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Others experience for adhd", "placeholder"),
        ("Other topics on  3D meshes.", "placeholder"),
        ("As an AI language model, I have no experiences. However:", "remark"),
        ("Here are ten values:", "remark"),
        ("x" * 501, "unreadable"),
        ("--", "blank"),
    ],
)
def test_a_line_that_is_no_phrase_is_counted(line: str, reason: str) -> None:
    found = read_phrases([line])
    assert (found.phrases, dict(found.skipped)) == ([], {reason: 1})


HERE = ROOT.parent / "shared" / "data" / "attrprompt"

# By task: the folder; values of each dimension (in all, and the fewest and most of a label); similar labels; files and
# lines read, and lines skipped.
COUNTS: dict[str, tuple[str, dict[str, tuple[int, int, int]], int, tuple[int, int], dict[str, int]]] = {
    "nyt": (
        "nyt",
        {"subtopics": (234, 6, 10), "style": (5, 5, 5), "location": (6, 6, 6), "length": (2, 2, 2)},
        0,
        (29, 247),
        {},
    ),
    "amazon": (
        "amazon",
        {
            "product_name": (359, 11, 20),
            "brands": (227, 8, 10),
            "experience": (5, 5, 5),
            "style": (5, 5, 5),
            "length": (2, 2, 2),
        },
        111,
        (72, 734),
        {"unknown label": 4, "duplicate": 2, "placeholder": 19},
    ),
    "reddit": (
        "reddit",
        {"experience": (523, 1, 20), "resource": (449, 9, 10), "style": (5, 5, 5), "length": (2, 2, 2)},
        224,
        (137, 1385),
        {"unknown label": 1, "placeholder": 26, "remark": 1, "duplicate": 1, "blank": 153},
    ),
    "stackexchange": (
        "stackexchange",
        {"scenario": (447, 4, 19), "depth": (4, 4, 4), "style": (5, 5, 5), "length": (2, 2, 2)},
        242,
        (103, 749),
        {"unknown label": 6, "blank": 2, "the label itself": 1, "placeholder": 40},
    ),
    "agnews": (
        "agnews",
        {"subtopics": (71, 15, 20), "style": (5, 5, 5), "location": (30, 30, 30), "length": (2, 2, 2)},
        0,
        (7, 108),
        {},
    ),
    "sst2": (
        "sst-2",
        {"subtopics": (20, 10, 10), "genre": (10, 10, 10), "style": (4, 4, 4), "length": (2, 2, 2)},
        0,
        (5, 36),
        {},
    ),
    "yelp": (
        "yelp",
        {"subtopics": (20, 10, 10), "cuisine": (30, 30, 30), "style": (5, 5, 5), "length": (2, 2, 2)},
        0,
        (5, 57),
        {},
    ),
    "arxiv": (
        "arxiv",
        {"subtopics": (1887, 8, 34), "technique": (973, 7, 10), "style": (4, 4, 4), "length": (2, 2, 2)},
        454,
        (199, 3784),
        {"unknown label": 12, "in a list of all labels": 480, "blank": 115, "duplicate": 6},
    ),
}


@pytest.mark.skipif(not HERE.exists(), reason=f"{HERE} is not there: published values are not part of the project")
@pytest.mark.parametrize("slug", COUNTS)
def test_the_eight_published_sets(slug: str, project: Path) -> None:
    name, dimensions, similar, (files, lines), skipped = COUNTS[slug]
    shutil.copytree(ROOT / "data/tasks" / slug, project / "data/tasks" / slug, dirs_exist_ok=True)
    task = load_task(slug)
    assert (HERE / name / "label.txt").read_text().split("\n")[: len(task.names)] == list(task.names), "in this order"
    table, tally = read_published(HERE / name, task)
    found = dict[str, tuple[int, int, int]]()
    for each in table.dimensions:
        sizes = [len(values) for values in each.per_label.values()] or [len(each.values)]
        found[each.name] = (sum(sizes), min(sizes), max(sizes))
        assert not each.per_label or list(each.per_label) == list(task.names)
    assert found == dimensions
    assert bool(table.together) == (slug == "arxiv"), "the one in which a text may have several labels"
    assert list(found) == [each.name for each in task.dimensions or ()], "every dimension of task.yaml was published"
    assert sum(map(len, table.similar.values())) == similar
    assert (len(tally.files), sum(each.lines for each in tally.files.values())) == (files, lines)
    assert dict(sum((each.skipped for each in tally.files.values()), start=read_phrases([]).skipped)) == skipped

    attributes.main(slug, folder=str(HERE / name))
    assert written_table(task) == table, "what is written is in order, and reads as it was"
    assert not paths.attributes_file(slug).exists()


@pytest.mark.skipif(not HERE.exists(), reason=f"{HERE} is not there: published values are not part of the project")
def test_subtopics_that_are_listed_with_several_areas_say_which_go_together(project: Path) -> None:
    shutil.copytree(ROOT / "data/tasks/arxiv", project / "data/tasks/arxiv", dirs_exist_ok=True)
    table, _ = read_published(HERE / "arxiv", load_task("arxiv"))
    assert len(table.together) == 98
    listed = json.loads((HERE / "arxiv/attrprompt/gpt-3.5-turbo/subtopics/subtopics.json").read_text()).values()
    of_vision = [each["lbl"] for each in listed if "computer_vision_and_pattern_recognition" in each["lbl"]]
    both = sum("machine_learning" in each for each in of_vision)
    found = table.together["Computer Vision and Pattern Recognition"]["Machine Learning"]
    assert found == pytest.approx(both / len(of_vision), abs=0.02), "repeated values are one"
