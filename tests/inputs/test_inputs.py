"""Every kind of data that is taken, every kind that is refused, and that the caller's object stays
as it is."""

from __future__ import annotations

import pickle
from collections import OrderedDict, UserDict
from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_lite.errors import InputTypeError, InputValueError, MissingExtraError
from nlu_lite.inputs import ORIGIN_INDEX, is_null, read

TEXTS = ["One two.", None, "", "Three"]


# polars and Hugging Face datasets are not among what the tests install. These two have the methods
# that matter of polars.Series and polars.DataFrame (compared by hand with polars 2.1), the next two
# those of datasets.Column and datasets.Dataset (compared by hand with datasets 5.2).
class PolarsSeries:
    def __init__(self, items):
        self._items = list(items)

    def to_list(self):
        return list(self._items)

    def __iter__(self):
        return iter(self._items)


class PolarsFrame:
    def __init__(self, data, failure=None):
        self._data, self._failure = data, failure

    @property
    def columns(self):
        return list(self._data)

    def to_pandas(self):
        if self._failure:
            raise self._failure
        return pd.DataFrame(self._data)

    def __iter__(self):
        return iter(self._data)


class DatasetColumn(Sequence):
    def __init__(self, items):
        self._items = list(items)

    def __getitem__(self, number):
        return self._items[number]

    def __len__(self):
        return len(self._items)


class Dataset:
    def __init__(self, data):
        self._data = data

    @property
    def column_names(self):
        return list(self._data)

    def to_pandas(self):
        return pd.DataFrame(self._data)


class LazyFrame:
    """A frame of a library that does not compute by itself, as dask's; to iterate over it gives the
    column names."""

    columns = ("text",)

    def __iter__(self):
        return iter(self.columns)


COLUMNS = {
    "list": list,
    "tuple": tuple,
    "generator": lambda items: (item for item in items),
    "iterator": iter,
    "range of a dictionary": lambda items: dict(enumerate(items)).values(),
    "object array": lambda items: np.array(items, dtype=object),
    "masked array": lambda items: np.ma.array(
        [item or "" for item in items], mask=[item is None for item in items]
    ),
    "series": pd.Series,
    "series of objects": lambda items: pd.Series(items, dtype=object),
    "series of strings": lambda items: pd.Series(items, dtype="string"),
    "series of Arrow strings": lambda items: pd.Series(items, dtype=pd.ArrowDtype(pa.string())),
    "series of Arrow large strings": lambda items: pd.Series(
        items, dtype=pd.ArrowDtype(pa.large_string())
    ),
    "series of an Arrow dictionary": lambda items: pd.Series(
        items, dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    ),
    "categorical series": lambda items: pd.Series(items, dtype="category"),
    "index": pd.Index,
    "pandas array": pd.array,
    "Arrow array": pa.array,
    "Arrow chunks": lambda items: pa.chunked_array([items[:1], items[1:]], type=pa.string()),
    "Arrow dictionary": lambda items: pa.array(items).dictionary_encode(),
    "polars column": PolarsSeries,
    "dataset column": DatasetColumn,
}


@pytest.mark.parametrize("make", COLUMNS.values(), ids=COLUMNS)
def test_a_column_of_texts(make):
    inputs = read(make(TEXTS))
    assert inputs.documents == TEXTS
    assert all(item is None or type(item) is str for item in inputs.documents)
    assert inputs.index.tolist() == [0, 1, 2, 3]
    assert inputs.index.name == ORIGIN_INDEX
    assert (inputs.columns, inputs.text_column) == (None, None)


def test_one_text():
    for text in ("One two.", np.str_("One two.")):
        inputs = read(text)
        assert (inputs.documents, inputs.index.tolist()) == (["One two."], [0])
        assert type(inputs.documents[0]) is str


def test_an_array_of_numpy_strings():
    inputs = read(np.array(["a", "bc", ""]))
    assert inputs.documents == ["a", "bc", ""]
    assert all(type(item) is str for item in inputs.documents)
    assert read([np.str_("a")]).documents == ["a"]
    assert read(np.array(["a", "b"], dtype=np.dtypes.StringDType())).documents == ["a", "b"]


@pytest.mark.parametrize(
    "words",
    [
        [["a", "b c"], [], None, ("d",)],
        [np.array(["a", "b c"]), (), None, np.array(["d"], dtype=object)],
        pd.Series([["a", "b c"], [], None, ["d"]]),
        pd.Series([["a", "b c"], [], None, ["d"]], dtype=pd.ArrowDtype(pa.list_(pa.string()))),
        pa.array([["a", "b c"], [], None, ["d"]]),
        PolarsSeries([["a", "b c"], [], None, ["d"]]),
        DatasetColumn([["a", "b c"], [], None, ["d"]]),
        (item for item in [["a", "b c"], [], None, ["d"]]),
    ],
    ids=[
        "lists",
        "arrays",
        "series",
        "Arrow series",
        "Arrow array",
        "polars",
        "dataset",
        "generator",
    ],
)
def test_text_that_is_split_already(words):
    assert read(words).documents == [("a", "b c"), (), None, ("d",)]


def test_split_and_whole_texts_may_stand_side_by_side():
    assert read(["a b", ["a", "b"], None]).documents == ["a b", ("a", "b"), None]


@pytest.mark.parametrize(
    "null",
    [
        None,
        np.nan,
        pd.NA,
        pd.NaT,
        float("nan"),
        np.float32("nan"),
        np.float64("nan"),
        np.datetime64("NaT"),
    ],
    ids=repr,
)
def test_nulls(null):
    assert is_null(null)
    assert read([null, "a"]).documents == [None, "a"]


@pytest.mark.parametrize(
    "item", ["", "nan", "None", 0, 0.0, False, b"", (), np.float32(0), np.str_("")], ids=repr
)
def test_what_is_no_null(item):
    assert not is_null(item)


INDEXES = {
    "range": pd.RangeIndex(5, 1, -1),
    "named": pd.Index([3, 1, 2, 0], name="key"),
    "duplicates": pd.Index(["x", "x", "y", "x"]),
    "with nulls": pd.Index([1.0, np.nan, np.nan, 2.0]),
    "dates": pd.date_range("2024-01-01", periods=4, tz="UTC", name="day"),
    "categories": pd.CategoricalIndex(["b", "a", "b", "a"]),
    "levels": pd.MultiIndex.from_tuples(
        [("a", 1), ("a", 1), ("b", 2), ("a", 3)], names=["letter", None]
    ),
    "Arrow": pd.Index(["p", "q", "q", None], dtype=pd.ArrowDtype(pa.string())),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_the_index_of_a_series_or_frame_is_kept(index):
    for data in (pd.Series(TEXTS, index=index), pd.DataFrame({"text": TEXTS}, index=index)):
        inputs = read(data)
        assert inputs.index.equals(index)
        assert inputs.index.dtype == index.dtype
        names = [name if name is not None else ORIGIN_INDEX for name in index.names]
        assert list(inputs.index.names) == (
            ["letter", "origin_index_1"] if index.nlevels > 1 else names
        )
        assert data.index.names == index.names


@pytest.mark.parametrize(
    "make",
    [pd.DataFrame, pa.table, pa.RecordBatch.from_pydict, PolarsFrame, Dataset],
    ids=["pandas", "Arrow", "batch", "polars", "dataset"],
)
def test_a_table(make):
    inputs = read(make({"id": [7, 8, 9, 9], "text": TEXTS, "score": [0.5, 1.5, 2.5, 3.5]}))
    assert inputs.documents == TEXTS
    assert inputs.text_column == "text"
    assert list(inputs.columns.columns) == ["id", "text", "score"]
    assert inputs.index.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "dtype",
    [
        object,
        "str",
        "string",
        "category",
        pd.ArrowDtype(pa.string()),
        pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string())),
    ],
    ids=str,
)
def test_the_only_text_column_is_found_whatever_its_type(dtype):
    data = pd.DataFrame(
        {"n": [1, 2], "flag": [True, False], "day": pd.to_datetime(["2024", "2025"])}
    )
    data["kind"] = pd.Categorical([1, 2])
    data["objects"] = [{}, None]
    data["body"] = pd.Series([None, "a"], dtype=dtype)
    inputs = read(data)
    assert (inputs.text_column, inputs.documents) == ("body", [None, "a"])


def test_a_frame_without_rows_keeps_its_text_column():
    data = pd.DataFrame({"n": [1, 2], "body": pd.Series(["a", "b"], dtype="str")})
    inputs = read(data[data["n"] > 5])
    assert (inputs.text_column, inputs.documents, len(inputs.index)) == ("body", [], 0)


def test_the_text_column_may_have_any_name():
    data = pd.DataFrame([["a", 1]], columns=pd.MultiIndex.from_tuples([("x", "text"), ("x", "n")]))
    assert read(data, ("x", "text")).documents == ["a"]
    assert read(pd.DataFrame({0: ["a"], 1: ["b"]}), 1).documents == ["b"]


def test_a_subclass_of_a_frame_is_a_frame():
    class Derived(pd.DataFrame):
        pass

    assert read(Derived({"text": ["a"]})).documents == ["a"]


@pytest.mark.parametrize(
    ("data", "text", "message"),
    [
        (
            {"title": ["a"], "body": ["b"], "n": [1]},
            None,
            r"2 columns hold text: \['title', 'body'\]\. Say text=",
        ),
        ({"n": [1]}, None, "no column holds text"),
        ({"n": [None]}, None, "no column holds text"),
        ({"body": ["a"]}, "Body", r"'Body' is not among the columns \['body'\]"),
        ({"body": ["a"]}, ["body"], "is not among"),
    ],
)
def test_a_frame_whose_text_column_is_not_clear(data, text, message):
    with pytest.raises(InputValueError, match=message):
        read(pd.DataFrame(data), text)


def test_a_doubled_text_column_is_not_clear():
    with pytest.raises(InputValueError, match="'text' stands more than once"):
        read(pd.DataFrame([["a", "b"]], columns=["text", "text"]))


def test_only_tables_have_a_text_column():
    for data in ("a", ["a"], pd.Series(["a"], name="body")):
        with pytest.raises(
            InputValueError, match=f"the data is a {type(data).__name__}, which has none"
        ):
            read(data, "body")


@pytest.mark.parametrize(
    "data",
    [
        3,
        2.5,
        None,
        True,
        b"bytes",
        bytearray(b"x"),
        {"a": 1},
        OrderedDict(a=1),
        UserDict(a=1),
        {"a"},
        frozenset("a"),
        object(),
        len,
    ],
    ids=lambda data: type(data).__name__,
)
def test_other_kinds_are_refused_and_the_accepted_ones_named(data):
    with pytest.raises(InputTypeError) as caught:
        read(data)
    message = str(caught.value)
    assert message.startswith(
        f"A {type(data).__name__} is not accepted. Accepted is a text, a list, tuple, generator, "
        f"NumPy array"
    )
    assert all(
        kind in message
        for kind in (
            "Series",
            "DataFrame",
            "polars",
            "Arrow",
            "Hugging Face",
            "list of words",
            "None",
        )
    )


@pytest.mark.parametrize("shape", [(), (1, 1), (2, 0)])
def test_arrays_of_other_than_one_dimension_are_refused(shape):
    with pytest.raises(InputTypeError, match=f"The array has {len(shape)} dimensions"):
        read(np.full(shape, "a"))


@pytest.mark.parametrize(
    ("item", "part"),
    [
        (3, "Item 2 is 3, a int"),
        (2.5, "Item 2 is 2.5, a float"),
        (np.int64(3), "Item 2 is np.int64(3), a int64"),
        (b"b", "Item 2 is b'b', a bytes"),
        (True, "Item 2 is True, a bool"),
        ({"a": 1}, "Item 2 is {'a': 1}, a dict"),
        (pd.Series(["a"]), "a Series"),
        (pd.Timestamp("2024"), "a Timestamp"),
        (np.array("a"), "a ndarray"),
        (["b", 4], "Item 2 is text that is split already, and its word 1 is 4, a int"),
        (["b", None], "Item 2 is text that is split already, and its word 1 is None, a NoneType"),
        ([["a"]], "its word 0 is ['a'], a list"),
        (np.array([["a"]]), "a ndarray"),
        (np.array([1, 2]), "its word 0 is np.int64(1), a int64"),
    ],
)
@pytest.mark.parametrize("make", [list, lambda items: pd.Series(items, index=[7, 7, 9]), iter])
def test_a_bad_item_is_named_with_its_position(item, part, make):
    items = np.empty(3, dtype=object)
    items[:] = ["a", None, None]
    items[2] = item
    with pytest.raises(InputTypeError) as caught:
        read(make(items.tolist() if not isinstance(item, np.ndarray) else list(items)))
    assert part in str(caught.value)
    assert "Item 2" in str(caught.value)


def of_module(module: str, bases: tuple[type, ...] = (), **members: object) -> object:
    return type("DataFrame", bases, {"__module__": module, **members})()


@pytest.mark.parametrize(
    ("module", "remedy"),
    [
        ("pyspark.sql.dataframe", r"nlu_lite\.spark\.transform\(pipe, df\)"),
        ("pyspark.sql.connect.dataframe", r"nlu_lite\.spark\.transform\(pipe, df\)"),
        ("pyspark.pandas.frame", "to_spark"),
        ("modin.pandas.dataframe", "_to_pandas"),
        ("modin.pandas.series", "_to_pandas"),
    ],
)
def test_spark_and_modin_are_refused_by_name_with_the_remedy(module, remedy):
    data = of_module(module, columns=["text"], to_pandas=lambda self: pd.DataFrame({"text": ["a"]}))
    with pytest.raises(InputTypeError, match=remedy):
        read(data)
    derived = of_module("my.library", (type(data),))
    with pytest.raises(InputTypeError, match=remedy):
        read(derived)


def test_a_frame_that_would_give_the_names_of_its_columns_is_refused():
    with pytest.raises(
        InputTypeError, match="A LazyFrame is not accepted; make it a pandas DataFrame"
    ):
        read(LazyFrame())


def test_a_table_that_needs_pyarrow_says_so():
    with pytest.raises(
        MissingExtraError,
        match=r"PolarsFrame is read through pyarrow: pip install 'nlu-lite\[arrow\]'",
    ):
        read(
            PolarsFrame(
                {"text": ["a"]}, failure=ModuleNotFoundError("pa.Table requires 'pyarrow' module")
            )
        )


@pytest.mark.parametrize(
    "data",
    [
        TEXTS,
        [["a", "b"], None, np.array(["c"])],
        np.array(["a", None, "b"], dtype=object),
        pd.Series(["a", None], index=pd.MultiIndex.from_tuples([("x", 1), ("x", 1)])),
        pd.DataFrame({"text": ["a. b", None], "token": [1, 2], "w": [["x"], ["y"]]}, index=[5, 5]),
        pa.table({"text": ["a", None], "n": [1, 2]}),
    ],
    ids=["list", "lists", "array", "series", "frame", "table"],
)
def test_the_callers_object_is_never_written_to(data, family_pipe):
    before = pickle.dumps(data)
    index = data.index if isinstance(data, (pd.Series, pd.DataFrame)) else None
    names = None if index is None else list(index.names)
    with (
        pytest.warns(UserWarning, match="token_input")
        if isinstance(data, pd.DataFrame)
        else nullcontext()
    ):
        frame = family_pipe("bert").predict(data, positions=True, metadata=True)
    frame.iloc[:, 0] = "x"
    frame["tiny_embeddings"].iloc[0][:] = 0
    assert pickle.dumps(data) == before
    if index is not None:
        assert data.index is index
        assert list(index.names) == names


PLAIN = (
    "list",
    "tuple",
    "generator",
    "iterator",
    "object array",
    "polars column",
    "dataset column",
)


@given(st.lists(st.none() | st.text(max_size=5), max_size=6), st.sampled_from(PLAIN))
def test_any_text_comes_through_unchanged(texts, kind):
    assert read(COLUMNS[kind](texts)).documents == texts


def test_an_object_whose_tolist_gives_no_list_is_read_item_by_item():
    class Column(list):
        def tolist(self):
            return iter(self)

    assert read(Column(["a", None])).documents == ["a", None]
