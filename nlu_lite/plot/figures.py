"""Figures of vectors, by plotly (extra ``plot``).

They are returned, never shown; a notebook shows what a cell returns.

    frame = nlu.load("en.embed.minilm_l6").predict(texts, positions=True)
    nlu.plot.map(frame, color="token")
    nlu.plot.similarity("The bank by the river", "The bank paid")

The same frame gives the same figure every time.
"""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Never

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import Floats, Ints, refuse_unknown
from nlu_lite.errors import (
    InputTypeError,
    InputValueError,
    MissingExtraError,
    OptionError,
    brief,
)
from nlu_lite.flow import label_column, row_labels, vector_similarity
from nlu_lite.frame import vectors
from nlu_lite.loading import load
from nlu_lite.plot.groups import Group, find_colours, group_points
from nlu_lite.plot.hover import hover_texts
from nlu_lite.plot.projection import project
from nlu_lite.plot.values import show_value

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline

# Browsers stay quick up to here; beyond, a sample is drawn.
MOST_POINTS = 50_000
# A page has few WebGL drawings to give, so small figures do without.
MOST_SVG_POINTS = 2_000
# Up to here plotly's own colours are all different.
MOST_PLAIN_COLOURS = 10
# Characters of a line of a title, which plotly does not wrap.
LONGEST_TITLE = 80
# Pixels: a row of a heat map whose word can be read, what stands around the rows, and plotly's own
# height of a figure.
ROW_HEIGHT, MARGIN_HEIGHT, USUAL_HEIGHT = 18, 200, 450
# What a row is called, by the name of its level.
UNITS = {"token": "word", "sentence": "sentence", "document": "text", "chunk": "chunk"}
# Colours of a heat map, where the measure has a least and a greatest value.
SCALES: dict[str, dict[str, Any]] = {
    "cosine": {"cmin": -1, "cmax": 1, "colorscale": "RdBu", "reversescale": True},
}
# Rows and columns of a heat map whose numbers have room in their cells.
MOST_NUMBERS = 12
DEFAULT = "en.embed.minilm_l6"


def map(  # noqa: A001 - nlu.plot.map is its name
    df: pd.DataFrame,
    *,
    color: Hashable | None = None,
    method: Any = "pca",  # noqa: ANN401 - a name or any object with fit_transform
    dims: int = 2,
    column: Hashable | None = None,
    title: str | None = None,
    template: Any = None,  # noqa: ANN401 - a name, or a template of plotly
    **unknown: Never,
) -> Any:  # noqa: ANN401 - plotly.graph_objects.Figure
    """A scatter of words, sentences, documents or chunks: near points have near vectors.

    Under the mouse each point shows what it stands for and the frame's other columns. A word also
    shows the text around it, where the frame has the texts (``keep="all"``) or the words beside it
    (``positions=True``). Rows without a vector are left out, of more than 50,000 rows a fixed
    random sample is drawn, and the title says both. A frame in which no row has a vector gives a
    figure without points.

    Args:
        df: A frame with vectors, as ``predict`` gives, filtered or joined as you like.
        color: The column, or name of the index, that colours the points: numbers by a scale,
            anything else by categories, the 23 most frequent of them and the others as one.
        method: ``pca``, ``umap`` (extra ``umap``), or an object with ``fit_transform``, such as
            scikit-learn's ``TSNE()``.
        dims: 2 or 3.
        column: Which vector column, where there are several.
        title: In front of what else the title says; without it how many points of what.
        template: Of plotly, such as ``plotly_dark``; None: the default of plotly, which
            ``plotly.io.templates.default`` sets.
        **unknown: Refused.

    Returns:
        A ``plotly.graph_objects.Figure``.

    Raises:
        MissingExtraError: plotly (extra ``plot``) or umap-learn (extra ``umap``) is not installed.
        InputTypeError: ``df`` is no frame.
        InputValueError: ``color`` is no column, or it is not clear which column is meant.
        OptionError: ``method``, ``dims`` or ``template`` is outside what is valid.

    Example:
        >>> import nlu_lite as nlu
        >>> frame = nlu.load("en.embed.minilm_l6").predict(["I love NLP"], positions=True)
        >>> figure = nlu.plot.map(frame, color="token")
        >>> [trace.name for trace in figure.data]
        ['I', 'NLP', 'love']
    """
    valid = ("color", "method", "dims", "column", "title", "template")
    refuse_unknown(unknown, valid, where="plot.map")
    go = _import_plotly()
    if not isinstance(df, pd.DataFrame):
        raise InputTypeError(
            f"plot.map draws a DataFrame with vectors, as predict gives; this is a "
            f"{type(df).__name__}."
        )
    if isinstance(dims, bool) or dims not in (2, 3):
        raise OptionError(f"dims is {dims!r}; valid are 2 and 3.")
    colours = find_colours(df, color)
    matrix = vectors(df, column)
    rows, remarks = _choose_rows(matrix)
    points = project(matrix[rows], dims, method) if len(rows) else np.zeros((0, dims))
    groups = group_points(colours, rows, color)
    hover = hover_texts(df, rows)
    scatter = _scatter_class(go, dims, len(rows))
    figure = go.Figure([_trace(scatter, points, hover, group) for group in groups])
    _set_template(figure, template)
    if title is None:
        title = f"{_count(df, len(rows))} by {_method_name(method)}"
    whole_title = _wrap_title(". ".join(filter(None, [title, *remarks])))
    figure.update_layout(title=whole_title, hovermode="closest", **_axes(method, dims))
    if color is not None:
        legend = {"title": {"text": escape(str(color))}, "itemsizing": "constant"}
        figure.update_layout(legend=legend)
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
    template: Any = None,  # noqa: ANN401 - a name, or a template of plotly
    **unknown: Never,
) -> Any:  # noqa: ANN401 - plotly.graph_objects.Figure
    """A heat map of two texts: how near each word of one is to each word of the other.

    Up to twelve words a side have their numbers written in.

    Args:
        a: A text, or a frame with vectors of any level; its rows go down.
        b: A text or a frame as well; its rows go across.
        pipe: What gives the words of texts their vectors: a pipeline or a reference; frames have
            theirs.
        measure: ``cosine``, ``dot`` or ``euclidean`` (the distance below zero).
        column: Which vector column, where there are several.
        title: Of the figure; without it the measure, and what it compares.
        template: As for ``map``.
        **unknown: Refused.

    Returns:
        A ``plotly.graph_objects.Figure``; ``figure.data[0].z`` has shape (words of a, words of b).

    Raises:
        MissingExtraError: plotly (extra ``plot``) is not installed.
        InputTypeError: ``a`` or ``b`` is neither a text nor a frame.
        InputValueError: A text has no word, the vectors differ in width, or it is not clear which
            column is meant.
        OptionError: ``measure`` or ``template`` is none that exists.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.plot.similarity("I love NLP", "You like it").data[0].z.shape
        (3, 3)
    """
    valid = ("pipe", "measure", "column", "title", "template")
    refuse_unknown(unknown, valid, where="plot.similarity")
    go = _import_plotly()
    down, across = (_read_frame(data, pipe) for data in (a, b))
    similarities = vector_similarity(vectors(down, column), vectors(across, column), measure)
    names_down, names_across = (
        [show_value(str(name)) for name in row_labels(frame)] for frame in (down, across)
    )
    hover = [[f"{left} - {right}" for right in names_across] for left in names_down]
    figure = go.Figure(
        go.Heatmap(
            z=similarities,
            hovertext=hover,
            hovertemplate="%{hovertext}<br>%{z:.3f}<extra></extra>",
            texttemplate="%{z:.2f}" if max(similarities.shape) <= MOST_NUMBERS else None,
            coloraxis="coloraxis",
        )
    )
    _set_template(figure, template)
    if title is None:
        title = f"{measure.capitalize()} of {_count(down)} by {_count(across)}"
    figure.update_xaxes(_word_axis(names_across))
    figure.update_yaxes(_word_axis(names_down), autorange="reversed")
    scale = {"colorbar": {"title": measure}} | SCALES.get(measure, {})
    figure.update_layout(coloraxis=scale, title=_wrap_title(title))
    height = ROW_HEIGHT * len(down) + MARGIN_HEIGHT
    if height > USUAL_HEIGHT:
        figure.update_layout(height=height)
    return figure


def _word_axis(names: Sequence[str]) -> dict[str, Any]:
    """Numbers with words as their labels: a word that stands twice has two rows."""
    return {"tickvals": list(range(len(names))), "ticktext": names}


def _import_plotly() -> Any:  # noqa: ANN401 - a module
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise MissingExtraError("Figures need plotly: pip install 'nlu-lite[plot]'.") from error
    return go


def _set_template(figure: Any, template: Any) -> None:  # noqa: ANN401
    """Give a figure a template; without one it has plotly's default, as every figure.

    Raises:
        OptionError: Plotly has none of that name.
    """
    if template is None:
        return
    try:
        figure.update_layout(template=template)
    except (ValueError, TypeError) as error:
        import plotly.io

        raise OptionError(
            f"template is {brief(template)}; valid are {', '.join(sorted(plotly.io.templates))}, "
            f"or a template of plotly."
        ) from error


def _count(df: pd.DataFrame, count: int | None = None) -> str:
    """How many units of which kind a figure shows."""
    count = len(df) if count is None else count
    unit = UNITS.get(str(label_column(df)), "row")
    return f"{count:,} {unit}{'s' * (count != 1)}"


def _method_name(method: Any) -> str:  # noqa: ANN401 - a name or a reducer
    return method.upper() if isinstance(method, str) else type(method).__name__


def _many_colours() -> list[str]:
    from plotly.colors import qualitative

    return list(qualitative.Dark24)


def _wrap_title(title: str | None) -> str | None:
    return "<br>".join(textwrap.wrap(title, LONGEST_TITLE)) if title else None


def _read_frame(data: Any, pipe: Pipeline | str) -> pd.DataFrame:  # noqa: ANN401
    if isinstance(data, pd.DataFrame):
        return data
    if not isinstance(data, str):
        raise InputTypeError(
            f"plot.similarity compares two texts or two frames with vectors; this is a "
            f"{type(data).__name__}."
        )
    if not data.strip():
        raise InputValueError("A text for plot.similarity has no word in it; give one that has.")
    pipeline = load(pipe) if isinstance(pipe, str) else pipe
    return pipeline.predict(data, "token")


def _choose_rows(matrix: Floats) -> tuple[Ints, list[str]]:
    """Numbers of the rows to draw, and what the title must say about those left out."""
    rows = np.flatnonzero(~np.isnan(matrix).any(axis=1))
    missing = len(matrix) - len(rows)
    remarks = []
    if missing:
        remarks.append(f"{missing:,} row{'s' * (missing > 1)} without a vector left out")
    if len(rows) <= MOST_POINTS:
        return rows, remarks
    sample = np.random.default_rng(0).choice(rows, MOST_POINTS, replace=False)
    return np.sort(sample), [f"A sample of {MOST_POINTS:,} of {len(rows):,} rows", *remarks]


def _scatter_class(go: Any, dims: int, count: int) -> Any:  # noqa: ANN401
    """What draws so many points, in all traces of a figure."""
    if dims == 3:
        return go.Scatter3d
    return go.Scatter if count <= MOST_SVG_POINTS else go.Scattergl


def _trace(
    scatter: Any,  # noqa: ANN401 - a class of plotly
    points: NDArray[np.float64],
    hover: NDArray[np.object_],
    group: Group,
) -> Any:  # noqa: ANN401
    dims = points.shape[1]
    marker: dict[str, Any] = {"size": 3} if dims == 3 else {"size": 7, "opacity": 0.8}
    style = group.style | {"marker": marker | group.style.get("marker", {})}
    return scatter(
        **dict(zip("xyz", points[group.members].T, strict=False)),
        **style,
        mode="markers",
        name=None if group.name is None else show_value(group.name),
        showlegend=group.name is not None,
        hovertext=hover[group.members],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _axes(method: Any, dims: int) -> dict[str, Any]:  # noqa: ANN401 - a name or a reducer
    name = _method_name(method)
    axes: dict[str, Any] = {
        f"{axis}axis": {"title": f"{name} {number}"}
        for number, axis in enumerate("xyz"[:dims], start=1)
    }
    if dims == 2:
        return axes
    # A step back from the cube, and the room that margins have elsewhere: so its axes are not cut.
    axes["camera"] = {"eye": {"x": 1.5, "y": 1.5, "z": 1.1}}
    return {"scene": axes, "margin": {"l": 0, "r": 0, "b": 0, "t": 60}}
