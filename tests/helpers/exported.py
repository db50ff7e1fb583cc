"""A notebook as a page that needs no network: what ``jupyter nbconvert --to html`` makes, its
figures drawn."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import plotly.graph_objects as go
from nbconvert import HTMLExporter
from plotly.offline import get_plotlyjs

# The kind of output that holds a figure.
FIGURE = "application/vnd.plotly.v1+json"
# Beside the pages, once for all of them.
PLOTLY = "plotly.min.js"
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)


def export(notebook: Path, folder: Path) -> Path:
    """Write a notebook's page, and plotly's program if it is not there yet.

    Args:
        notebook: Executed, its outputs kept.
        folder: Where both are written.

    Returns:
        The page.
    """
    read = nbformat.read(notebook, as_version=4)
    for cell in read.cells:
        for output in cell.get("outputs", []):
            if FIGURE in output.get("data", {}):
                figure = go.Figure(output.data[FIGURE]["data"], output.data[FIGURE]["layout"])
                output.data["text/html"] = figure.to_html(full_html=False, include_plotlyjs=False)
    page, _ = HTMLExporter().from_notebook_node(read)
    # The template fetches programs for formulas, diagrams and widgets, which our notebooks do not
    # have.
    head, _, body = page.partition("</head>")
    head = SCRIPT.sub("", head).replace(
        "<head>", f'<head><script charset="utf-8" src="{PLOTLY}"></script>', 1
    )
    head = re.sub(
        r"<title>.*?</title>", f"<title>{notebook.stem.replace('_', ' ')}</title>", head, count=1
    )
    if not (folder / PLOTLY).exists():
        (folder / PLOTLY).write_text(get_plotlyjs(), encoding="utf-8")
    path = folder / f"{notebook.stem}.html"
    path.write_text(f"{head}</head>{body}", encoding="utf-8")
    return path
