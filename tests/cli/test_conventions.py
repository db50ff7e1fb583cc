"""The command line does what people expect of any: help, version, short errors, any order of words,
and one line where its output has no room."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from nlu_lite.cli import main

EMBED = "en.embed_sentence.minilm_l6"


def test_without_words_it_prints_its_help(capsys):
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("usage: nlu-lite")


def test_it_says_its_version(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"nlu-lite {version('nlu-lite')}\n"


def test_the_package_can_be_run():
    result = subprocess.run(
        [sys.executable, "-m", "nlu_lite", "--version"], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("nlu-lite ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predict"], "nlu-lite predict: the following arguments are required"),
        (["predict", EMBED, "a", "--levle", "x"], "nlu-lite predict: unrecognized arguments"),
        (
            ["predict", EMBED, "--inptu=a"],
            "nlu-lite predict: unrecognized arguments: --inptu=a; did you mean --input?",
        ),
        (["search", "bert", "--everything"], "nlu-lite search: unrecognized arguments"),
        (["--everything"], "nlu-lite: unrecognized arguments: --everything"),
    ],
)
def test_wrong_usage_is_two_lines(words, message, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(message)
    assert lines[1].startswith("Try `nlu-lite")
    assert len(lines) == 2


def test_texts_may_stand_before_and_behind_options(capsys):
    assert main(["predict", EMBED, "--level", "sentence", "a cat", "--quiet", "a dog"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split(",")[1] for row in rows] == ["a cat", "a dog"]


@pytest.mark.parametrize("words", [["search", "minilm"], ["predict", EMBED, "a", "--quiet"]])
def test_output_without_room_ends_in_one_line(words):
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "nlu_lite", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "nlu-lite: standard output cannot be written: [Errno 28] No space left on device"
    ]


def test_an_array_in_a_json_file_is_read(tmp_path, capsys):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": "a cat", "id": 7}, {"id": 8, "text": "a dog"}], indent=1))
    assert main(["predict", EMBED, "--input", str(path), "--level", "document", "--quiet"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["a cat", "a dog"]
    assert [row.rsplit(",", 1)[1] for row in rows] == ["id", "7", "8"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "a"}, 3]', "object 2 of a.json is not a JSON object but '3'"),
        ('[{"text": "a"},', "a.json cannot be read from row 0 of the input on"),
        ("[" * 100_000, "a.json cannot be read from row 0 of the input on"),
    ],
)
def test_a_faulty_array_is_told_by_its_place(content, message, tmp_path, capsys):
    path = tmp_path / "a.json"
    path.write_text(content)
    words = ["predict", EMBED, "--input", str(path), "--column", "text", "--quiet"]
    assert main(words) == 1
    assert message in capsys.readouterr().err
