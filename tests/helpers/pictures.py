"""The pictures of the documents, taken in a browser: ``python -m tests.helpers.pictures`` writes
docs/images/*.png anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import nlu_lite as nlu
from tests.helpers import browser as browsers
from tests.helpers.exported import export

CHECKOUT = Path(__file__).resolve().parents[2]
IMAGES = CHECKOUT / "docs" / "images"
SENSES = {
    "money": (
        "The bank approved my loan.",
        "She works at a bank in the city.",
        "He took all his cash to the bank.",
        "The bank raised its interest rates.",
        "My account is with another bank.",
    ),
    "river": (
        "We sat on the bank of the river.",
        "The boat drifted to the muddy bank.",
        "Reeds grow along the bank of the stream.",
        "A heron stood on the grassy bank.",
        "They fished from the left bank of the canal.",
    ),
}
PLACES = ["begin", "end", "sentence_index", "token_index"]


@dataclass(frozen=True)
class Picture:
    """A figure, and where the mouse is while its picture is taken."""

    name: str
    figure: Any
    mouse: tuple[float, ...]
    height: int = 420


def pictures() -> Iterator[Picture]:
    """The figures that the documents show."""
    data = pd.DataFrame(
        [(sense, text) for sense, texts in SENSES.items() for text in texts],
        columns=["sense", "text"],
    )
    pipe = nlu.load("en.embed.minilm_l6")
    words = pipe.predict(data, keep="all", positions=True)
    bank = words[words["token"] == "bank"].drop(columns=PLACES)
    title = "Ten times the word bank"
    flat = nlu.plot.map(bank, color="sense", title=title)
    yield Picture("map", flat, _coordinates(flat, "xy"))
    deep = nlu.plot.map(
        words.drop(columns=PLACES), color="sense", dims=3, title="All words of ten sentences"
    )
    yield Picture("map_3d", deep, _coordinates(deep, "xyz", row=9), height=520)
    heat = nlu.plot.similarity(
        "The bank approved my loan",
        "We sat on the bank of the river",
        pipe=pipe,
        title="Word by word",
    )
    yield Picture("similarity", heat, (4, 1))
    cloud = nlu.plot.map(_many(60_000), color="group", title="A large frame")
    yield Picture("sample", cloud, _coordinates(cloud, "xy"))


def _coordinates(figure: Any, axes: str, *, trace: int = 0, row: int = 0) -> tuple[float, ...]:
    return tuple(float(getattr(figure.data[trace], axis)[row]) for axis in axes)


def _many(rows: int) -> pd.DataFrame:
    """Vectors of five groups, by chance."""
    chance = np.random.default_rng(0)
    group = chance.integers(5, size=rows)
    vectors = ((chance.normal(size=(5, 16)) * 3)[group] + chance.normal(size=(rows, 16))).astype(
        np.float32
    )
    columns = {
        "token": [f"w{n}" for n in range(rows)],
        "vector": list(vectors),
        "group": group.astype(str),
    }
    return pd.DataFrame(columns)


def take(folder: Path) -> None:
    """Take all pictures.

    Args:
        folder: Where they are written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        browsers.browser(width=1000, height=900) as browser,
        tempfile.TemporaryDirectory() as scratch,
    ):
        for picture in pictures():
            browser.show(
                picture.figure.update_layout(width=880, height=picture.height), Path(scratch)
            )
            browser.point_at(*picture.mouse)
            (folder / f"{picture.name}.png").write_bytes(browser.picture(".js-plotly-plot"))
        # A cell of a notebook with its figure.
        browser.open(export(CHECKOUT / "notebooks" / "word_senses.ipynb", Path(scratch)), figures=3)
        (folder / "notebook.png").write_bytes(browser.picture(".jp-CodeCell:has(.js-plotly-plot)"))


if __name__ == "__main__":
    if (install := browsers.missing()) is not None:
        raise SystemExit(install)
    take(IMAGES)
