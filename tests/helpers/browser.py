"""A real browser for tests: headless Chromium, driven through chromedriver (Debian's chromium and
chromium-driver)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # Pages must do without a network: no name is found.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-device-scale-factor=1",
]
PATIENCE = 60
INSTALL = "figures are looked at in a browser: apt-get install chromium chromium-driver"
# Each figure of a page, when it is drawn.
DRAWN = (
    "[...document.querySelectorAll('.js-plotly-plot')]"
    ".filter(d => d._fullLayout && d.querySelector('.main-svg'))"
)

FLAT_PLACE = (
    f"const d = {DRAWN}[arguments[0]], [x, y] = arguments[1], l = d._fullLayout, r = "
    f"d.getBoundingClientRect();"
    "return [r.left + l._size.l + l.xaxis.d2p(x), r.top + l._size.t + l.yaxis.d2p(y)]"
)
# What the camera of a scene does with a point.
DEEP_PLACE = (
    f"const s = {DRAWN}[arguments[0]]._fullLayout.scene._scene, c = s.glplot.cameraParams;"
    "const times = (m, v) => [0, 1, 2, 3].map(i => m[i] * v[0] + m[4 + i] * v[1] + m[8 + i] * v[2] "
    "+ m[12 + i] * v[3]);"
    "const p = arguments[1].map((value, i) => value * s.dataScale[i]).concat([1]);"
    "const q = times(c.projection, times(c.view, times(c.model, p))), r = "
    "s.glplot.canvas.getBoundingClientRect();"
    "return [r.left + (1 + q[0] / q[3]) / 2 * r.width, r.top + (1 - q[1] / q[3]) / 2 * r.height]"
)


def missing() -> str | None:
    """What to install, where there is no browser; None where there is one."""
    return None if shutil.which("chromedriver") else INSTALL


def is_required() -> bool:
    """Whether a missing browser is a failure: in CI nobody would read that something was left
    out."""
    return os.environ.get("CI", "") == "true"


class Browser:
    """What these tests need of the WebDriver protocol."""

    def __init__(self, port: int, width: int, height: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        flags = [*FLAGS, f"--window-size={width},{height}"]
        request = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": flags}}}}
        self.root += f"/session/{self.ask('POST', '/session', request)['sessionId']}"

    def ask(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.root + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def run(self, script: str, *arguments: object):
        return self.ask("POST", "/execute/sync", {"script": script, "args": arguments})

    def until(self, script: str, *arguments: object):
        """Run a script until it gives something."""
        end = time.monotonic() + PATIENCE
        while not (result := self.run(script, *arguments)):
            assert time.monotonic() < end, f"never true in the browser: {script}"
            time.sleep(0.1)
        return result

    def open(self, page: Path, *, figures: int) -> None:
        """Open a page and wait until so many figures are drawn."""
        self.ask("POST", "/url", {"url": page.as_uri()})
        self.until(f"return {DRAWN}.length >= arguments[0]", figures)

    def show(self, figure, folder: Path) -> None:
        """Open a figure as a page of its own."""
        figure.write_html(folder / "figure.html")
        self.open(folder / "figure.html", figures=1)

    def point_at(self, x: float, y: float, z: float | None = None, *, figure: int = 0) -> str:
        """Move the mouse onto a place given in the numbers of a figure's axes; the text that
        appears there."""
        self.run(
            f"{DRAWN}[arguments[0]].scrollIntoView({{block: 'center', behavior: 'instant'}})",
            figure,
        )
        flat = z is None
        position = self.run(
            FLAT_PLACE if flat else DEEP_PLACE, figure, [x, y] if flat else [x, y, z]
        )
        steps = [
            {
                "type": "pointerMove",
                "duration": 50,
                "x": round(position[0]) + d,
                "y": round(position[1]),
            }
            for d in (3, 0)
        ]
        mouse = {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
            "actions": steps,
        }
        self.ask("POST", "/actions", {"actions": [mouse]})
        return self.until(
            f"return [...{DRAWN}[arguments[0]].querySelectorAll('.hovertext')].map(e => "
            f"e.textContent).join('|')",
            figure,
        )

    def picture(self, selector: str) -> bytes:
        """What the first element of a kind shows, as PNG; plotly's buttons, which come with the
        mouse, left out."""
        self.run(
            "document.querySelectorAll('.modebar-container').forEach(bar => bar.style.display = "
            "'none')"
        )
        result = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        return base64.b64decode(
            self.ask("GET", f"/element/{next(iter(result.values()))}/screenshot")
        )


@contextmanager
def browser(*, width: int = 900, height: int = 600) -> Iterator[Browser]:
    """A browser with a window of this size, in pixels."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                opened = Browser(port, width, height)
                break
            except OSError:
                assert time.monotonic() < end, "chromedriver does not answer"
                time.sleep(0.1)
        try:
            yield opened
        finally:
            opened.ask("DELETE", "")
    finally:
        driver.terminate()
        driver.wait()
