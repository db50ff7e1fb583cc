"""Frames and other kinds of data that are unusual, or wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, InputValueError
from tests.faults.case import RIGHT, Group, Room
from tests.helpers.equal import assert_equal

GROUP = Group("frame")
TEXTS = ["I love NLP", "naïve façade", None, "one two three"]
Make = Callable[[], Any]


def same_rows(
    make: Make, *, index: Callable[[Any], list[Any]] | None = None, **asked: Any
) -> Callable[[Room], None]:
    """The rows and vectors are those of the plain list, and the index is the caller's."""

    def attempt(room: Room) -> None:
        data = make()
        before = data.copy()
        found, wanted = room.pipe.predict(data, **asked), room.pipe.predict(TEXTS)
        assert data.equals(before)
        assert found["token"].fillna("").tolist() == wanted["token"].fillna("").tolist()
        assert_equal(nlu.vectors(found, "bert_embeddings"), nlu.vectors(wanted))
        keys = index(data) if index else data.index.tolist()
        assert [same_key(key) for key in found.index.tolist()] == [
            same_key(keys[place]) for place in wanted.index
        ]

    return attempt


def same_key(key: Any) -> Any:
    """A key to compare: missing ones are equal to each other."""
    return (
        tuple(map(same_key, key)) if isinstance(key, tuple) else "missing" if pd.isna(key) else key
    )


def of(make: Make, **asked: Any) -> Callable[[Room], None]:
    def attempt(room: Room) -> None:
        room.pipe.predict(make(), **asked)

    return attempt


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"text": TEXTS, **columns})


def indexed(index: Any) -> Make:
    return lambda: frame().set_index(index)


GROUP.add(
    "an index of any kind, with keys twice, missing, or of mixed types",
    [
        same_rows(indexed(index))
        for index in (
            pd.Index([1, 1, 1, 1]),
            pd.Index(["a", None, "a", np.nan], dtype=object),
            pd.Index([1, "1", 1.0, (1,)], dtype=object),
            pd.MultiIndex.from_tuples([("a", 1), ("a", 1), ("b", None), (None, 2)]),
            pd.MultiIndex.from_tuples(
                [("a", 1), ("a", 1), ("b", 1), ("c", 2)], names=["token", "token"]
            ),
            pd.CategoricalIndex(["x", "y", "x", "x"]),
            pd.date_range("2024-01-01", periods=4, tz="Europe/Berlin"),
            pd.period_range("2024-01", periods=4, freq="M"),
            pd.interval_range(0, 4),
            pd.Index([1.5, np.inf, -np.inf, 0]),
            pd.Index([1, 2, 3, 4], name="token"),
        )
    ],
    RIGHT,
)
GROUP.add(
    "text of any type of column: categories, Arrow, object, string",
    [
        same_rows(lambda kind=kind: frame().astype({"text": kind}))
        for kind in (
            "category",
            "string",
            "string[pyarrow]",
            "object",
            "large_string[pyarrow]",
            "string[python]",
        )
    ]
    + [
        same_rows(lambda: frame()["text"].astype("category")),
        same_rows(lambda: frame()["text"].astype("string[pyarrow]")),
    ],
    RIGHT,
)


@GROUP.case("text in dictionaries of Arrow", RIGHT)
def _(room: Room) -> None:
    import pyarrow as pa

    kind = pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    same_rows(lambda: pd.DataFrame({"text": pd.array(TEXTS, dtype=kind)}))(room)


GROUP.add(
    "names of columns that are no texts, missing, or tuples",
    [
        same_rows(lambda names=names: frame(b=1, c=2).set_axis(names, axis=1))
        for names in (
            ["text", 0, 1.5],
            ["text", None, np.nan],
            ["text", ("a", "b"), b"x"],
            ["text", pd.Timestamp(0), True],
        )
    ]
    + [
        same_rows(lambda: frame(b=1).set_axis([0, 1], axis=1), text=0),
        same_rows(lambda: frame(b=1).set_axis([("a", "b"), ("a", "c")], axis=1), text=("a", "b")),
    ],
    RIGHT,
)
GROUP.add(
    "other columns of one name",
    [
        same_rows(lambda: pd.concat([frame(), frame(a=1)[["a"]], frame(a=2)[["a"]]], axis=1)),
        same_rows(
            lambda: pd.concat([frame(a=1), frame(a=1)[["a"]]], axis=1).astype({"text": "category"})
        ),
    ],
    RIGHT,
)
GROUP.add(
    "two text columns of one name",
    [
        of(lambda: pd.concat([frame(), frame()], axis=1)),
        of(lambda: pd.concat([frame(), frame()], axis=1), text="text"),
    ],
    InputValueError,
    says="'text'",
)


def clash(*names: str) -> Callable[[Room], None]:
    def attempt(room: Room) -> None:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            found = room.pipe.predict(
                frame(**dict.fromkeys(names, 7)), positions=True, metadata=True
            )
            wanted = room.pipe.predict(TEXTS, positions=True, metadata=True)
        assert len([warning for warning in heard if issubclass(warning.category, UserWarning)]) == 1
        assert len(set(found.columns)) == len(found.columns)
        for name in names:
            assert found[f"{name}_input"].tolist() == [7] * len(found)
        for name in wanted.columns.drop("bert_embeddings"):
            assert [same_key(cell) for cell in found[name]] == [
                same_key(cell) for cell in wanted[name]
            ]
        assert_equal(nlu.vectors(found, "bert_embeddings"), nlu.vectors(wanted))

    return attempt


GROUP.add(
    "columns named like the outputs",
    [
        clash("token"),
        clash("begin", "end"),
        clash("bert_embeddings"),
        clash("token", "bert_embeddings", "piece_count"),
    ],
    RIGHT,
)


@GROUP.case("columns named like the outputs and like their new names", RIGHT)
def _(room: Room) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = room.pipe.predict(frame(token=1, token_input=2))
    assert len(set(found.columns)) == len(found.columns)
    assert_equal(nlu.vectors(found, "bert_embeddings"), nlu.vectors(room.pipe.predict(TEXTS)))


class Rude:
    """An object that refuses to show itself or to be compared."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]


def column(*items: Any) -> Callable[[Room], None]:
    def make() -> pd.DataFrame:
        cells = np.empty(len(items) + 1, dtype=object)
        cells[:] = ["text", *items]
        return pd.DataFrame({"text": cells})

    return of(make)


GROUP.add(
    "items that are no texts",
    [column(item) for item in (3, 2.5, True, b"bytes", {"a": 1}, {1, 2}, pd.Timestamp(0), object, 1 + 2j, range(3), np.float64(2))]
    + [column(["a", 3]), column(["a", None]), column([["a"]]), column(np.array([[1]])), column(pd.DataFrame()), column(pd.Series(["a"]))]
    + [column("a", "b", None, 4)],
    InputTypeError,
    says=("Item ", " is "),
)  # fmt: skip
GROUP.add(
    "items that refuse to be shown",
    [column(Rude()), column([Rude()])],
    InputTypeError,
    says="Item 1",
)
GROUP.add(
    "an item of ten million numbers, a word of ten million",
    [
        column(list(range(10_000_000))),
        column({"a": list(range(1_000_000))}),
        column(["a", b"x" * 10_000_000]),
    ],
    InputTypeError,
    says="Item 1",
    most_mb=1500,
)
GROUP.add(
    "data of kinds that are not taken",
    [of(lambda data=data: data) for data in (3, None, b"x", {"text": ["a"]}, {"a"}, object(), 2.5, True, np.array("a"), np.zeros((2, 2)))],
    InputTypeError,
)  # fmt: skip
GROUP.add(
    "no text column, several, another than there are",
    [
        of(lambda: pd.DataFrame({"a": [1], "b": [2]})),
        of(lambda: pd.DataFrame({"a": ["x"], "b": ["y"]})),
        of(lambda: pd.DataFrame()),
        of(lambda: pd.DataFrame(index=range(3))),
        of(frame, text="none"),
        of(frame, text=3),
        of(frame, text=("a", "b")),
        of(frame, text=["text"]),
    ],
    InputValueError,
    says="column",
)


@GROUP.case("a million rows without text", RIGHT, slow=True, seconds=120, most_mb=1500)
def _(room: Room) -> None:
    million = 1_000_000
    for text in (None, "", " "):
        found = room.pipe.predict(
            pd.DataFrame({"text": pd.Series([text] * million, dtype=object), "id": range(million)}),
            progress=False,
        )
        assert found["id"].tolist() == list(range(million))
        assert found["bert_embeddings"].isna().all()
        assert found["token"].isna().all()


@GROUP.case("ten thousand columns", RIGHT)
def _(room: Room) -> None:
    wide = pd.DataFrame(np.zeros((4, 10_000)), columns=[f"c{n}" for n in range(10_000)]).assign(
        text=TEXTS
    )
    same_rows(lambda: wide)(room)


@GROUP.case("no rows", RIGHT)
def _(room: Room) -> None:
    for kind in (object, "string", "category"):
        found = room.pipe.predict(
            pd.DataFrame({"text": pd.Series([], dtype=kind), "a": pd.Series([], dtype=int)})
        )
        assert (len(found), list(found.columns)) == (0, ["token", "bert_embeddings", "a"])
