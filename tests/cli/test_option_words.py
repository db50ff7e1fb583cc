"""Errors and hints speak the words of the command line."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from nlu_lite import cli
from nlu_lite.cli.option_words import OPTIONS, PYTHON_OPTIONS, say_options
from nlu_lite.cli.parser import build_parser
from nlu_lite.options import LOAD_OPTIONS
from tests.helpers.command_line import predict


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('Say text="NAME".', "Say --column NAME."),
        ("Say text=NAME.", "Say --column NAME."),
        ("text='my column' names", "--column 'my column' names"),
        ("output_level is 'word'; valid are token.", "--level is 'word'; valid are token."),
        ("say escape=\"\\\\\"", r"say --escape '\'"),
        ("delimiter='\\t'; if", r"--delimiter '\t'; if"),
        ("Say delimiter=';'.", "Say --delimiter ';'."),
        ("which sign: delimiter=, quoting=.", "which sign: --delimiter, --quoting."),
        ("labels=[\"sports\", \"our city\"]", "--label sports --label 'our city'"),
        ("Say keep=[...].", "Say --keep NAME."),
        ("(offline=True or HF_HUB_OFFLINE)", "(--offline or HF_HUB_OFFLINE)"),
        ("Say shard=(number, count).", "Say --shard I/N."),
        ("with sentence_pooling=, for", "with sentence_pooling= (in Python), for"),
        ("nlu.load(path=FOLDER).", "`nlu-lite predict REFERENCE --path FOLDER`."),
        ("nlu.load('a', path=FOLDER) loads", "`nlu-lite predict a --path FOLDER` loads"),
        ("with nlu.search('a b') or `nlu-lite search a b`", "with `nlu-lite search a b`"),
        ("level of nlu_lite.load(...).predict, with", "level of `nlu-lite predict`, with"),
        ("nlu_lite.load('a train.ner').fit(df)", "nlu_lite.load('a train.ner').fit(df)"),
        ("keep names ['x'], which", "--keep names ['x'], which"),
        ("s3://bucket/path=1/key=2?text=3", "s3://bucket/path=1/key=2?text=3"),
    ],
)  # fmt: skip
def test_a_message_names_options_as_they_are_typed(message, said):
    assert say_options(message) == said


def test_every_option_of_the_table_is_one_of_the_parser():
    _, _, verbs = build_parser()._actions
    typed = verbs.choices["predict"].format_help()
    assert [name for name, _ in OPTIONS.values() if f"{name} " not in typed] == []


def test_every_option_of_load_has_its_words():
    # nlu.load alone takes these, which no message of the command line can be about.
    python_only = {"column", "layer_pooling", "spark_input"}
    assert set(LOAD_OPTIONS) <= {*OPTIONS, *PYTHON_OPTIONS} | python_only


def test_an_unclear_text_column_is_told_by_column(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("title,body\na,b\n")
    assert predict("--input", tmp_path / "a.csv") == 1
    assert capsys.readouterr().err.endswith(
        "2 columns hold text: ['title', 'body']. Say --column NAME.\n"
    )


def test_an_option_that_a_file_refuses_is_two_lines(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("a\n")
    assert predict("--input", tmp_path / "a.txt", "--delimiter", ";") == 2
    refusal, where = capsys.readouterr().err.splitlines()
    assert refusal.startswith("nlu-lite: --delimiter ';' says how a file of text is read")
    assert where == "Try `nlu-lite predict --help`."


def test_a_text_that_is_the_name_of_a_file_gets_a_hint(tmp_path, capsys):
    path = tmp_path / "reviews.csv"
    path.write_text("text\na\n")
    assert predict(path) == 0
    captured = capsys.readouterr()
    assert captured.err == (
        f"nlu-lite: {path} is a file, taken for a text here; to read it: --input {path}\n"
    )
    assert captured.out.count("\n") > 1


def test_a_text_longer_than_a_name_is_no_file(capsys):
    assert predict("word " * 2_000, "--level", "document", "--no-keep") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("ending", [".CSV", ".TSV", ".JSONL", ".TXT", ".PARQUET", ".Csv.GZ"])
def test_endings_in_capitals_are_read_as_what_they_are(ending, tmp_path, capsys):
    path = tmp_path / f"A{ending}"
    content = {".JSONL": '{"text": "a"}\n', ".TXT": "a\n"}.get(ending, "text\na\n")
    if ending == ".PARQUET":
        pd.DataFrame({"text": ["a"]}).to_parquet(path)
    elif ending.endswith(".GZ"):
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content)
    assert predict("--input", path) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("0,a,")


def test_capitals_say_the_format_of_the_output(tmp_path):
    assert predict("a", "--output", tmp_path / "OUT.JSONL") == 0
    assert (tmp_path / "OUT.JSONL").read_text().startswith('{"origin_index": 0')


def test_a_reference_that_is_not_known_is_told_with_commands(capsys):
    assert cli.main(["predict", "en.embed.minilm", "x"]) == 1
    said = capsys.readouterr().err
    assert "Search with `nlu-lite search en embed minilm`; " in said
    assert "nlu.load" not in said
