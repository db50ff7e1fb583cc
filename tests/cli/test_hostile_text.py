"""Escape sequences and keys on the command line: shown as escapes or not at all; data keep them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re

import pandas as pd
import pytest

from nlu_lite.cli.frames import writer_of
from nlu_lite.cli.run import main
from nlu_lite.common import warn

TITLE = "\x1b]0;mine\x07"
HOSTILE = [TITLE, "\x1b[2J", "\x9b31m", "a\rb", "\x7f", "\x08" * 9, "\u202eabc", "\u2028", "\0"]
# What a terminal obeys; the line breaks of the table itself are none.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
WRONG = [
    ("predict", TITLE, "text"),
    ("predict", "en.embed.minilm_l6", "--level", TITLE, "text"),
    ("predict", "en.embed.minilm_l6", "--input", TITLE),
    ("predict", "en.embed.minilm_l6", "--output", f"{TITLE}.xyz", "text"),
    ("predict", "en.embed.minilm_l6", "text", "--path", TITLE),
    ("predict", "en.embed.minilm_l6", "text", "--device", TITLE),
    ("predict", "en.embed.minilm_l6", "text", f"--{TITLE}"),
    ("show", TITLE),
    ("search", TITLE),
    ("search", "--task", TITLE, "x"),
    ("download", TITLE),
    ("verify", TITLE),
    ("migrate", TITLE),
    (TITLE,),
]


def words_said(arguments, capfd) -> str:
    """All that a command says, wrong usage or not."""
    with contextlib.suppress(SystemExit):
        main(arguments)
    said = "".join(capfd.readouterr())
    assert said
    return said


@pytest.mark.parametrize("arguments", WRONG, ids=lambda arguments: ascii(arguments)[:60])
def test_wrong_names_reach_no_terminal(arguments, capfd):
    said = words_said(arguments, capfd)
    assert not OBEYED.search(said)


def table_of(frame, *, index=True) -> str:
    file = io.StringIO()
    writer_of("table", file, index=index)(frame)
    return file.getvalue()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_table_shows_escapes_in_cells_names_and_index(text):
    frame = pd.DataFrame({text: [text, None], "lists": [[text], []]}, index=[text, "row"])
    table = table_of(frame)
    assert not OBEYED.search(table)
    assert len(table.splitlines()) == 3
    assert table.count(ascii(text)[1:-1]) == 4


def test_columns_of_a_table_stay_under_their_names():
    table = table_of(pd.DataFrame({"text": [TITLE, "plain"], "n": [1, 2]}), index=False)
    header, *rows = table.splitlines()
    assert {len(header)} == {len(row) for row in rows}


@pytest.mark.parametrize("text", [text for text in HOSTILE if text != "\0"], ids=ascii)
def test_csv_and_json_lines_keep_the_characters(text):
    frame = pd.DataFrame({"text": [text]})
    file = io.StringIO(newline="")
    writer_of("csv", file, index=False)(frame)
    assert list(csv.reader(io.StringIO(file.getvalue(), newline="")))[1] == [text]
    file = io.StringIO()
    writer_of("jsonl", file, index=False)(frame)
    assert json.loads(file.getvalue())["text"] == text


@pytest.mark.parametrize(
    "arguments",
    [
        (
            "predict",
            "en.embed.minilm_l6",
            "text",
            "--output",
            "s3://KEY:SECRET@bucket/x?a=SECRET",
            "--format",
            "csv",
        ),
        ("predict", "en.embed.minilm_l6", "--input", "nowhere://KEY:SECRET@bucket/x"),
        ("predict", "en.embed.minilm_l6", "text", "--output", "nowhere://KEY:SECRET@bucket/x"),
        ("predict", "en.embed.minilm_l6", "text", "--output", "s3://KEY:SEC/RET@bucket/x"),
    ],
)
def test_keys_in_an_address_are_not_said(arguments, capfd):
    said = words_said(arguments, capfd)
    assert not re.search("KEY|SEC|RET", said.replace("KEY=", ""))


def test_warnings_show_escapes():
    with pytest.warns(UserWarning, match=r"\\x1b\]0;mine\\x07"):
        warn(f"a column {TITLE}")
