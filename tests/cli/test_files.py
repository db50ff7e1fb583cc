"""``nlu-lite predict --input``: how files are read, and rows whose columns differ."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from nlu_lite import cli
from tests.helpers.command_line import predict

# Rows are encoded by 4,096 at most.
EARLY = 4_100


@pytest.fixture
def model(family_folder):
    return ["predict", "x", "--path", str(family_folder("bert")), "--level", "document", "--quiet"]


def json_lines(path, *records):
    """So many lines that the last ones are written after the first."""
    first, *others = records
    path.write_text("".join(json.dumps(record) + "\n" for record in [first] * EARLY + others))
    return str(path)


def written(model, source, target, *words):
    assert cli.main([*model, "--input", source, "--output", str(target), *words]) == 0
    with target.open() as file:
        return list(csv.DictReader(file))


def test_values_stand_under_the_name_of_their_key(model, tmp_path):
    source = json_lines(
        tmp_path / "a.jsonl",
        {"text": "t", "id": 1, "city": "Rome"},
        {"city": "Oslo", "text": "u", "id": 2},
    )
    rows = written(model, source, tmp_path / "out.csv")
    assert [(row["document"], row["id"], row["city"]) for row in rows] == [
        *[("t", "1", "Rome")] * EARLY,
        ("u", "2", "Oslo"),
    ]


def test_a_key_that_is_missing_is_empty(model, tmp_path):
    source = json_lines(
        tmp_path / "a.jsonl",
        {"text": "t", "id": 1, "city": "Rome", "n": 2**60 + 1},
        {"text": "u", "id": 2},
    )
    last = written(model, source, tmp_path / "out.csv")[-1]
    assert (last["document"], last["id"], last["city"], last["n"]) == ("u", "2", "", "")


def test_a_whole_number_stays_whole_where_others_miss_it(model, tmp_path):
    lines = [{"text": "t", "n": 7}] * 1_100 + [{"text": "t"}] * 1_100 + [{"text": "t", "n": 8}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = written(model, str(tmp_path / "a.jsonl"), tmp_path / "out.csv")
    assert {row["n"] for row in rows} == {"7", "", "8"}


def test_a_key_that_comes_up_late_is_an_error_in_csv_with_its_line(model, tmp_path, capsys):
    source = json_lines(
        tmp_path / "a.jsonl", {"text": "t"}, {"text": "u"}, {"text": "v", "city": "Oslo"}
    )
    target = tmp_path / "out.csv"
    assert cli.main([*model, "--input", source, "--output", str(target)]) == 1
    message = capsys.readouterr().err
    assert "'city'" in message
    assert f"line {EARLY + 2} of a.jsonl" in message
    assert "JSON lines or Parquet" in message
    assert not target.exists()


def test_such_a_key_may_be_left_out(model, tmp_path):
    source = json_lines(tmp_path / "a.jsonl", {"text": "t", "id": 1}, {"text": "v", "city": "Oslo"})
    rows = written(model, source, tmp_path / "out.csv", "--keep", "id")
    assert rows[-1]["id"] == ""
    assert "city" not in rows[-1]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_other_formats_take_such_a_key(ending, model, tmp_path):
    source = json_lines(tmp_path / "a.jsonl", {"text": "t"}, {"text": "v", "city": "Oslo"})
    target = tmp_path / f"out.{ending}"
    assert cli.main([*model, "--input", source, "--output", str(target)]) == 0
    if ending == "parquet":
        cities = pq.read_table(target)["city"].to_pylist()
    else:
        cities = [json.loads(line).get("city") for line in target.read_text().splitlines()]
    assert cities == [None] * EARLY + ["Oslo"]


@pytest.mark.filterwarnings("default:The data has columns named like results")
def test_a_new_key_named_like_a_result_is_told_by_its_row(model, tmp_path, capsys):
    source = json_lines(tmp_path / "a.jsonl", {"text": "t"}, {"text": "v", "document": "x"})
    assert cli.main([*model, "--input", source, "--output", str(tmp_path / "out.csv")]) == 1
    assert f"'document_input' comes up first in row {EARLY}" in capsys.readouterr().err


def test_the_options_say_how_a_file_is_read(model, tmp_path):
    source = tmp_path / "a.csv"
    source.write_bytes("id|text\n1|'say \\'hi\\' | é'\n".encode("utf-16"))
    words = ["--delimiter", "|", "--quoting", "'", "--escape", "\\", "--encoding", "utf-16"]
    rows = written(model, str(source), tmp_path / "out.csv", *words)
    assert [(row["id"], row["document"]) for row in rows] == [("1", "say 'hi' | é")]


def test_a_tab_may_be_typed(model, tmp_path):
    (tmp_path / "a.csv").write_text("id\ttext\n1\ta, b\n")
    rows = written(model, str(tmp_path / "a.csv"), tmp_path / "out.csv", "--delimiter", "\\t")
    assert [row["document"] for row in rows] == ["a, b"]


def test_a_doubtful_file_is_refused(model, tmp_path, capsys):
    (tmp_path / "a.csv").write_text("id;text\n1;a\n")
    assert cli.main([*model, "--input", str(tmp_path / "a.csv")]) == 1
    assert "--delimiter ';'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["a text", "--delimiter", ";"],
        ["a text", "--encoding", "utf-16"],
        ["--quoting", "none"],
        ["--escape", "\\"],
    ],
)
def test_options_of_files_are_wrong_usage_without_one(words, capsys):
    with pytest.raises(SystemExit) as caught:
        predict(*words)
    assert caught.value.code == 2
    assert f"{words[-2]}: only for --input FILE" in capsys.readouterr().err


def test_an_option_that_is_no_sign_is_wrong_usage(model, tmp_path, capsys):
    (tmp_path / "a.csv").write_text("id;text\n1;a\n")
    assert cli.main([*model, "--input", str(tmp_path / "a.csv"), "--delimiter", "||"]) == 2
    assert "delimiter is '||'" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_the_encoding_of_a_pipe_is_told_or_asked_for(encoding, model):
    code = "import sys; from nlu_lite.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *model, "--no-keep", "--format", "jsonl"]
    data = "naïve\nGröße\n".encode(encoding)
    refused = subprocess.run(command, input=data, capture_output=True)
    assert refused.returncode == 1
    assert b"UTF-8" in refused.stderr
    done = subprocess.run([*command, "--encoding", encoding], input=data, capture_output=True)
    lines = done.stdout.decode("utf-8").splitlines()
    assert [json.loads(line)["document"] for line in lines] == ["naïve", "Größe"]
