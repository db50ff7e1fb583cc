"""Another job into the same folder is refused, and the message says what differs."""

from __future__ import annotations

import json

import pytest

from nlu_lite.errors import OutputError
from tests.helpers.datasets import FRAME, TEXTS, parts, report

# What another job is, and what the message names.
OTHER_JOBS = {
    "options": ({"positions": False}, "rows.positions: true there, false here"),
    "level": ({"output_level": "document"}, 'rows.level: "token" there, "document" here'),
    "parts": ({"part_rows": 21}, "part_rows: 20 there, 21 here"),
    "vectors": ({"vectors": "float16"}, "rows.vectors"),
    "columns": ({"keep": ["id"]}, "columns.count"),
}


@pytest.mark.parametrize("name", OTHER_JOBS)
def test_another_job_into_the_same_folder_is_refused_with_the_difference(name, pipe, folder):
    pipe.to_parquet(FRAME, folder, part_rows=20)
    before = parts(folder)
    options, message = OTHER_JOBS[name]
    with pytest.raises(OutputError, match=message):
        pipe.to_parquet(FRAME, folder, **{"part_rows": 20, **options})
    assert parts(folder) == before


def test_another_pipeline_is_refused(pipe, folder, family_pipe, other):
    from tests.conftest import pipeline_at

    pipe.to_parquet(FRAME, folder)
    with pytest.raises(OutputError, match=r"pipeline.options.stride: null there, 3 here"):
        family_pipe("bert", stride=3).to_parquet(FRAME, folder)
    with pytest.raises(OutputError, match=r"pipeline.models\[0\].files.model.safetensors"):
        pipeline_at(other).to_parquet(FRAME, folder)


def test_functions_are_told_apart_by_what_they_do(family_pipe, folder):
    family_pipe("bert", words=lambda text: [(0, len(text))]).to_parquet(["to be"], folder)
    family_pipe("bert", words=lambda text: [(0, len(text))]).to_parquet(["to be"], folder)
    with pytest.raises(OutputError, match=r"pipeline.options.words"):
        family_pipe("bert", words=lambda text: [(0, 2)]).to_parquet(["to be"], folder)


def test_options_of_several_values_and_objects_are_told_apart(family_pipe, folder):
    class Words:
        def __call__(self, text):
            return [(0, len(text))]

        def __repr__(self):
            return "Words()"

    family_pipe("bert", layers=[1, 2], words=Words()).to_parquet(["to be"], folder)
    assert (
        family_pipe("bert", layers=[1, 2], words=Words()).to_parquet(["to be"], folder)["run"][
            "parts"
        ]
        == 0
    )
    written = report(folder, "manifest.json")["pipeline"]["options"]
    assert (written["layers"], written["words"]) == ([1, 2], "Words()")
    with pytest.raises(OutputError, match=r"pipeline.options.layers\[1\]: 2 there, 3 here"):
        family_pipe("bert", layers=[1, 3], words=Words()).to_parquet(["to be"], folder)


def test_another_machine_is_refused(pipe, folder):
    pipe.to_parquet(FRAME, folder)
    path = folder / "_nlu_lite" / "manifest.json"
    facts = json.loads(path.read_text())
    facts["computed_with"]["versions"]["torch"] = "1.0"
    path.write_text(json.dumps(facts))
    with pytest.raises(OutputError, match=r'versions.torch: "1.0" there'):
        pipe.to_parquet(FRAME, folder)


def test_another_input_is_refused(pipe, folder, tmp_path):
    path = tmp_path / "input.txt"
    path.write_text("to be\nor not")
    pipe.to_parquet(path, folder)
    path.write_text("to be\nor not to be")
    with pytest.raises(OutputError, match=r"input.files: .*input.txt"):
        pipe.to_parquet(path, folder)


@pytest.mark.parametrize("kind", [list, iter], ids=["list", "iterator"])
def test_other_texts_of_the_same_kind_are_refused(kind, pipe, folder):
    pipe.to_parquet(kind(TEXTS), folder, part_rows=20)
    pipe.to_parquet(kind(TEXTS), folder, part_rows=20)
    with pytest.raises(OutputError, match="rows 20 to 39 have changed"):
        pipe.to_parquet(kind([*TEXTS[:30], "another", *TEXTS[31:]]), folder, part_rows=20)


def test_a_folder_of_something_else_is_refused(pipe, folder):
    folder.mkdir()
    (folder / "thesis.docx").touch()
    with pytest.raises(OutputError, match=r"thesis.docx and no manifest"):
        pipe.to_parquet(TEXTS, folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": 9}', "has format 9, this version writes 1; name a new folder"),
        ("{", r"manifest.json cannot be read: JSONDecodeError.*Name a new folder"),
        ("{}", r"manifest.json cannot be read: KeyError\('format'\)"),
        ("[]", r"manifest.json cannot be read: TypeError"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_named(content, message, pipe, folder):
    pipe.to_parquet(TEXTS[:3], folder)
    (folder / "_nlu_lite" / "manifest.json").write_text(content)
    with pytest.raises(OutputError, match=message):
        pipe.to_parquet(TEXTS[:3], folder)


def test_a_part_of_another_job_is_refused(pipe, folder, tmp_path):
    pipe.to_parquet(TEXTS[:3], folder)
    pipe.to_parquet(TEXTS[:3], tmp_path / "other", positions=False)
    (folder / "part-000000.parquet").write_bytes(
        (tmp_path / "other" / "part-000000.parquet").read_bytes()
    )
    with pytest.raises(
        OutputError, match=r"part-000000.parquet is of another job; remove it, or name a new folder"
    ):
        pipe.to_parquet(TEXTS[:3], folder)
