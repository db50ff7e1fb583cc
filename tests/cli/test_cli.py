"""The command line: what goes in, what comes out and where to, exit codes, interrupts."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite import cli, frame
from nlu_lite.cli import parser
from nlu_lite.options import Options
from tests.helpers.outputs import difference

REFERENCE = "en.embed.minilm_l6"
COLUMN = "en_embed_minilm_l6_embeddings"
TEXTS = ["I love NLP", 'so "they" say,\nperhaps']
# As the installed script does it.
CODE = "import sys; from nlu_lite.cli import main; sys.exit(main())"
# Ctrl-C reaches it even where the tests run in the background.
COMMAND = [
    sys.executable,
    "-c",
    f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {CODE}",
]


@pytest.fixture
def start():
    """Starts the command in a process of its own."""
    with contextlib.ExitStack() as ended:

        def started(*words: str, **options) -> subprocess.Popen:
            pipes = {
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "stdin": subprocess.DEVNULL,
            }
            return ended.enter_context(subprocess.Popen([*COMMAND, *words], **(pipes | options)))

        yield started


def until(is_so) -> None:
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def usage(capsys, *words: str) -> str:
    """What is said about words that make no command."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["predict", REFERENCE, *words])
    assert caught.value.code == 2
    return capsys.readouterr().err


@pytest.fixture
def reviews(tmp_path) -> Path:
    rows = {
        "id": [7, 8, 9],
        "body": ["I love NLP", "", 'a "quoted" word'],
        "stars": ["5", "1", None],
    }
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "reviews.jsonl"
    path.write_text(
        "".join(
            json.dumps(dict(zip(rows, row, strict=True))) + "\n"
            for row in zip(*rows.values(), strict=True)
        )
    )
    return path


def equal_vectors(cells: list, wanted: pd.DataFrame) -> bool:
    """Whether vectors are equal to the last bit, missing ones included."""
    pairs = zip(cells, wanted[COLUMN], strict=True)
    return all(
        (cell is None and other is None) or np.array_equal(np.array(cell, dtype=np.float32), other)
        for cell, other in pairs
    )


@pytest.mark.slow
def test_a_terminal_sees_a_table(start):
    ours, theirs = pty.openpty()
    process = start("predict", REFERENCE, "I love NLP", stdout=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # Linux says so when the other side is closed
            break
    os.close(ours)
    assert process.wait() == 0
    lines = seen.decode().splitlines()
    assert lines[0].split() == ["token", COLUMN]
    assert difference("0 I [0.287224, -0.569387, 0.318562, ...]", lines[1]) is None
    assert len(lines) == 4


def test_a_pipe_gets_csv_with_all_digits(capsys, minilm):
    assert cli.main(["predict", REFERENCE, *TEXTS]) == 0
    captured = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(captured.out)))
    wanted = minilm.predict(TEXTS)
    assert list(rows[0]) == ["origin_index", "token", COLUMN]
    assert [row["token"] for row in rows] == wanted["token"].tolist()
    assert [int(row["origin_index"]) for row in rows] == wanted.index.tolist()
    assert equal_vectors([json.loads(row[COLUMN]) for row in rows], wanted)
    assert captured.err == ""


def test_json_lines_hold_the_same(capsys, minilm, reviews):
    words = ["--input", str(reviews), "--column", "body", "--format", "jsonl", "--positions"]
    assert cli.main(["predict", REFERENCE, *words]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = minilm.predict(pd.read_json(reviews, lines=True), text="body", positions=True)
    assert list(rows[0]) == ["origin_index", *wanted.columns]
    assert [row["begin"] for row in rows] == [
        None if pd.isna(place) else place for place in wanted["begin"]
    ]
    assert [row["token"] for row in rows] == [
        "I",
        "love",
        "NLP",
        None,
        "a",
        '"',
        "quoted",
        '"',
        "word",
    ]
    assert [row["id"] for row in rows] == [7, 7, 7, 8, 9, 9, 9, 9, 9]
    assert {row["stars"] for row in rows} == {"5", "1", None}
    assert equal_vectors([row[COLUMN] for row in rows], wanted)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_ending_of_a_file_says_its_format(ending, tmp_path, minilm, reviews, capsys):
    target = tmp_path / f"out.{ending}"
    target.write_text("old")
    words = [
        "--input",
        str(reviews),
        "--column",
        "body",
        "--keep",
        "id",
        "--level",
        "document",
        "--output",
        str(target),
    ]
    assert cli.main(["predict", REFERENCE, *words]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a second" in captured.err
    assert str(target) in captured.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", target.name]
    wanted = minilm.predict(pd.read_json(reviews, lines=True), "document", text="body", keep=["id"])
    if ending == "parquet":
        got = pd.read_parquet(target)
        cells = got[COLUMN].tolist()
    elif ending == "jsonl":
        got = pd.DataFrame([json.loads(line) for line in target.read_text().splitlines()])
        cells = got[COLUMN].tolist()
    else:
        got = pd.read_csv(target)
        cells = [None if cell != cell else json.loads(cell) for cell in got[COLUMN]]
    assert got["id"].tolist() == [7, 8, 9]
    assert got["origin_index"].tolist() == [0, 1, 2]
    assert equal_vectors([None if cell is None else cell for cell in cells], wanted)


def test_one_parquet_file_is_a_folder_in_one(tmp_path, reviews):
    words = ["predict", REFERENCE, "--input", str(reviews), "--column", "body", "--quiet"]
    assert cli.main([*words, "--output", str(tmp_path / "parts"), "--part-rows", "2"]) == 0
    assert cli.main([*words, "--output", str(tmp_path / "one.parquet")]) == 0
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "one.parquet"), pd.read_parquet(tmp_path / "parts")
    )


@pytest.mark.slow
def test_parquet_goes_through_a_pipe(start, tmp_path, minilm):
    process = start("predict", REFERENCE, "I love NLP", "--format", "parquet")
    (tmp_path / "out").write_bytes(process.communicate()[0])
    assert process.returncode == 0
    assert equal_vectors(
        pd.read_parquet(tmp_path / "out")[COLUMN].tolist(), minilm.predict("I love NLP")
    )


def test_a_folder_is_gone_on_with(tmp_path, reviews, capsys):
    words = [
        "--input",
        str(reviews),
        "--column",
        "body",
        "--output",
        f"{tmp_path}/out/",
        "--part-rows",
        "1",
        "--key",
        "id",
    ]
    assert cli.main(["predict", REFERENCE, *words, "--shard", "1/2"]) == 0
    assert "1 texts" in capsys.readouterr().err
    assert cli.main(["predict", REFERENCE, *words, "--vectors", "float32"]) == 0
    assert "1 of 3 parts were there already" in capsys.readouterr().err
    assert len(pd.read_parquet(tmp_path / "out")) == 9
    assert cli.main(["predict", REFERENCE, *words, "--level", "document"]) == 1
    assert "level" in capsys.readouterr().err


@pytest.mark.slow
def test_lines_of_standard_input_are_texts(start):
    process = start("predict", REFERENCE, stdin=subprocess.PIPE)
    out, _ = process.communicate("one\n\nzwölf\n".encode())
    rows = list(csv.DictReader(io.StringIO(out.decode())))
    assert [(row["origin_index"], row["token"]) for row in rows] == [
        ("0", "one"),
        ("1", ""),
        ("2", "zwölf"),
    ]


@pytest.mark.slow
def test_a_line_that_is_not_utf8_is_a_failure_that_names_it(start):
    process = start("predict", REFERENCE, stdin=subprocess.PIPE)
    _, problem = process.communicate(b"one\n\xff\n")
    assert process.returncode == 1
    assert problem.startswith(b"nlu-lite: line 2 of standard input is not UTF-8")
    assert b"Traceback" not in problem


@pytest.mark.slow
def test_a_reader_that_has_enough_ends_the_command_quietly(start):
    process = start("predict", REFERENCE, *["some words of no meaning"] * 300)
    assert process.stdout.readline().startswith(b"origin_index")
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr.read() == b""


@pytest.mark.slow
def test_ctrl_c_leaves_a_folder_that_the_same_command_goes_on_with(start, tmp_path):
    (tmp_path / "in.txt").write_text("".join(f"text number {n} of many\n" for n in range(800)))
    out = tmp_path / "out"
    words = [
        "predict",
        REFERENCE,
        "--input",
        str(tmp_path / "in.txt"),
        "--output",
        str(out),
        "--part-rows",
        "8",
    ]
    process = start(*words)
    until((out / "part-000001.parquet").exists)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert b"the same command goes on from there" in said
    assert b"Traceback" not in said
    there = {path: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert 2 <= len(there) < 100
    assert cli.main(words) == 0
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert pd.read_parquet(out)["origin_index"].nunique() == 800


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_ctrl_c_leaves_no_half_file(start, tmp_path, ending):
    process = start(
        "predict", REFERENCE, "--output", str(tmp_path / f"out.{ending}"), stdin=subprocess.PIPE
    )
    process.stdin.write(b"a\n" * 6_000)  # a window of them is written, and more is waited for
    process.stdin.flush()
    until(lambda: any(path.stat().st_size for path in tmp_path.iterdir()))
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert b"was not written" in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_what_was_there(tmp_path, capsys):
    target = tmp_path / "out.csv"
    target.write_text("old")
    (tmp_path / "in.jsonl").write_text('{"text": "good"}\nnot json\n')
    assert (
        cli.main(
            ["predict", REFERENCE, "--input", str(tmp_path / "in.jsonl"), "--output", str(target)]
        )
        == 1
    )
    assert "line 2" in capsys.readouterr().err
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.csv"]


def test_a_file_that_cannot_be_written_is_a_failure(tmp_path, capsys):
    assert (
        cli.main(["predict", REFERENCE, "x", "--output", str(tmp_path / "none" / "out.csv")]) == 1
    )
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
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
def test_wrong_usage_exits_with_2_and_says_what_is_right(capsys, words, said):
    assert said in usage(capsys, *words)


def test_no_text_at_a_terminal_is_wrong_usage(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert "pipe them in" in usage(capsys)


def test_options_that_the_models_refuse_exit_with_2(capsys):
    assert cli.main(["predict", "", "x"]) == 2
    assert "The request is empty" in capsys.readouterr().err


def test_chunks_and_metadata_come_out(capsys):
    words = ["I love NLP", "--level", "chunk", "--chunk", "love NLP", "--chunk", "I", "--metadata"]
    assert cli.main(["predict", REFERENCE, *words]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["chunk"], row["piece_count"]) for row in rows] == [("I", "1"), ("love NLP", "3")]


def test_a_model_is_computed_in_the_number_format_asked_for(capsys, family_folder):
    outputs = []
    for dtype in ("float32", "bfloat16"):
        assert (
            cli.main(
                ["predict", "x", "I love", "--path", str(family_folder("bert")), "--dtype", dtype]
            )
            == 0
        )
        outputs.append(capsys.readouterr().out)
    assert outputs[0] != outputs[1]


def test_nested_columns_are_written_as_json(tmp_path, capsys):
    row = {"text": "a", "tags": ["ä", {"n": 1}], "ok": True, "none": None}
    (tmp_path / "in.jsonl").write_text(json.dumps(row))
    words = ["predict", REFERENCE, "--input", str(tmp_path / "in.jsonl"), "--column", "text"]
    assert cli.main([*words, "--format", "jsonl"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert (got["tags"], got["ok"], got["none"]) == (["ä", {"n": 1}], True, None)
    assert cli.main(words) == 0
    (got,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (json.loads(got["tags"]), got["ok"], got["none"]) == (["ä", {"n": 1}], "True", "")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "table"])
def test_lone_surrogates_of_the_line_are_written_as_replacement_signs(kind, capsys):
    assert cli.main(["predict", REFERENCE, "a\udcffb", "", "--format", kind]) == 0
    assert "a\ufffdb" in capsys.readouterr().out


@pytest.mark.filterwarnings("default")
def test_warnings_are_said_without_code(tmp_path, capsys):
    (tmp_path / "in.csv").write_text("text,token\nword,mine\n")
    assert (
        cli.main(["predict", REFERENCE, "--input", str(tmp_path / "in.csv"), "--format", "jsonl"])
        == 0
    )
    captured = capsys.readouterr()
    assert captured.err.startswith(
        "nlu-lite: warning: The data has columns named like results: ['token']"
    )
    assert captured.err.count("\n") == 1
    assert json.loads(captured.out)["token_input"] == "mine"


def test_the_choices_are_those_of_the_library():
    assert parser.LEVELS == frame.LEVELS
    for dtype in parser.DTYPES:
        Options(dtype=dtype)
    with pytest.raises(nlu.NluLiteError, match=", ".join(map(repr, parser.DTYPES))):
        Options(dtype="float8")


@pytest.mark.parametrize("verb", ["predict", "search", "show", "download", "verify"])
def test_the_help_of_every_verb_has_examples_and_exit_codes(verb, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([verb, "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert f"  nlu-lite {verb} " in shown.partition("examples:")[2]
    assert "130 interrupted" in shown


def test_search_is_data_too(capsys):
    assert cli.main(["search", "minilm_l6", "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["reference"] for row in rows] == nlu.search("minilm_l6")["reference"].tolist()
    assert rows[0]["dimension"] == 384
    assert cli.main(["search", "minilm_l6"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("reference,task,language")


def test_a_table_is_blank_where_a_value_is_missing_and_says_none_where_a_vector_is(capsys):
    assert cli.main(["predict", REFERENCE, "word", "", "--positions", "--format", "table"]) == 0
    names, word, missing = capsys.readouterr().out.splitlines()
    assert names.split() == ["token", "begin", "end", "sentence_index", "token_index", COLUMN]
    assert word.split()[:6] == ["0", "word", "0", "3", "0", "0"]
    assert missing.split() == ["1", "None"]


def test_csv_has_its_line_of_names_once_however_many_frames_there_are(tmp_path, capsys):
    count = 6_000
    (tmp_path / "in.txt").write_text("a b\n" * count)
    assert (
        cli.main(
            [
                "predict",
                REFERENCE,
                "--input",
                str(tmp_path / "in.txt"),
                "--output",
                str(tmp_path / "out.csv"),
            ]
        )
        == 0
    )
    assert f"{2 * count:,} rows" in capsys.readouterr().err
    names, *rows = (tmp_path / "out.csv").read_text().splitlines()
    assert names == f"origin_index,token,{COLUMN}"
    assert len(rows) == 2 * count
    assert names not in rows


def test_dates_and_arrays_of_parquet_are_written_as_json(tmp_path, capsys):
    row = {"text": "a", "day": pd.Timestamp("2024-02-29"), "counts": [1, 2]}
    pd.DataFrame([row]).to_parquet(tmp_path / "in.parquet")
    words = ["predict", REFERENCE, "--input", str(tmp_path / "in.parquet"), "--column", "text"]
    assert cli.main([*words, "--format", "jsonl"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert (got["day"], got["counts"]) == ("2024-02-29 00:00:00", [1, 2])


def test_parquet_is_not_written_to_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "Parquet is not for a terminal; say --output FILE.parquet" in usage(
        capsys, "x", "--format", "parquet"
    )


def test_parquet_under_a_name_without_an_ending_is_a_folder(tmp_path):
    assert (
        cli.main(
            [
                "predict",
                REFERENCE,
                "I love",
                "--format",
                "parquet",
                "--output",
                str(tmp_path / "out"),
            ]
        )
        == 0
    )
    assert [path.name for path in sorted((tmp_path / "out").glob("*.parquet"))] == [
        "part-000000.parquet"
    ]
    assert pd.read_parquet(tmp_path / "out")["token"].tolist() == ["I", "love"]


def test_rows_that_are_no_text_are_counted_in_a_warning(tmp_path, capsys):
    (tmp_path / "in.jsonl").write_text(
        '{"text": "good"}\n{"text": 7}\n{"text": "bad"}\n["no object"]\n'
    )
    words = [
        "--input",
        str(tmp_path / "in.jsonl"),
        "--column",
        "text",
        "--errors",
        "null",
        "--output",
        f"{tmp_path}/out/",
    ]
    assert cli.main(["predict", REFERENCE, *words]) == 0
    assert "nlu-lite: warning: 2 rows are no text (the first: 1, 3)" in capsys.readouterr().err
    words = pd.read_parquet(tmp_path / "out")["token"]
    assert words.dropna().to_dict() == {0: "good", 2: "bad"}
    assert len(words) == 4


def test_a_folder_is_written_by_several_devices(tmp_path, capsys):
    words = ["predict", REFERENCE, *TEXTS, "--part-rows", "1"]
    assert cli.main([*words, "--device", "cpu", "--output", f"{tmp_path}/one/"]) == 0
    assert cli.main([*words, "--device", "cpu,cpu", "--output", f"{tmp_path}/two/"]) == 0
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "two"), pd.read_parquet(tmp_path / "one")
    )
    report = json.loads((tmp_path / "two" / "_nlu_lite" / "report.json").read_text())
    assert report["parts"] == 2
    assert cli.main([*words, "--device", "cpu,nowhere", "--output", f"{tmp_path}/three/"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_weights_that_are_missing_are_not_said_to_be_a_file_that_cannot_be_written(
    tmp_path, capsys
):
    code = cli.main(
        [
            "predict",
            "x",
            "x",
            "--path",
            str(tmp_path / "none"),
            "--output",
            str(tmp_path / "out.csv"),
        ]
    )
    said = capsys.readouterr().err
    assert code == 1
    assert str(tmp_path / "none") in said
    assert "cannot be written" not in said
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
