"""Figures of vectors, by plotly (extra ``plot``): returned, never shown; a notebook shows what a cell returns.

    frame = nlu.load("en.embed.minilm_l6").predict(texts, positions=True)
    nlu.plot.map(frame, color="token")
    nlu.plot.similarity("The bank by the river", "The bank paid")

The same frame gives the same figure every time.
"""

from __future__ import annotations

import textwrap
from collections.abc import Hashable
from html import escape
from typing import TYPE_CHECKING, Any, Never

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.errors import InputTypeError, InputValueError, MissingExtraError, OptionError
from nlu_lite.flow import similarity as nearness
from nlu_lite.frame import LEVELS, vector_columns, vectors
from nlu_lite.options import refuse_unknown
from nlu_lite.plot.projection import project

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline

__all__ = ["map", "similarity"]

# Browsers stay quick up to here; beyond, a sample is drawn.
MOST_POINTS = 50_000
# A page has few WebGL drawings to give, so small figures do without.
MOST_SVG_POINTS = 2_000
# Beyond so many, nobody tells colours apart; the rarest are drawn as one.
MOST_CATEGORIES = 24
# Up to here plotly's own colours are all different.
MOST_PLAIN_COLOURS = 10
# Characters of one value under the mouse, and of a line of a title, which plotly does not wrap.
LONGEST_HOVER = 120
LONGEST_TITLE = 80
# Pixels: a row of a heat map whose word can be read, what stands around the rows, and plotly's own
# height of a figure.
ROW, AROUND, USUAL_HEIGHT = 18, 200, 450
DEFAULT = "en.embed.minilm_l6"


def map(  # noqa: A001 - nlu.plot.map is its name
    df: pd.DataFrame,
    *,
    color: Hashable | None = None,
    method: Any = "pca",  # noqa: ANN401 - a name or any object with fit_transform
    dims: int = 2,
    column: Hashable | None = None,
    title: str | None = None,
    **unknown: Never,
) -> Any:  # noqa: ANN401 - plotly.graph_objects.Figure
    """A scatter of words, sentences, documents or chunks: near points have near vectors.

    Under the mouse each point shows what it stands for, its sentence (of words with
    ``positions=True``), where it stands, and the frame's other columns. Rows without a vector are
    left out, of more than 50,000 rows a fixed random sample is drawn, and the title says both.

    Args:
        df: A frame with vectors, as ``predict`` gives, filtered or joined as you like.
        color: The column, or name of the index, that colours the points: numbers by a scale,
            anything else by categories, the 23 most frequent of them and the others as one.
        method: ``pca``, ``umap`` (extra ``umap``), or an object with ``fit_transform``, such as
            scikit-learn's ``TSNE()``.
        dims: 2 or 3.
        column: Which vector column, where there are several.
        title: In front of what else the title says.
        **unknown: Refused.

    Returns:
        A ``plotly.graph_objects.Figure``.

    Raises:
        MissingExtraError: plotly (extra ``plot``) or umap-learn (extra ``umap``) is not installed.
        InputTypeError: ``df`` is no frame.
        InputValueError: ``color`` is no column, no row has a vector, or it is not clear which
            column is meant.
        OptionError: ``method`` or ``dims`` is outside what is valid.

    Example:
        >>> import nlu_lite as nlu
        >>> frame = nlu.load("en.embed.minilm_l6").predict(["I love NLP"], positions=True)
        >>> figure = nlu.plot.map(frame, color="token")
        >>> [trace.name for trace in figure.data]
        ['I', 'NLP', 'love']
    """
    refuse_unknown(unknown, ("color", "method", "dims", "column", "title"), where="plot.map")
    go = _plotly()
    if not isinstance(df, pd.DataFrame):
        raise InputTypeError(
            f"plot.map draws a DataFrame with vectors, as predict gives; this is a "
            f"{type(df).__name__}."
        )
    if isinstance(dims, bool) or dims not in (2, 3):
        raise OptionError(f"dims is {dims!r}; valid are 2 and 3.")
    colors = None if color is None else _values(df, color)
    matrix = vectors(df, column)
    rows, remarks = _drawn(matrix)
    points = project(matrix[rows], dims, method)
    hover = _hover(df, rows)
    figure = go.Figure()
    groups = _groups(colors, rows, color)
    for name, members, look in groups:
        figure.add_trace(
            _trace(_kind(go, dims, len(rows)), points[members], hover[members], name, look)
        )
    axes = [
        f"{method.upper() if isinstance(method, str) else type(method).__name__} {n + 1}"
        for n in range(dims)
    ]
    figure.update_layout(
        title=_wrapped(". ".join(filter(None, [title, *remarks]))), hovermode="closest"
    )
    named: dict[str, Any] = {
        f"{axis}axis": {"title": label} for axis, label in zip("xyz", axes, strict=False)
    }
    if dims == 3:
        # A step back from the cube, and the room that margins have elsewhere: so its axes are not
        # cut.
        scene = named | {"camera": {"eye": {"x": 1.5, "y": 1.5, "z": 1.1}}}
        named = {"scene": scene, "margin": {"l": 0, "r": 0, "b": 0, "t": 60}}
    figure.update_layout(**named)
    if color is not None:
        figure.update_layout(
            legend={"title": {"text": escape(str(color))}, "itemsizing": "constant"}
        )
    if len(groups) > MOST_PLAIN_COLOURS:
        figure.update_layout(colorway=_many_colours())
    return figure


def similarity(
    a: Any,  # noqa: ANN401 - a text or a frame
    b: Any,  # noqa: ANN401
    *,
    pipe: Pipeline | str = DEFAULT,
    measure: str = "cosine",
    column: Hashable | None = None,
    title: str | None = None,
    **unknown: Never,
) -> Any:  # noqa: ANN401 - plotly.graph_objects.Figure
    """A heat map of two texts: how near each word of one is to each word of the other.

    Args:
        a: A text, or a frame with vectors of any level; its rows go down.
        b: Likewise; its rows go across.
        pipe: What gives the words of texts their vectors: a pipeline or a reference; frames have
            theirs.
        measure: ``cosine``, ``dot`` or ``euclidean`` (the distance below zero).
        column: Which vector column, where there are several.
        title: Of the figure.
        **unknown: Refused.

    Returns:
        A ``plotly.graph_objects.Figure``; ``figure.data[0].z`` has shape (words of a, words of b).

    Raises:
        MissingExtraError: plotly (extra ``plot``) is not installed.
        InputTypeError: ``a`` or ``b`` is neither a text nor a frame.
        InputValueError: A text has no word, the vectors differ in width, or it is not clear which
            column is meant.
        OptionError: ``measure`` is none that exists.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.plot.similarity("I love NLP", "You like it").data[0].z.shape
        (3, 3)
    """
    refuse_unknown(unknown, ("pipe", "measure", "column", "title"), where="plot.similarity")
    go = _plotly()
    down, across = (_frame(data, pipe) for data in (a, b))
    near = nearness.measured(vectors(down, column), vectors(across, column), measure)
    names = [[str(name) for name in nearness.labels(frame)] for frame in (down, across)]
    # Numbers as places and words as their labels: a word that stands twice has two rows.
    figure = go.Figure(
        go.Heatmap(
            z=near,
            hovertext=[
                [f"{_text(left)} - {_text(right)}" for right in names[1]] for left in names[0]
            ],
            hovertemplate="%{hovertext}<br>%{z:.3f}<extra></extra>",
            coloraxis="coloraxis",
        )
    )
    figure.update_xaxes(
        tickvals=list(range(len(names[1]))), ticktext=[_text(name) for name in names[1]]
    )
    figure.update_yaxes(
        tickvals=list(range(len(names[0]))),
        ticktext=[_text(name) for name in names[0]],
        autorange="reversed",
    )
    scale = (
        {"cmin": -1, "cmax": 1, "colorscale": "RdBu", "reversescale": True}
        if measure == "cosine"
        else {}
    )
    figure.update_layout(coloraxis={"colorbar": {"title": measure}, **scale}, title=_wrapped(title))
    if (height := ROW * len(down) + AROUND) > USUAL_HEIGHT:
        figure.update_layout(height=height)
    return figure


def _plotly() -> Any:  # noqa: ANN401 - a module
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise MissingExtraError("Figures need plotly: pip install 'nlu-lite[plot]'.") from error
    return go


def _many_colours() -> list[str]:
    from plotly.colors import qualitative

    return list(qualitative.Dark24)


def _wrapped(title: str | None) -> str | None:
    return "<br>".join(textwrap.wrap(title, LONGEST_TITLE)) if title else None


def _frame(data: Any, pipe: Any) -> pd.DataFrame:  # noqa: ANN401
    if isinstance(data, pd.DataFrame):
        return data
    if not isinstance(data, str):
        raise InputTypeError(
            f"plot.similarity compares two texts or two frames with vectors; this is a "
            f"{type(data).__name__}."
        )
    if not data.strip():
        raise InputValueError("A text for plot.similarity has no word in it; give one that has.")
    if isinstance(pipe, str):
        from nlu_lite.loading import load

        pipe = load(pipe)
    return pipe.predict(data, "token")  # type: ignore[no-any-return]


def _values(df: pd.DataFrame, name: Hashable) -> pd.Series[Any]:
    """A column, or a level of the index, with the frame's rows numbered."""
    columns: list[Hashable] = list(df.columns)
    if columns.count(name) == 1:
        return pd.Series(df.iloc[:, columns.index(name)].array)
    if name in df.index.names:
        return pd.Series(df.index.get_level_values(list(df.index.names).index(name)))
    known = [*columns, *(level for level in df.index.names if level is not None)]
    raise InputValueError(
        f"color is {name!r}, which must stand once among the columns and names of the index "
        f"{known}."
    )


def _drawn(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int64], list[str]]:
    """Numbers of the rows to draw, and what the title must say about the others."""
    rows = np.flatnonzero(~np.isnan(matrix).any(axis=1))
    remarks = []
    if lost := len(matrix) - len(rows):
        remarks.append(
            f"{lost:,} rows without a vector left out"
            if lost > 1
            else "1 row without a vector left out"
        )
    if len(rows) > MOST_POINTS:
        remarks.insert(0, f"A sample of {MOST_POINTS:,} of {len(rows):,} rows")
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_POINTS, replace=False))
    return rows, remarks


def _groups(
    colors: pd.Series[Any] | None, rows: NDArray[np.int64], name: Hashable | None
) -> list[tuple[str | None, NDArray[np.int64], dict[str, Any]]]:
    """The traces, the lowest first: name, places among the drawn rows, and how they look."""
    everything = np.arange(len(rows))
    if colors is None:
        return [(None, everything, {})]
    shown = colors.iloc[rows]
    if pd.api.types.is_numeric_dtype(shown.dtype) and not pd.api.types.is_bool_dtype(shown.dtype):
        values = shown.to_numpy(dtype=np.float64, na_value=np.nan)
        bar = {"title": escape(str(name))}
        scale = {"color": values, "colorscale": "Viridis", "colorbar": bar, "showscale": True}
        return [(None, everything, {"marker": scale})]
    texts = shown.astype(object).where(shown.notna(), "missing").map(str).to_numpy()
    kinds, number, counts = np.unique(texts.astype(object), return_inverse=True, return_counts=True)
    if len(kinds) <= MOST_CATEGORIES:
        return [
            (str(kind), np.flatnonzero(number == place), {}) for place, kind in enumerate(kinds)
        ]
    frequent = np.sort(np.argsort(-counts, kind="stable")[: MOST_CATEGORIES - 1])
    groups: list[tuple[str | None, NDArray[np.int64], dict[str, Any]]]
    groups = [(str(kinds[place]), np.flatnonzero(number == place), {}) for place in frequent]
    others = np.flatnonzero(~np.isin(number, frequent))
    # Under all points, and at the end of the legend.
    look = {"marker": {"color": "lightgrey"}, "legendrank": 2_000}
    return [(f"{len(kinds) - len(frequent):,} others", others, look), *groups]


def _kind(go: Any, dims: int, rows: int) -> Any:  # noqa: ANN401
    """What draws the points of a figure of so many rows, in all its traces."""
    if dims == 3:
        return go.Scatter3d
    return go.Scatter if rows <= MOST_SVG_POINTS else go.Scattergl


def _trace(
    kind: Any,  # noqa: ANN401
    points: NDArray[np.float64],
    hover: NDArray[np.object_],
    name: str | None,
    look: dict[str, Any],
) -> Any:  # noqa: ANN401
    """One scatter of points."""
    size: dict[str, Any] = {"size": 3} if points.shape[1] == 3 else {"size": 7, "opacity": 0.8}
    return kind(
        **dict(zip("xyz", points.T, strict=False)),
        **look | {"marker": size | look.get("marker", {})},
        mode="markers",
        name=None if name is None else _text(name),
        showlegend=name is not None,
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(df: pd.DataFrame, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """What each drawn row shows under the mouse, one line a column, the unit first and in bold."""
    unit = nearness.label_column(df)
    hidden = {*vector_columns(df), unit}
    names = [place for place, name in enumerate(df.columns) if name not in hidden]
    names_of_unit = pd.Series(nearness.labels(df)).iloc[rows].map(_text)
    lines = "<b>" + names_of_unit.to_numpy(dtype=object) + "</b>"
    if (sentences := _sentences(df)) is not None:
        shown = sentences.iloc[rows].map(
            lambda text: f"<br>sentence: {_text(text)}" if text else ""
        )
        lines = lines + shown.to_numpy(dtype=object)
    for place in names:
        values = df.iloc[rows, place].map(_text).to_numpy(dtype=object)
        lines = lines + f"<br>{_text(df.columns[place])}: " + values
    return np.asarray(lines, dtype=object)


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    """A value as plotly shows it: its markup taken literally, not too long."""
    text = (
        ""
        if value is None or value is pd.NA or (isinstance(value, float) and value != value)
        else str(value)
    )
    return escape(
        text if len(text) <= LONGEST_HOVER else f"{text[: LONGEST_HOVER - 3]}...", quote=False
    )


def _sentences(df: pd.DataFrame) -> pd.Series[Any] | None:
    """The sentence of each word, put together from its words that are in the frame; None where that is not known.

    Words of one sentence stand next to each other; where some before or between them were filtered
    out there are three dots. A word without any other of its sentence has an empty text: it would
    say nothing more.
    """
    needed = {"token", "sentence_index", "token_index"}
    if not needed <= set(df.columns) or set(LEVELS[1:]) & set(df.columns):
        return None
    index = pd.Series(pd.factorize(df.index)[0])
    place, sentence = (
        df[name].reset_index(drop=True).astype("Float64")
        for name in ("token_index", "sentence_index")
    )
    step = place.diff()
    new = (index.diff() != 0) | (sentence.diff() != 0) | (step <= 0)
    new = new.fillna(True).astype(bool)
    words = (
        df["token"].reset_index(drop=True).astype(object).where(df["token"].notna().to_numpy(), "")
    )
    gap = step.mask(new, place + 1).gt(1).fillna(False).astype(bool)
    number = new.cumsum()
    joined = (gap.map({True: "... ", False: ""}) + words).groupby(number).transform(" ".join)
    return joined.mask(number.groupby(number).transform("size") == 1, "")
