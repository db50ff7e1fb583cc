"""How far the work is: on a terminal only; and what --limit leaves of it."""

from __future__ import annotations

import contextlib
import io
import json
import sys

import pandas as pd
import pytest

from tests.helpers.command_line import predict

TEXTS = [f"text {number}" for number in range(9)]


@pytest.fixture
def terminal(capsys, monkeypatch):
    """Standard output and error are a terminal of 80 columns, where bars come at once."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _file: True)
    monkeypatch.setattr("nlu_lite.common.progress.DELAY", 0.0)


@pytest.fixture
def write_input(tmp_path):
    """Writes the texts as a file of a kind, and says its name."""

    def written(kind: str) -> str:
        path = tmp_path / f"in.{kind}"
        frame = pd.DataFrame({"text": TEXTS})
        if kind == "parquet":
            frame.to_parquet(path)
        elif kind == "csv":
            frame.to_csv(path, index=False)
        elif kind == "jsonl":
            frame.to_json(path, orient="records", lines=True)
        else:
            path.write_text("".join(f"{text}\n" for text in TEXTS))
        return str(path)

    return written


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl", "txt"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_limit_stops_after_so_many_texts(kind, ending, write_input, tmp_path):
    target = tmp_path / f"out.{ending}"
    words = ["--input", write_input(kind), "--limit", "4", "--output", target]
    assert predict(*words, "--level", "document") == 0
    frame = pd.read_parquet(target) if ending == "parquet" else pd.read_csv(target)
    assert frame["document"].tolist() == TEXTS[:4]


def test_limit_counts_texts_of_the_line(capsys):
    assert predict(*TEXTS, "--limit", "2", "--level", "document") == 0
    assert capsys.readouterr().out.count("\n") == 3


def test_a_limit_beyond_the_end_takes_all(write_input, capsys):
    words = ["--input", write_input("csv"), "--limit", "1000", "--level", "document"]
    assert predict(*words) == 0
    assert capsys.readouterr().out.count("\n") == 1 + len(TEXTS)


def test_rows_behind_the_limit_are_not_read(tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text('{"text": "good"}\n' * 2 + "not json\n")
    assert predict("--input", tmp_path / "a.jsonl", "--limit", "2", "--format", "jsonl") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["token"] for row in rows] == ["good", "good"]


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_number_of_texts(limit, capsys):
    with pytest.raises(SystemExit):
        predict("x", f"--limit={limit}")
    assert "is no such number; valid are 1, 2, 3" in capsys.readouterr().err


def test_a_folder_has_no_limit(capsys, tmp_path):
    with pytest.raises(SystemExit):
        predict("x", "--limit", "1", "--output", f"{tmp_path}/out/")
    assert "--limit: not for --output FOLDER" in capsys.readouterr().err


def test_a_terminal_is_told_that_the_model_loads(terminal, capsys):
    assert predict("a") == 0
    said = capsys.readouterr().err
    assert said.startswith("\r\x1b[Kloading en.embed.minilm_l6...\r\x1b[K")
    assert said.endswith("\r\x1b[K")


@pytest.mark.parametrize("words", [["a", "--quiet"], ["a", "--level", "word"]], ids=str)
def test_nothing_is_said_to_load_where_that_is_not_wanted_or_nothing_does(words, terminal, capsys):
    with contextlib.suppress(SystemExit):
        predict(*words)
    assert "loading" not in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl", "txt"])
def test_the_bar_says_how_many_texts_there_are(kind, write_input, terminal, capsys, tmp_path):
    assert predict("--input", write_input(kind), "--output", tmp_path / "out.csv") == 0
    assert "/9.00 [" in capsys.readouterr().err


def test_the_bar_of_a_folder_says_how_many_texts_are_left(write_input, terminal, capsys, tmp_path):
    words = ["--input", write_input("csv"), "--output", f"{tmp_path}/out/", "--part-rows", "4"]
    assert predict(*words) == 0
    assert "/9.00 [" in capsys.readouterr().err
    sorted((tmp_path / "out").glob("*.parquet"))[1].unlink()
    assert predict(*words) == 0
    assert "/4.00 [" in capsys.readouterr().err


def test_without_a_terminal_only_the_sum_is_said(write_input, capsys, tmp_path):
    assert predict("--input", write_input("csv"), "--output", tmp_path / "out.csv") == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("nlu-lite: 18 rows in ")


def test_the_first_rows_come_after_64_texts(tmp_path, monkeypatch):
    """Each frame is passed on when it is written, whatever a file would hold back."""
    sizes = []

    class Pipe(io.StringIO):
        def flush(self):
            sizes.append(self.getvalue().count("\n") - 1)

    monkeypatch.setattr("sys.stdout", Pipe())
    (tmp_path / "a.txt").write_text("word\n" * 100)
    assert predict("--input", tmp_path / "a.txt") == 0
    assert {64, 100} <= set(sizes)
