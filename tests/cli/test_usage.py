"""What the command line refuses or explains, and the exit codes that say so."""

from __future__ import annotations

import csv
import io
import json
import re
import sys

import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite import cli
from nlu_lite.cli import parser
from nlu_lite.frame import LEVELS
from nlu_lite.options import Options
from nlu_lite.tasks import TASKS
from tests.helpers.command_line import predict


def usage(capsys, *words: str) -> str:
    """What is said about words that make no command."""
    with pytest.raises(SystemExit) as caught:
        predict(*words)
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_a_failure_leaves_what_was_there(tmp_path, capsys):
    target = tmp_path / "out.csv"
    target.write_text("old")
    (tmp_path / "in.jsonl").write_text('{"text": "good"}\nnot json\n')
    assert predict("--input", tmp_path / "in.jsonl", "--output", str(target)) == 1
    assert "line 2" in capsys.readouterr().err
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.csv"]


def test_a_file_that_cannot_be_written_is_a_failure(tmp_path, capsys):
    assert predict("x", "--output", tmp_path / "none" / "out.csv") == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x", "--output", "out.xls"], "valid endings are .csv, .jsonl"),
        (["x", "--output", "out.csv", "--format", "jsonl"], "leave one of them out"),
        (["x", "--output", "out/", "--format", "csv"], "is a folder"),
        (["x", "--input", "in.csv"], "texts and --input"),
        (["x", "--column", "body"], "--input FILE, which is missing"),
        (["--input", "a.csv", "--output", "./a.csv"], "--output is the --input"),
        (["x", "--shard", "0/2", "--output", "out.parquet"], "--shard: only for --output FOLDER"),
        (["x", "--errors", "null"], "--errors: only for Parquet"),
        (["x", "--device", "cuda:0,cuda:1"], "several devices: only for --output FOLDER"),
        (["x", "--shard", "2/2", "--output", "out"], "is no share"),
        (["x", "--level", "word"], "invalid choice"),
        (["x", "--level", "chunk"], "--chunk PHRASE belong together"),
        (["x", "--keep", "a", "--no-keep"], "--keep and --no-keep"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_right(capsys, words, message):
    assert message in usage(capsys, *words)


def test_no_text_at_a_terminal_is_wrong_usage(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert "pipe them in" in usage(capsys)


def test_options_that_the_models_refuse_exit_with_2(capsys):
    assert cli.main(["predict", "", "x"]) == 2
    assert "The request is empty" in capsys.readouterr().err


@pytest.mark.filterwarnings("default")
def test_warnings_are_said_without_code(tmp_path, capsys):
    (tmp_path / "in.csv").write_text("text,token\nword,mine\n")
    assert predict("--input", tmp_path / "in.csv", "--format", "jsonl") == 0
    captured = capsys.readouterr()
    assert captured.err.startswith(
        "nlu-lite: warning: The data has columns named like results: ['token']"
    )
    assert captured.err.count("\n") == 1
    assert json.loads(captured.out)["token_input"] == "mine"


def test_the_choices_are_those_of_the_library():
    assert tuple(LEVELS) == parser.LEVELS
    assert tuple(TASKS) == parser.TASKS
    for dtype in parser.DTYPES:
        Options(dtype=dtype)
    with pytest.raises(nlu.NluLiteError, match=", ".join(map(repr, parser.DTYPES))):
        Options(dtype="float8")


@pytest.mark.parametrize("verb", ["predict", "search", "show", "download", "verify"])
def test_the_help_of_every_verb_has_examples_and_exit_codes(verb, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([verb, "--help"])
    assert caught.value.code == 0
    output = capsys.readouterr().out
    assert f"  nlu-lite {verb} " in output.partition("examples:")[2]
    assert "130 interrupted" in output


def plain_rows(frame):
    """The rows of a frame, missing cells as None."""
    return [
        [None if pd.isna(cell) else cell for cell in row]
        for row in frame.itertuples(index=False, name=None)
    ]


@pytest.mark.parametrize("words", [["bert"], ["minilm_l6"], []], ids=str)
def test_search_writes_as_json_what_the_library_finds(words, capsys):
    assert cli.main(["search", *words, "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    frame = nlu.search(" ".join(words))
    assert [list(row) for row in rows] == [list(frame.columns)] * len(frame)
    assert [list(row.values()) for row in rows] == plain_rows(frame)


def test_search_writes_as_csv_what_the_library_finds(capsys):
    assert cli.main(["search", "bert"]) == 0
    names, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    frame = nlu.search("bert")
    assert names == list(frame.columns)
    assert rows == [
        ["" if cell is None else str(cell) for cell in row] for row in plain_rows(frame)
    ]


def test_search_sets_the_columns_of_a_table_side_by_side(capsys):
    assert cli.main(["search", "minilm", "--format", "table"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == nlu.search("minilm")["reference"].tolist()
    # Right-aligned: a space stands before each cell, and all cells of a column end in one place.
    ends = [match.end() for match in re.finditer(r"\S+", lines[0])]
    assert all([match.end() for match in re.finditer(r"\S+", line)] == ends for line in lines)


def test_search_without_a_match_writes_the_names_for_a_program(capsys):
    assert cli.main(["search", "no", "such", "thing"]) == 0
    names = ",".join(nlu.search("no such thing").columns)
    assert capsys.readouterr().out == f"{names}\n"


def test_parquet_is_not_written_to_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "Parquet is not for a terminal; say --output FILE.parquet" in usage(
        capsys, "x", "--format", "parquet"
    )


def test_weights_that_are_missing_are_not_said_to_be_a_file_that_cannot_be_written(
    tmp_path, capsys
):
    folder, target = str(tmp_path / "none"), str(tmp_path / "out.csv")
    assert cli.main(["predict", "x", "x", "--path", folder, "--output", target]) == 1
    message = capsys.readouterr().err
    assert folder in message
    assert "cannot be written" not in message
    assert list(tmp_path.iterdir()) == []


def test_a_failure_prints_the_error_and_exits_with_1(capsys):
    assert cli.main(["predict", "en.embed.minilm", "x"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("nlu-lite: 'en.embed.minilm' is not a known reference")
    assert captured.out == ""


def test_wrong_usage_exits_with_2(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["sing"])
    assert caught.value.code == 2
    assert "predict" in capsys.readouterr().err


def test_a_wrong_column_is_told_before_the_model_is_read(tmp_path, capsys):
    (tmp_path / "reviews.csv").write_text("id,body\n1,I love NLP\n")
    source = str(tmp_path / "reviews.csv")
    # Its weights are not on this machine, which would be told otherwise.
    words = ["predict", "en.embed.roberta.large", "--offline", "--input", source]
    assert cli.main([*words, "--column", "bdy"]) == 1
    assert (
        "The text column 'bdy' is not among the columns ['id', 'body']" in capsys.readouterr().err
    )


def test_a_file_that_is_not_there_is_told_before_the_model_is_read(tmp_path, capsys):
    (tmp_path / "reviews.csv").touch()
    words = ["--input", str(tmp_path / "review.csv")]
    assert cli.main(["predict", "en.no.such.reference", *words]) == 1
    said = capsys.readouterr().err
    near = tmp_path / "reviews.csv"
    assert said.endswith(f"review.csv is no file or folder. Did you mean {near}?\n")
