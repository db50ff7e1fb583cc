"""Tables fit the terminal: what is cut, shortened and left out."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite import cli
from nlu_lite.cli.frames import writer_of
from nlu_lite.cli.search import TERMINAL_ROWS
from nlu_lite.cli.tables import display_width
from tests.helpers.command_line import predict

VERBS = ("predict", "search", "show", "find", "download", "verify", "migrate")
LONG = "a title that is longer than any terminal has room for, " * 5


@pytest.fixture
def terminal(monkeypatch):
    """Makes a file that is a terminal of so many columns."""

    def opened(columns: int) -> io.StringIO:
        # As for all programs, the shell's word counts more than what the terminal says of itself.
        monkeypatch.setenv("COLUMNS", str(columns))
        file = io.StringIO()
        file.isatty = lambda: True
        return file

    return opened


def lines_of(file, *frames) -> list[str]:
    write = writer_of("table", file)
    for frame in frames:
        write(frame)
    return file.getvalue().splitlines()


def frame_of(columns: int) -> pd.DataFrame:
    cells = {f"column_{number:02}": ["a", "b"] for number in range(columns)}
    vectors = list(np.float32([[0.25, -0.5, 1, 2], [0.125, 1, 1, 1]]))
    return pd.DataFrame({"token": ["love", "東京"], "vector": vectors, **cells, "title": LONG})


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns, terminal):
    lines = lines_of(terminal(columns), frame_of(5))
    assert {display_width(line) for line in lines} == {columns}


def test_wide_characters_and_accents_stand_in_line(terminal):
    frame = pd.DataFrame({"token": ["東京", "e\u0301", "plain"]})
    assert lines_of(terminal(80), frame) == ["  token", "0  東京", "1     e\u0301", "2 plain"]


def test_a_text_without_room_is_cut_at_its_end(terminal):
    assert (
        lines_of(terminal(16), pd.DataFrame({"t": ["東京に行きました。"]}))[1] == "0  東京に行きま…"
    )


def test_a_vector_without_room_shows_fewer_numbers(terminal):
    frame = pd.DataFrame({"v": list(np.float32([[0.25, -0.5, 1, 2]]))})
    shown = {columns: lines_of(terminal(columns), frame)[1] for columns in (80, 30, 16)}
    assert [" ".join(line.split()) for line in shown.values()] == [
        "0 [0.250000, -0.500000, 1.000000, ...]",
        "0 [0.250000, -0.500000, ...]",
        "0 [0.250, ...]",
    ]


def test_columns_without_room_are_named_and_the_vectors_stay(terminal, capsys):
    header = lines_of(terminal(60), frame_of(12))[0]
    assert header.split()[:2] == ["token", "vector"]
    said = capsys.readouterr().err
    assert said.startswith("nlu-lite: no room for column_")
    assert said.endswith("title; a wider terminal, or --format csv, shows all columns\n")


def test_the_names_come_again_only_where_the_columns_change(terminal):
    frame = pd.DataFrame({"token": ["love"]})
    wider = pd.DataFrame({"token": ["lovely"]})
    other = pd.DataFrame({"label": ["x"]})
    lines = lines_of(terminal(80), frame, frame, wider, frame, other)
    names = [number for number, line in enumerate(lines) if line.split() in (["token"], ["label"])]
    assert names == [0, 3, 6]


def test_what_is_no_terminal_gets_all_columns_at_full_length(capsys):
    file = io.StringIO()
    assert LONG.strip() in lines_of(file, frame_of(30))[1]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("columns", [80, 200])
def test_words_with_positions_fit(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert predict("I love NLP", "--positions", "--quiet") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert max(map(len, lines)) <= columns
    assert all(line.endswith(", ...]") for line in lines[1:])


def test_references_found_fit(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.main(["search", "bert"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_on_a_terminal_the_likeliest_references_stay_in_sight(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.main(["search"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1 + TERMINAL_ROWS
    assert f"the first {TERMINAL_ROWS} of {len(nlu.search()):,};" in captured.err
    assert cli.main(["search", "--limit", "30"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1 + 30
    assert captured.err == ""


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_fits_80_columns(verb, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        cli.main([*filter(None, [verb]), "--help"])
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []
