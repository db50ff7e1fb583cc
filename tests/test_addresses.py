"""An address means the same wherever one is taken, or is refused by its name; never is a folder
called ``dbfs:`` or ``~`` made."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite import cli, compat
from nlu_lite.errors import NluLiteError
from tests.helpers.equal import assert_equal

TEXT = "to be or not"


@pytest.fixture
def pipe(family_folder):
    return nlu.load(path=family_folder("bert"), task="embed")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder, and an empty folder that is the current one, which must stay empty."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    yield tmp_path / "home"
    assert list((tmp_path / "here").iterdir()) == []


def addresses(folder):
    """Ways to name a folder in the home folder."""
    return [
        f"~/{folder.name}",
        Path(f"~/{folder.name}"),
        folder.as_uri(),
        f"file:{folder}",
        f"file://localhost{folder}",
        Path(folder.as_uri()),
        str(folder),
    ]


FORMS = range(7)


@pytest.mark.parametrize("form", FORMS)
def test_a_pipeline_is_saved_and_loaded(form, home, pipe):
    folder = home / "a model"
    address = addresses(folder)[form]
    pipe.save(address)
    assert (folder / "nlu_lite.json").is_file()
    assert_equal(nlu.load(path=address).encode([TEXT]), pipe.encode([TEXT]))


@pytest.mark.parametrize("form", FORMS)
def test_a_dataset_is_written_read_and_reused(form, home, pipe):
    folder, other = home / "words", home / "other"
    frame = pd.DataFrame({"text": [TEXT], "id": [1]})
    address = addresses(folder)[form]
    pipe.to_parquet(frame, address, key="id")
    report = pipe.to_parquet(frame, addresses(other)[form], key="id", reuse=address)
    assert report["copied"] == 1
    (read,) = pipe.stream(address, text="token", keep=False)
    assert read["token"].tolist() == pd.read_parquet(folder)["token"].tolist()


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_streamed_estimated_and_written_on(form, home, pipe):
    file = home / "in.txt"
    file.write_text(TEXT)
    address = addresses(file)[form]
    (frame,) = pipe.stream(address)
    assert frame["token"].tolist() == TEXT.split()
    assert pipe.estimate(address).words == 4
    assert pipe.to_parquet(address, home / "out")["rows"] == 4


@pytest.mark.parametrize("form", FORMS)
def test_the_command_line_reads_and_writes(form, home, pipe, family_folder):
    (home / "in.txt").write_text(TEXT)
    pipe.save(home / "model")
    source = [str(addresses(home / name)[form]) for name in ("model", "in.txt")]
    for name in ("out.csv", "out.parquet", "folder"):
        target = str(addresses(home / name)[form])
        words = ["--path", source[0], "--input", source[1], "--output", target, "--quiet"]
        # A request beside a saved pipeline is refused, so the folder of the model is named.
        words[1] = str(family_folder("bert"))
        assert cli.main(["predict", "x", *words]) == 0
    assert pd.read_csv(home / "out.csv")["token"].tolist() == TEXT.split()
    assert pd.read_parquet(home / "out.parquet")["token"].tolist() == TEXT.split()
    assert pd.read_parquet(home / "folder")["token"].tolist() == TEXT.split()


def test_the_command_line_does_not_write_over_its_input_by_another_name(home, capsys):
    (home / "in.txt").write_text(TEXT)
    words = ["--input", "~/in.txt", "--output", (home / "in.txt").as_uri(), "--format", "csv"]
    with pytest.raises(SystemExit):
        cli.main(["predict", "x", *words])
    assert "--output is the --input" in capsys.readouterr().err
    assert (home / "in.txt").read_text() == TEXT


@pytest.mark.parametrize("form", FORMS)
def test_compat_saves_likewise(form, home, pipe):
    folder = home / "a model"
    pipe.save(home / "source")
    words = compat.load(path=str(addresses(home / "source")[form]))
    words.save(addresses(folder)[form])
    words.save(addresses(folder)[form])  # replaces what it wrote
    assert (folder / "nlu_lite.json").is_file()


# What nothing here understands, and what each message must say.
REFUSED = {
    "dbfs:/models/m": ("dbfs:", "/dbfs/models/m"),
    "dbfs:///models/m": ("dbfs:", "/dbfs/models/m"),
    "dbfs:models": ("dbfs:", "/dbfs/models"),
    "DBFS:/models/m": ("dbfs:", "/dbfs/models/m"),
    "s3a://bucket/m": ("s3a:", "s3://bucket/m"),
    "s3n://bucket/m": ("s3n:", "s3://bucket/m"),
    "file://elsewhere/m": ("elsewhere", "file:///"),
    "~nobody-of-this-name/m": ("~nobody-of-this-name", "home"),
    "https://example.org/m": ("https://example.org/m",),
    "unheard-of://m": ("unheard-of://m",),
}
CALLS = {
    "save": lambda pipe, address: pipe.save(address),
    "load": lambda pipe, address: nlu.load(path=address),
    "compat": lambda pipe, address: compat.load(path=address),
    "to_parquet": lambda pipe, address: pipe.to_parquet([TEXT], address),
    "reuse": lambda pipe, address: pipe.to_parquet(
        pd.DataFrame({"text": [TEXT], "id": [1]}), "out", key="id", reuse=address
    ),
    "stream": lambda pipe, address: list(pipe.stream(address)),
    "estimate": lambda pipe, address: pipe.estimate(address),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_understood_is_refused_by_name(call, address, pipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NluLiteError) as caught:
        CALLS[call](pipe, address)
    assert [part for part in REFUSED[address] if part not in str(caught.value)] == []
    assert not [path for path in tmp_path.iterdir() if path.name != "out"]


@pytest.mark.parametrize("address", REFUSED)
@pytest.mark.parametrize("option", ["--input", "--output", "--path"])
def test_the_command_line_refuses_it_by_name(address, option, home, family_folder, capsys):
    words = {"--path": str(family_folder("bert")), option: address}
    if option != "--input":
        (home / "in.txt").write_text(TEXT)
        words["--input"] = str(home / "in.txt")
    assert cli.main(["predict", "x", *(word for pair in words.items() for word in pair)]) != 0
    message = capsys.readouterr().err
    assert [part for part in REFUSED[address] if part not in message] == []


@pytest.mark.parametrize("address", ["s3://bucket/m", "gs://bucket/m", "hdfs://host/m"])
@pytest.mark.parametrize("call", ["save", "load", "compat"])
def test_a_model_lies_on_this_machine(address, call, pipe, home):
    with pytest.raises(NluLiteError, match=rf"{address} is an address.*this machine"):
        CALLS[call](pipe, address)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_one_file_at_an_address_is_refused_as_wrong_usage(ending, home, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["predict", "x", "text", "--output", f"s3://bucket/out.{ending}"])
    assert caught.value.code == 2
    assert "one file at an address" in capsys.readouterr().err


def test_keys_in_an_address_are_not_shown(pipe, home):
    with pytest.raises(NluLiteError) as caught:
        pipe.save("s3://KEY:SECRET@bucket/m?token=HIDDEN")
    assert "s3://bucket/m" in str(caught.value)
    assert not any(part in str(caught.value) for part in ("KEY", "SECRET", "HIDDEN"))


def test_a_file_whose_name_begins_with_a_tilde_is_read(tmp_path, pipe, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("~notes.txt").write_text(TEXT)
    (frame,) = pipe.stream("~notes.txt")
    assert frame["token"].tolist() == TEXT.split()


def test_a_colon_in_a_name_is_no_address(tmp_path, pipe, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pipe.save("model:v1")
    assert Path("model:v1", "nlu_lite.json").is_file()
