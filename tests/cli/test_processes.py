"""The command line as a process: terminals, pipes, Ctrl-C."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import pty
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from nlu_lite import cli
from tests.helpers.command_line import COLUMN, REFERENCE, equal_vectors
from tests.helpers.outputs import difference

pytestmark = pytest.mark.slow

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


def test_a_terminal_sees_a_table(start):
    reader, terminal = pty.openpty()
    process = start("predict", REFERENCE, "I love NLP", stdout=terminal)
    os.close(terminal)
    seen = b""
    while True:
        try:
            seen += os.read(reader, 4096)
        except OSError:  # Linux says so when the other side is closed
            break
    os.close(reader)
    assert process.wait() == 0
    lines = seen.decode().splitlines()
    assert lines[0].split() == ["token", COLUMN]
    assert difference("0 I [0.287224, -0.569387, 0.318562, ...]", lines[1]) is None
    assert len(lines) == 4


def test_parquet_goes_through_a_pipe(start, tmp_path, minilm):
    process = start("predict", REFERENCE, "I love NLP", "--format", "parquet")
    (tmp_path / "out").write_bytes(process.communicate()[0])
    assert process.returncode == 0
    vectors = pd.read_parquet(tmp_path / "out")[COLUMN]
    assert equal_vectors(vectors, minilm.predict("I love NLP")[COLUMN])


def test_lines_of_standard_input_are_texts(start):
    process = start("predict", REFERENCE, stdin=subprocess.PIPE)
    out, _ = process.communicate("one\n\nzwölf\n".encode())
    rows = list(csv.DictReader(io.StringIO(out.decode())))
    assert [(row["origin_index"], row["token"]) for row in rows] == [
        ("0", "one"),
        ("1", ""),
        ("2", "zwölf"),
    ]


def test_a_line_that_is_not_utf8_is_a_failure_that_names_it(start):
    process = start("predict", REFERENCE, stdin=subprocess.PIPE)
    _, problem = process.communicate(b"one\n\xff\n")
    assert process.returncode == 1
    assert problem.startswith(b"nlu-lite: line 2 of standard input is not UTF-8")
    assert b"Traceback" not in problem


def test_a_reader_that_has_enough_ends_the_command_quietly(start):
    process = start("predict", REFERENCE, *["some words of no meaning"] * 300)
    assert process.stdout.readline().startswith(b"origin_index")
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr.read() == b""


def test_ctrl_c_leaves_a_folder_that_the_same_command_goes_on_with(start, tmp_path):
    (tmp_path / "in.txt").write_text("".join(f"text number {n} of many\n" for n in range(800)))
    out = tmp_path / "out"
    source = ["--input", str(tmp_path / "in.txt")]
    words = ["predict", REFERENCE, *source, "--output", str(out), "--part-rows", "8"]
    process = start(*words)
    until((out / "part-000001.parquet").exists)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate()
    assert process.returncode == 130
    assert b"the same command goes on from there" in message
    assert b"Traceback" not in message
    stamps = {path: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert 2 <= len(stamps) < 100
    assert cli.main(words) == 0
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert pd.read_parquet(out)["origin_index"].nunique() == 800


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
