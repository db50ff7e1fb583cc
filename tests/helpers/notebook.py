"""Run the notebooks: ``python -m tests.helpers.notebook`` does so in place, the slow test compares
with what is kept."""

from __future__ import annotations

import base64
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import numpy as np
from nbclient import NotebookClient

from tests.helpers.exported import FIGURE
from tests.helpers.extras import declared_extras, hide_undeclared

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
# What is kept beside the cells: nothing about the machine that ran them.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TIMEOUT = 300
# What Spark's JVM writes past Python while it starts, with addresses and times of the machine, and
# what pyspark says of pandas 3.
SPARK = re.compile(
    r"WARNING: Using incubator|Using Spark's default|Setting default log level|To adjust logging "
    r"level|\d\d/\d\d/\d\d .* WARN"
    r"|.*/pyspark/.*FutureWarning|  require_minimum_pandas_version"
)
# A cell with this comment shows what was measured: its words are compared, not its numbers.
VARIES = "# numbers vary"


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a run in a fresh kernel and an empty folder; a failing cell
    is an error. The kernel finds only packages that the first cell installs."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as profile:
        hide_undeclared(Path(profile), declared_extras(notebook.cells[0].source) or [])
        # The user's own IPython profile could change what is printed; the width of a terminal does.
        # The commands of this environment are found as in an activated one.
        commands = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        # Figures are kept as their data, without plotly's own program of 4 MB.
        surroundings = {
            "IPYTHONDIR": profile,
            "COLUMNS": "80",
            "PATH": commands,
            "PLOTLY_RENDERER": "plotly_mimetype",
        }
        with mock.patch.dict(os.environ, surroundings):
            NotebookClient(
                notebook, timeout=TIMEOUT, resources={"metadata": {"path": folder}}
            ).execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _without_spark(_joined(cell.outputs))
    return notebook


def _without_spark(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs without the lines on standard error that are Spark's own."""
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            output.text = "".join(
                line for line in output.text.splitlines(keepends=True) if not SPARK.match(line)
            )
    return [output for output in outputs if output.get("text") != ""]


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs with neighbouring parts of one stream put together: where the kernel cuts it is up to
    its clock."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            joined.append(output)
    return joined


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """What each code cell shows, as text; numbers that vary from run to run as ``#``."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = ["".join(_text(output) for output in cell.outputs) for cell in cells]
    return [
        re.sub(r"\d+(\.\d+)?", "#", text) if VARIES in cell.source else text
        for cell, text in zip(cells, outputs, strict=True)
    ]


def _text(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return f"{output.name}: {output.text}"
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    if FIGURE in output.data:
        return "".join(
            f"{line}\n" for trace in output.data[FIGURE]["data"] for line in _figure(trace)
        )
    return f"{output.data['text/plain']}\n"


def _figure(trace: dict[str, object]) -> Iterator[str]:
    """What a trace draws: its kind and name, then its numbers and words."""
    yield f"{trace['type']} {trace.get('name')}"
    for axis in ("x", "y", "z", "hovertext"):
        values: Any = trace.get(axis, [])
        if isinstance(values, dict):  # numbers in base64
            values = np.frombuffer(
                base64.b64decode(values["bdata"]), dtype=values["dtype"]
            ).tolist()
        yield f"{axis}: {' '.join(map(_number, values))}"


def _number(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def main() -> None:
    for path in NOTEBOOKS:
        nbformat.write(executed(path), path)


if __name__ == "__main__":
    main()
