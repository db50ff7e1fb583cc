"""Files that are read and written: in doubt, in another encoding, of changing types, elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq

import nlu_lite as nlu
from nlu_lite.errors import InputValueError, OptionError, OutputError
from tests.faults.case import RIGHT, Group, Room

GROUP = Group("file")
ROWS = 1_500


def read(name: str, content: str | bytes, **given: Any) -> Callable[[Room], None]:
    """Stream a file of these contents."""

    def attempt(room: Room) -> None:
        path = room.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        list(room.pipe.stream(path, "document", **given))

    return attempt


def texts(name: str, content: str | bytes, *expected: str, **given: Any) -> Callable[[Room], None]:
    """Stream a file, which has these texts."""

    def attempt(room: Room) -> None:
        path = room.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        frames = list(room.pipe.stream(path, "document", **given))
        assert [text for frame in frames for text in frame["document"]] == list(expected)

    return attempt


def types(early: Any, late: Any) -> Callable[[Room], None]:
    """Write a column whose later values are of another kind, and compare what was written."""

    def attempt(room: Room) -> None:
        values = [early] * ROWS + [late]
        lines = (json.dumps({"text": "a", "value": value}) for value in values)
        (room.folder / "in.jsonl").write_text("\n".join(lines))
        room.pipe.to_parquet(room.folder / "in.jsonl", room.folder / "out", "document")
        assert pq.read_table(room.folder / "out")["value"].to_pylist() == values

    return attempt


GROUP.add(
    "CSV and TSV in doubt: quotes, delimiters, widths, escapes, letters of databases",
    [
        read("a.csv", 'id,text\n1,"Good\n2,Never\n'),
        read("a.csv", 'id,text\n1,"Good\n2,"Never" again\n'),
        read("a.csv", 'id,text\n1,"Good\n2,5"\n3,x\n'),
        read("a.csv", 'id,text\n1, "Good"\n'),
        read("a.csv", 'id,text\n1,"say \\"hi\\" to"\n'),
        read("a.csv", "id,text\n1,\\N\n"),
        read("a.csv", "id,text\n1,a,b\n2,c,d\n"),
        read("a.tsv", "id\ttext\n1\ta\\nb\n"),
        read("a.tsv", 'id\ttext\n1\t"Good"\n'),
        *(read("a.csv", f"id{sign}text\n1{sign}a\n") for sign in ";\t|"),
        read("a.tsv", "id,text\n1,a\n"),
    ],
    InputValueError,
    says="a.",
)
GROUP.add(
    "text that is no UTF-8, and is not said to be",
    [
        read(name, content.encode(encoding))
        for name, content in (("a.csv", "id,text\n1,é\n"), ("a.txt", "aé\n"))
        for encoding in ("utf-16", "utf-16-le", "utf-32", "latin-1")
    ],
    InputValueError,
    says="UTF-8",
)
GROUP.add(
    "files of other writers and encodings, with the option that reads them; prose of one column",
    [
        texts("a.csv", "id;text\n1;a, b\n", "a, b", delimiter=";"),
        texts("a.csv", 'id,text\n1,"a\n', '"a', quoting="none"),
        texts("a.csv", 'id,text\n1,"say \\"hi\\""\n', 'say "hi"', escape="\\"),
        texts("a.tsv", "id\ttext\n1\ta\\nb\n", "a\nb", quoting="none", escape="\\"),
        texts("a.txt", "é\n".encode("utf-16"), "é", encoding="utf-16"),
        texts("a.csv", 'text\na; b\n"a" b, c\nd\t|\n', "a; b", '"a" b, c', "d\t|"),
    ],
    RIGHT,
)
GROUP.add(
    "options of files that are none",
    [
        read("a.csv", "id,text\n", delimiter="||"),
        read("a.csv", "id,text\n", quoting=""),
        read("a.csv", "id,text\n", escape=","),
        read("a.csv", "id,text\n", encoding="nope"),
        read("a.txt", "a\n", delimiter=";"),
    ],
    OptionError,
)
GROUP.add(
    "columns that change their type late",
    [types(10, 9.99), types(None, 5), types([], [1]), types(None, {"a": 1}), types(2**60, None)],
    RIGHT,
    slow=True,
)
GROUP.add(
    "columns whose values have no one type",
    [types(1, "a"), types(True, 1), types(1, [1]), types(0.5, 2**60 + 1), types({}, {})],
    InputValueError,
    says=("'value'", "keep=[...]"),
    slow=True,
)
GROUP.add(
    "addresses of what nothing here understands",
    [
        attempt
        for address in ("dbfs:/models/m", "s3a://bucket/m", "~nobody-of-this-name/m")
        for attempt in (
            lambda room, address=address: room.pipe.save(address),
            lambda room, address=address: nlu.load(path=address),
            lambda room, address=address: room.pipe.to_parquet(["a"], address),
            lambda room, address=address: room.pipe.stream(address),
        )
    ],
    OptionError,
    InputValueError,
    OutputError,
)
