"""Properties over texts, options, levels and kinds of index: what holds for every frame, whatever
is asked for."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlu_lite as nlu
from nlu_lite.text import SparkTokenizer
from tests.helpers.equal import assert_equal
from tests.helpers.fuzz import examples
from tests.helpers.pipelines import pipeline_of
from tests.text.test_segmenter import ANY_TEXT

LEVELS = ("token", "sentence", "document", "chunk")
W, S = "w_embeddings", "s_embeddings"
WORDLY = st.lists(
    st.sampled_from(
        [
            "The",
            "bank",
            "“closed”",
            "$5.50",
            "it’s",
            "北京",
            "e\u0301",
            "👍🏽",
            ".",
            "!",
            "…",
            "\n",
            "supercalifragilistic",
        ]
    ),
    max_size=25,
).map(" ".join)
DOCUMENT = (
    ANY_TEXT
    | WORDLY
    | st.none()
    | st.sampled_from(["", " "])
    | st.lists(st.text(max_size=6), max_size=5)
)


def indexes(length: int) -> st.SearchStrategy[pd.Index]:
    numbers = st.lists(st.integers(0, 3), min_size=length, max_size=length)
    return st.one_of(
        st.just(pd.RangeIndex(length)),
        numbers.map(lambda some: pd.Index(some, name="key")),
        numbers.map(lambda some: pd.Index([f"k{n}" if n else None for n in some])),
        numbers.map(
            lambda some: pd.MultiIndex.from_arrays([some, some[::-1]], names=["one", None])
        ),
        numbers.map(lambda some: pd.CategoricalIndex(some, categories=[3, 2, 1, 0])),
        numbers.map(lambda some: pd.to_datetime(pd.Index(some), unit="D")),
    )


@st.composite
def data_of(draw: st.DrawFn) -> pd.Series | pd.DataFrame:
    documents = np.empty(draw(st.integers(0, 5)), dtype=object)
    documents[:] = [draw(DOCUMENT) for _ in documents]
    series = pd.Series(documents, index=draw(indexes(len(documents))), dtype=object)
    return (
        series if draw(st.booleans()) else pd.DataFrame({"id": range(len(series)), "text": series})
    )


OPTIONS = st.fixed_dictionaries(
    {
        "words": st.sampled_from(
            ["standard", "spark", "unicode", "model", SparkTokenizer(exceptions=["The bank"])]
        ),
        "sentences": st.sampled_from(["auto", "spark", None]),
        "word_pooling": st.sampled_from(["first", "last", "mean", "max"]),
        "max_length": st.sampled_from([None, 5, 16]),
        "stride": st.sampled_from([None, 0, 2]),
        "layers": st.sampled_from([-1, 0, (1, -1)]),
        "layer_pooling": st.sampled_from(["mean", "concat"]),
        "normalize": st.sampled_from([None, True]),
        "dimensions": st.sampled_from([None, 7]),
    }
)
PREDICT = st.fixed_dictionaries(
    {"level": st.sampled_from(LEVELS), "aggregate": st.sampled_from(["mean", "sum", "max", None])}
)


@pytest.fixture(scope="module")
def pipe_with(family_folder):
    models = ("w", family_folder("bert"), "embed"), ("s", family_folder("bert"), "embed_sentence")
    return lambda **options: pipeline_of(*models, **options)


@pytest.fixture(scope="module")
def words(family_folder):
    return pipeline_of(("w", family_folder("bert"), "embed"))


def texts_of(data) -> list[str]:
    documents = data["text"] if isinstance(data, pd.DataFrame) else data
    return [
        "" if text is None else text if isinstance(text, str) else " ".join(text)
        for text in documents
    ]


def chunks_of(level: str) -> dict:
    return {"chunks": lambda text: [(0, (len(text) + 1) // 2)]} if level == "chunk" else {}


def same(left: object, right: object) -> bool:
    return left == right or (pd.isna(left) and pd.isna(right))


@examples(300)
@given(data=data_of(), options=OPTIONS, asked=PREDICT)
def test_every_frame(pipe_with, data, options, asked):
    pipe, level, texts = pipe_with(**options), asked["level"], texts_of(data)
    before = pickle.dumps(data)
    frame = pipe.predict(
        data,
        level,
        text=None if isinstance(data, pd.Series) else "text",
        aggregate=asked["aggregate"],
        positions=True,
        metadata=True, **chunks_of(level),
    )  # fmt: skip
    assert pickle.dumps(data) == before

    # The index is the caller's, repeated, in the caller's order, and no text loses its key.
    documents = data["text"] if isinstance(data, pd.DataFrame) else data
    cut = pipe.flow.segment([tuple(item) if isinstance(item, list) else item for item in documents])
    rows = expected_rows(level, cut, texts)
    place = [document for document, _, _ in rows]
    assert set(place) == set(range(len(texts)))
    assert all(
        same(left, right)
        for left, right in zip(frame.index.tolist(), data.index[place].tolist(), strict=True)
    )
    assert frame.index.dtype == data.index.dtype
    if isinstance(data, pd.DataFrame):
        assert frame["id"].tolist() == place

    # Each row shows its unit, whose begin and end slice it out of the caller's text; a text without
    # one has a row of nulls.
    for unit, begin, end, (document, first, last) in zip(
        frame[level], frame["begin"], frame["end"], rows, strict=True
    ):
        if first is None:
            assert all(pd.isna(cell) for cell in (unit, begin, end))
        else:
            assert (begin, end) == (first, last - 1)
            assert unit == texts[document][begin : end + 1]

    # Vectors are finite, of one length and type, and there for every unit in which the model sees
    # something.
    for name in (W, S):
        cells = [cell for cell in frame[name] if cell is not None]
        assert all(cell.dtype == np.float32 and np.isfinite(cell).all() for cell in cells)
        assert len({cell.shape[-1] for cell in cells}) <= 1
        assert all(
            cell is None for cell, row in zip(frame[name], rows, strict=True) if row[1] is None
        )
    assert all(
        cell is not None for cell, row in zip(frame[S], rows, strict=True) if row[1] is not None
    )
    no_piece = frame["piece_count"].fillna(0) == 0
    if level == "token":
        assert [cell is None for cell in frame[W]] == no_piece.tolist()
    assert {len(key) for key in [frame.columns]} == {len(set(frame.columns))}


def expected_rows(level, cut, texts):
    """Document, begin and half-open end of each row, by plain loops over what the rules for text
    say."""
    rows = []
    for document, text in enumerate(texts):
        own = []
        if level == "token":
            pairs = zip(cut.word_document, cut.word_begin, cut.word_end, strict=True)
            own = [
                (document, int(begin), int(end))
                for number, begin, end in pairs
                if number == document
            ]
        elif level == "sentence":
            pairs = zip(cut.sentence_document, cut.sentence_begin, cut.sentence_end, strict=True)
            own = [
                (document, int(begin), int(end))
                for number, begin, end in pairs
                if number == document
            ]
        elif text.strip():
            own = [(document, 0, len(text) if level == "document" else (len(text) + 1) // 2)]
        rows += own or [(document, None, None)]
    return rows


@examples(80)
@given(texts=st.lists(ANY_TEXT | WORDLY, min_size=1, max_size=4), options=OPTIONS)
def test_a_words_vector_is_the_same_at_every_level(pipe_with, texts, options):
    """A chunk of one word has the word's vector, and so has a row of the matrix of a sentence or
    document."""
    pipe = pipe_with(**options)
    tokens = pipe.predict(texts, positions=True).dropna(subset=["begin"])
    spans = {
        number: list(zip(own["begin"], own["end"] + 1, strict=True))
        for number, own in tokens.groupby(level=0)
    }
    at = {text: spans.get(number, []) for number, text in enumerate(texts)}
    chunks = pipe.predict(texts, "chunk", chunks=lambda text: at[text], positions=True).dropna(
        subset=["begin"]
    )
    assert chunks["chunk"].tolist() == tokens["token"].tolist()
    assert_same_cells(chunks[W], tokens[W])
    rows = [cell for cell in tokens[W] if cell is not None]
    for level in ("sentence", "document"):
        matrices = [
            cell for cell in pipe.predict(texts, level, aggregate=None)[W] if cell is not None
        ]
        assert_same_cells([row for matrix in matrices for row in matrix], rows)


def assert_same_cells(found, wanted):
    found, wanted = list(found), list(wanted)
    assert [cell is None for cell in found] == [cell is None for cell in wanted]
    if some := [cell for cell in wanted if cell is not None]:
        assert_equal(np.stack([cell for cell in found if cell is not None]), np.stack(some))


@examples(80)
@given(
    texts=st.lists(DOCUMENT, min_size=1, max_size=6),
    options=OPTIONS,
    level=st.sampled_from(LEVELS),
    chance=st.randoms(use_true_random=False),
)
def test_a_result_does_not_depend_on_batch_and_order(pipe_with, texts, options, level, chance):
    pipe = pipe_with(**options)
    together = pipe.predict(texts, level, **chunks_of(level))
    order = list(range(len(texts)))
    chance.shuffle(order)
    shuffled = pipe.predict([texts[place] for place in order], level, **chunks_of(level))
    for position, place in enumerate(order):
        alone = pipe.predict([texts[place]], level, **chunks_of(level))
        for other in (together.loc[[place]], shuffled.loc[[position]]):
            assert other[level].fillna("").tolist() == alone[level].fillna("").tolist()
            for name in (W, S):
                assert_same_cells(other[name], alone[name])


@examples(80)
@given(texts=st.lists(DOCUMENT, max_size=5), data=st.data())
def test_rows_are_those_of_the_texts_whatever_else_is_carried(words, texts, data):
    frame = pd.DataFrame({"text": pd.Series(texts, dtype=object), "a": 1, "b": "x"})
    wanted = words.predict(texts)
    keep = data.draw(st.sampled_from([True, False, ["a"], ["b", "text"], []]))
    found = words.predict(frame, text="text", keep=keep)
    assert found["token"].fillna("").tolist() == wanted["token"].fillna("").tolist()
    assert found.index.tolist() == wanted.index.tolist()
    assert_same_cells(found[W], wanted[W])


@examples(80)
@given(texts=st.lists(DOCUMENT, max_size=5))
def test_encode_and_the_document_level_agree(pipe_with, texts):
    pipe = pipe_with()
    matrix, frame = pipe.encode(texts), pipe.predict(texts, "document")
    assert matrix.shape == (len(texts), 64)
    for name, part in ((W, matrix[:, :32]), (S, matrix[:, 32:])):
        assert [cell is None for cell in frame[name]] == np.isnan(part).any(axis=1).tolist()
        assert_same_cells(
            [cell for cell in frame[name] if cell is not None],
            list(part[~np.isnan(part).any(axis=1)]),
        )


@examples(100)
@given(texts=st.lists(DOCUMENT, min_size=1, max_size=5), data=st.data())
def test_vectors_are_the_cells_however_the_frame_was_cut(words, texts, data):
    frame = words.predict(texts)
    some = frame.iloc[data.draw(st.lists(st.integers(0, len(frame) - 1), min_size=1, max_size=8))]
    if some[W].isna().all():
        return
    matrix = nlu.vectors(some, W)
    assert (matrix.shape, matrix.dtype) == ((len(some), 32), np.float32)
    for row, cell in zip(matrix, some[W], strict=True):
        assert np.isnan(row).all() if cell is None else (row == cell).all()
