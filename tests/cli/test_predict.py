"""``nlu-lite predict``: what goes in, what comes out and where to."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from nlu_lite import cli
from tests.helpers.command_line import COLUMN, equal_vectors, predict

TEXTS = ["I love NLP", 'so "they" say,\nperhaps']


@pytest.fixture
def reviews(tmp_path) -> Path:
    rows = {
        "id": [7, 8, 9],
        "body": ["I love NLP", "", 'a "quoted" word'],
        "stars": ["5", "1", None],
    }
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "reviews.jsonl"
    pd.DataFrame(rows).to_json(path, orient="records", lines=True)
    return path


def test_a_pipe_gets_csv_with_all_digits(capsys, minilm):
    assert predict(*TEXTS) == 0
    captured = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(captured.out)))
    expected = minilm.predict(TEXTS)
    assert list(rows[0]) == ["origin_index", "token", COLUMN]
    assert [row["token"] for row in rows] == expected["token"].tolist()
    assert [int(row["origin_index"]) for row in rows] == expected.index.tolist()
    assert equal_vectors([json.loads(row[COLUMN]) for row in rows], expected[COLUMN])
    assert captured.err == ""


def test_json_lines_hold_the_same(capsys, minilm, reviews):
    words = ["--input", str(reviews), "--column", "body", "--format", "jsonl", "--positions"]
    assert predict(*words) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = minilm.predict(pd.read_json(reviews, lines=True), text="body", positions=True)
    assert list(rows[0]) == ["origin_index", *expected.columns]
    begins = [None if pd.isna(begin) else begin for begin in expected["begin"]]
    assert [row["begin"] for row in rows] == begins
    tokens = [*("I", "love", "NLP"), None, *("a", '"', "quoted", '"', "word")]
    assert [row["token"] for row in rows] == tokens
    assert [row["id"] for row in rows] == [7, 7, 7, 8, 9, 9, 9, 9, 9]
    assert {row["stars"] for row in rows} == {"5", "1", None}
    assert equal_vectors([row[COLUMN] for row in rows], expected[COLUMN])


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_ending_of_a_file_says_its_format(ending, tmp_path, minilm, reviews, capsys):
    target = tmp_path / f"out.{ending}"
    target.write_text("old")
    source = ["--input", reviews, "--column", "body", "--keep", "id"]
    assert predict(*source, "--level", "document", "--output", target) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a second" in captured.err
    assert str(target) in captured.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", target.name]
    expected = minilm.predict(
        pd.read_json(reviews, lines=True), "document", text="body", keep=["id"]
    )
    if ending == "parquet":
        frame = pd.read_parquet(target)
    elif ending == "jsonl":
        frame = pd.DataFrame([json.loads(line) for line in target.read_text().splitlines()])
    else:
        frame = pd.read_csv(target)
        cells = [None if cell != cell else json.loads(cell) for cell in frame[COLUMN]]
        frame[COLUMN] = pd.Series(cells, dtype=object)
    assert frame["id"].tolist() == [7, 8, 9]
    assert frame["origin_index"].tolist() == [0, 1, 2]
    assert equal_vectors(frame[COLUMN], expected[COLUMN])


def test_one_parquet_file_is_a_folder_in_one(tmp_path, reviews):
    source = ["--input", reviews, "--column", "body", "--quiet"]
    assert predict(*source, "--output", tmp_path / "parts", "--part-rows", "2") == 0
    assert predict(*source, "--output", tmp_path / "one.parquet") == 0
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "one.parquet"), pd.read_parquet(tmp_path / "parts")
    )


def test_a_folder_is_gone_on_with(tmp_path, reviews, capsys):
    source = ["--input", reviews, "--column", "body"]
    words = [*source, "--output", f"{tmp_path}/out/", "--part-rows", "1", "--key", "id"]
    assert predict(*words, "--shard", "1/2") == 0
    assert "1 texts" in capsys.readouterr().err
    assert predict(*words, "--vectors", "float32") == 0
    assert "1 of 3 parts were there already" in capsys.readouterr().err
    assert len(pd.read_parquet(tmp_path / "out")) == 9
    assert predict(*words, "--level", "document") == 1
    assert "level" in capsys.readouterr().err


def test_chunks_and_metadata_come_out(capsys):
    words = ["I love NLP", "--level", "chunk", "--chunk", "love NLP", "--chunk", "I", "--metadata"]
    assert predict(*words) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["chunk"], row["piece_count"]) for row in rows] == [("I", "1"), ("love NLP", "3")]


def test_a_model_is_computed_in_the_number_format_asked_for(capsys, family_folder):
    words = ["predict", "x", "I love", "--path", str(family_folder("bert"))]
    outputs = []
    for dtype in ("float32", "bfloat16"):
        assert cli.main([*words, "--dtype", dtype]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] != outputs[1]


def test_nested_columns_are_written_as_json(tmp_path, capsys):
    row = {"text": "a", "tags": ["ä", {"n": 1}], "ok": True, "none": None}
    (tmp_path / "in.jsonl").write_text(json.dumps(row))
    words = ["--input", tmp_path / "in.jsonl", "--column", "text"]
    assert predict(*words, "--format", "jsonl") == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["tags"], row["ok"], row["none"]) == (["ä", {"n": 1}], True, None)
    assert predict(*words) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (json.loads(row["tags"]), row["ok"], row["none"]) == (["ä", {"n": 1}], "True", "")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "table"])
def test_lone_surrogates_of_the_line_are_written_as_replacement_signs(kind, capsys):
    assert predict("a\udcffb", "", "--format", kind) == 0
    assert "a\ufffdb" in capsys.readouterr().out


def test_a_table_is_blank_where_a_value_is_missing_and_says_none_where_a_vector_is(capsys):
    assert predict("word", "", "--positions", "--format", "table") == 0
    names, word, missing = capsys.readouterr().out.splitlines()
    assert names.split() == ["token", "begin", "end", "sentence_index", "token_index", COLUMN]
    assert word.split()[:6] == ["0", "word", "0", "3", "0", "0"]
    assert missing.split() == ["1", "None"]


def test_csv_has_its_line_of_names_once_however_many_frames_there_are(tmp_path, capsys):
    count = 6_000
    (tmp_path / "in.txt").write_text("a b\n" * count)
    assert predict("--input", tmp_path / "in.txt", "--output", tmp_path / "out.csv") == 0
    assert f"{2 * count:,} rows" in capsys.readouterr().err
    names, *rows = (tmp_path / "out.csv").read_text().splitlines()
    assert names == f"origin_index,token,{COLUMN}"
    assert len(rows) == 2 * count
    assert names not in rows


def test_dates_and_arrays_of_parquet_are_written_as_json(tmp_path, capsys):
    row = {"text": "a", "day": pd.Timestamp("2024-02-29"), "counts": [1, 2]}
    pd.DataFrame([row]).to_parquet(tmp_path / "in.parquet")
    words = ["--input", tmp_path / "in.parquet", "--column", "text"]
    assert predict(*words, "--format", "jsonl") == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["day"], row["counts"]) == ("2024-02-29 00:00:00", [1, 2])


def test_parquet_under_a_name_without_an_ending_is_a_folder(tmp_path):
    assert predict("I love", "--format", "parquet", "--output", tmp_path / "out") == 0
    assert [path.name for path in sorted((tmp_path / "out").glob("*.parquet"))] == [
        "part-000000.parquet"
    ]
    assert pd.read_parquet(tmp_path / "out")["token"].tolist() == ["I", "love"]


def test_rows_that_are_no_text_are_counted_in_a_warning(tmp_path, capsys):
    (tmp_path / "in.jsonl").write_text(
        '{"text": "good"}\n{"text": 7}\n{"text": "bad"}\n["no object"]\n'
    )
    source = ["--input", tmp_path / "in.jsonl", "--column", "text", "--errors", "null"]
    assert predict(*source, "--output", f"{tmp_path}/out/") == 0
    assert "nlu-lite: warning: 2 rows are no text (the first: 1, 3)" in capsys.readouterr().err
    words = pd.read_parquet(tmp_path / "out")["token"]
    assert words.dropna().to_dict() == {0: "good", 2: "bad"}
    assert len(words) == 4


def test_a_folder_is_written_by_several_devices(tmp_path, capsys):
    words = [*TEXTS, "--part-rows", "1"]
    assert predict(*words, "--device", "cpu", "--output", f"{tmp_path}/one/") == 0
    assert predict(*words, "--device", "cpu,cpu", "--output", f"{tmp_path}/two/") == 0
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "two"), pd.read_parquet(tmp_path / "one")
    )
    report = json.loads((tmp_path / "two" / "_nlu_lite" / "report.json").read_text())
    assert report["parts"] == 2
    assert predict(*words, "--device", "cpu,nowhere", "--output", f"{tmp_path}/three/") == 2
    assert "nowhere" in capsys.readouterr().err
