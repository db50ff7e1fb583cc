"""Files in other encodings than UTF-8: told by name, or read with ``encoding=``."""

from __future__ import annotations

import gzip

import pytest

from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.inputs import FileArguments, open_source
from nlu_lite.inputs.columns import Unreadable

TEXTS = ["naïve café", "plain", "Größe"]
# Content of three kinds of files, each with these texts.
FILES = {
    "a.csv": "id,text\n" + "".join(f"{n},{text}\n" for n, text in enumerate(TEXTS)),
    "a.tsv": "id\ttext\n" + "".join(f"{n}\t{text}\n" for n, text in enumerate(TEXTS)),
    "a.jsonl": "".join(f'{{"text": "{text}"}}\n' for text in TEXTS),
    "a.txt": "".join(f"{text}\n" for text in TEXTS),
}


def texts_of(path, **given):
    source = open_source(str(path), file_arguments=FileArguments(**given))
    chunks = [chunk if source.text is None else chunk[source.text] for chunk in source]
    return [text for chunk in chunks for text in chunk.tolist()]


@pytest.fixture(params=FILES)
def file(request, tmp_path):
    """From an encoding to a file in it."""

    def write(encoding, mark=b""):
        (tmp_path / request.param).write_bytes(mark + FILES[request.param].encode(encoding))
        return tmp_path / request.param

    return write


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"],
)
def test_the_encoding_that_is_said_is_read(encoding, file):
    assert texts_of(file(encoding), encoding=encoding) == TEXTS


def test_a_mark_of_utf_8_is_no_part_of_the_data(file):
    assert texts_of(file("utf-8-sig")) == TEXTS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_with_the_mark_of_another_encoding_is_named(encoding, file):
    with pytest.raises(InputValueError) as caught:
        texts_of(file(encoding))
    message = str(caught.value)
    assert "UTF-8" in message
    assert f'encoding="{encoding}"' in message
    assert "a." in message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_named(encoding, file):
    with pytest.raises(InputValueError, match=f'encoding="{encoding}"'):
        texts_of(file(encoding))


@pytest.mark.parametrize("said", ["latin-1", "cp1252", "utf-16-be"])
def test_a_mark_that_says_otherwise_than_the_caller_is_named(said, file):
    with pytest.raises(InputValueError, match=r'mark of UTF-16 .*encoding="utf-16"'):
        texts_of(file("utf-16-le", mark=b"\xff\xfe"), encoding=said)


def test_rows_in_latin_1_are_named_one_by_one(file):
    bad, good, also_bad = texts_of(file("latin-1"))
    assert good == "plain"
    for text in (bad, also_bad):
        assert isinstance(text, Unreadable)
        assert "is not UTF-8" in text.reason
        assert 'encoding="cp1252"' in text.reason


def test_a_header_in_latin_1_is_named(tmp_path):
    (tmp_path / "a.csv").write_bytes("id,größe\n1,a\n".encode("latin-1"))
    with pytest.raises(InputValueError, match=r'a.csv: .*is not UTF-8.*encoding="cp1252"'):
        texts_of(tmp_path / "a.csv")


@pytest.mark.parametrize("encoding", ["nope", "base64", 7])
def test_what_is_no_encoding_is_refused(encoding, tmp_path):
    (tmp_path / "a.txt").write_text("a\n")
    with pytest.raises(OptionError, match=r"encoding is .*utf-16"):
        texts_of(tmp_path / "a.txt", encoding=encoding)


def test_a_packed_file_is_unpacked_before(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(FILES["a.txt"].encode("utf-16")))
    assert texts_of(tmp_path / "a.txt.gz", encoding="utf-16") == TEXTS


def test_an_encoding_says_nothing_about_parquet(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"")
    with pytest.raises(OptionError, match=r"encoding='utf-16' .*a.parquet"):
        texts_of(tmp_path / "a.parquet", encoding="utf-16")
