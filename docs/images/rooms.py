"""Draws rooms.svg: the rooms of nlu_lite and the way of the data through them.

    python docs/images/rooms.py

Needs nothing but Python. docs/architecture.md shows the picture, and a test holds it to the rooms
that exist (tests/house/test_architecture.py).
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import NamedTuple

WIDTH, HEIGHT = 980, 665
FONT = "font-family='Helvetica, Arial, sans-serif'"
INK, FAINT, DATA = "#1f2933", "#7b8794", "#b44d12"


class Box(NamedTuple):
    """A room: where it stands, its name, and what it does in a few words."""

    x: int
    y: int
    width: int
    name: str
    purpose: str
    fill: str = "#eef3f8"


ON_THE_WAY = "#fdeedd"
OUTSIDE = "#ffffff"
BOXES = (
    Box(20, 30, 128, "cli/", "the command line"),
    Box(155, 30, 128, "compat/", "NLU's interface"),
    Box(290, 30, 128, "plot/", "figures"),
    Box(425, 30, 128, "sklearn.py", "a transformer"),
    Box(560, 30, 128, "spark/", "Spark's workers"),
    Box(695, 30, 128, "train/", "finetune, distil"),
    Box(830, 30, 130, "verification/", "is it the model?"),
    Box(20, 120, 263, "loading.py", "load: from a request to a pipeline"),
    Box(290, 120, 398, "pipeline.py", "Pipeline: predict, encode, stream, fit, save ..."),
    Box(695, 120, 265, "parquet/", "a dataset, part by part"),
    Box(195, 210, 765, "flow/", "conducts: calls the rooms below in turn"),
    Box(505, 290, 195, "tasks/", "what a model is for"),
    Box(20, 380, 115, "your data", "", OUTSIDE),
    Box(195, 380, 115, "inputs/", "reads it", ON_THE_WAY),
    Box(370, 380, 115, "text/", "cuts it", ON_THE_WAY),
    Box(545, 380, 115, "encoder/", "computes", ON_THE_WAY),
    Box(720, 380, 115, "frame/", "makes rows", ON_THE_WAY),
    Box(875, 380, 85, "DataFrame", "", OUTSIDE),
    Box(20, 510, 263, "catalogue/", "the registry to look through"),
    Box(290, 510, 263, "registry/", "which model a name means"),
    Box(560, 510, 400, "weights/", "where its files lie, and how they get there"),
    Box(20, 595, 263, "options.py", "the options of load"),
    Box(290, 595, 263, "common/", "arrays, memory, bars, warnings"),
    Box(560, 595, 400, "errors.py", "all exceptions"),
)
BOX_HEIGHT = 56
# Between which boxes data goes along the way, and what it is.
WAY = (
    ("your data", "inputs/", ()),
    ("inputs/", "text/", ("texts",)),
    ("text/", "encoder/", ("words and", "sentences")),
    ("encoder/", "frame/", ("vectors,", "labels")),
    ("frame/", "DataFrame", ()),
)
TITLES = (
    (20, 22, "what users call"),
    (20, 112, "the main interface"),
    (20, 372, "the way of the data"),
    (20, 502, "which model, and where its files are"),
    (20, 587, "used by all"),
)


def text(x: float, y: float, words: str, *, size: int, fill: str = INK, weight: str = "") -> str:
    """One line of text, centred at ``x``."""
    bold = f" font-weight='{weight}'" if weight else ""
    return (
        f"<text x='{x:g}' y='{y:g}' {FONT} font-size='{size}' fill='{fill}'{bold} "
        f"text-anchor='middle'>{escape(words)}</text>"
    )


def draw_box(box: Box) -> list[str]:
    """A room with its name and purpose."""
    dashes = " stroke-dasharray='5 3'" if box.fill == OUTSIDE else ""
    middle = box.x + box.width / 2
    lines = [
        f"<rect x='{box.x}' y='{box.y}' width='{box.width}' height='{BOX_HEIGHT}' rx='6' "
        f"fill='{box.fill}' stroke='{FAINT}'{dashes}/>"
    ]
    if not box.purpose:
        return [*lines, text(middle, box.y + 33, box.name, size=14)]
    return [
        *lines,
        text(middle, box.y + 24, box.name, size=15, weight="bold"),
        text(middle, box.y + 43, box.purpose, size=12, fill="#52606d"),
    ]


def draw_arrow(points: str, color: str, marker: str, dashes: str = "") -> str:
    """A line with a head at its end."""
    dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
    return (
        f"<path d='{points}' fill='none' stroke='{color}' stroke-width='2'{dashed} "
        f"marker-end='url(#{marker})'/>"
    )


def draw_way(boxes: dict[str, Box]) -> list[str]:
    """The data from room to room, with what it is."""
    lines = []
    for start, end, label in WAY:
        left, right = boxes[start].x + boxes[start].width, boxes[end].x
        y = boxes[start].y + BOX_HEIGHT / 2
        lines.append(draw_arrow(f"M{left + 3} {y:g} H{right - 5}", DATA, "data"))
        lines += [
            text((left + right) / 2, y - 22 + 12 * number, words, size=11, fill=DATA)
            for number, words in enumerate(label)
        ]
    index = "M252 436 V460 H777 V441"
    lines.append(draw_arrow(index, DATA, "data", "5 3"))
    lines.append(text(514, 476, "your index and other columns", size=11, fill=DATA))
    return lines


def draw_calls(boxes: dict[str, Box]) -> list[str]:
    """Who calls whom: thin lines from above to below."""
    calls = [
        *(f"M{boxes[name].x + 57} 266 V375" for name in ("inputs/", "text/", "frame/")),
        "M602 266 V285",
        "M602 346 V375",
        "M489 86 V115",
        "M489 176 V205",
        "M827 176 V205",
        "M283 148 H286",
    ]
    return [draw_arrow(call, FAINT, "call", "2 3") for call in calls]


def draw() -> str:
    """The whole picture."""
    boxes = {box.name: box for box in BOXES}
    marker = (
        "<marker id='{}' viewBox='0 0 10 10' refX='8' refY='5' markerWidth='7' markerHeight='7' "
        "orient='auto'><path d='M0 0 L10 5 L0 10 z' fill='{}'/></marker>"
    )
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"width='{WIDTH}' height='{HEIGHT}' role='img'>",
        "<title>The rooms of nlu_lite and the way of the data through them</title>",
        f"<defs>{marker.format('data', DATA)}{marker.format('call', FAINT)}</defs>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>",
        *(line for box in BOXES for line in draw_box(box)),
        *draw_way(boxes),
        *draw_calls(boxes),
        *(
            f"<text x='{x}' y='{y}' {FONT} font-size='12' fill='{FAINT}'>{escape(title)}</text>"
            for x, y, title in TITLES
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(draw(), encoding="utf-8")
