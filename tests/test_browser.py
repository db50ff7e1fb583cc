"""Figures in a real browser: headless Chromium, driven through chromedriver (Debian's chromium and chromium-driver)."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request

import pandas as pd
import pytest

from nlu_lite import plot
from tests.test_plot import cloud, frame_of

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=900,600"]
PATIENCE = 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromedriver") is None, reason="Debian's chromium and chromium-driver are not installed"),
]


class Browser:
    """What these tests need of the WebDriver protocol."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": FLAGS}}}}
        self.root += f"/session/{self.ask('POST', '/session', wanted)['sessionId']}"

    def ask(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def run(self, script: str, *arguments: object):
        return self.ask("POST", "/execute/sync", {"script": script, "args": arguments})

    def until(self, script: str):
        end = time.monotonic() + PATIENCE
        while not (found := self.run(script)):
            assert time.monotonic() < end, f"never true in the browser: {script}"
            time.sleep(0.1)
        return found

    def open(self, figure, folder):
        figure.write_html(folder / "figure.html")
        self.ask("POST", "/url", {"url": (folder / "figure.html").as_uri()})
        self.until(
            "const d = document.querySelector('.js-plotly-plot'); return d && d._fullLayout && d.querySelector('.nsewdrag')"
        )

    def point_at(self, x: float, y: float):
        """Move the mouse onto a place given in the numbers of the axes; the text that appears there."""
        place = self.run(
            "const d = document.querySelector('.js-plotly-plot'), l = d._fullLayout, r = d.getBoundingClientRect();"
            "return [r.left + l._size.l + l.xaxis.d2p(arguments[0]), r.top + l._size.t + l.yaxis.d2p(arguments[1])]",
            x,
            y,
        )
        steps = [{"type": "pointerMove", "duration": 50, "x": round(place[0]) + d, "y": round(place[1])} for d in (3, 0)]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.ask("POST", "/actions", {"actions": [mouse]})
        return self.until("return [...document.querySelectorAll('.hoverlayer .hovertext')].map(e => e.textContent).join('|')")


@pytest.fixture(scope="module")
def browser():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                opened = Browser(port)
                break
            except OSError:
                assert time.monotonic() < end, "chromedriver does not answer"
                time.sleep(0.1)
        yield opened
        opened.ask("DELETE", "")
    finally:
        driver.terminate()
        driver.wait()


def test_the_mouse_on_a_point_shows_its_word_and_sentence(browser, tmp_path, minilm):
    frame = minilm.predict(pd.Series(["The <i>bank</i> by the river flooded."]), positions=True)
    figure = plot.map(frame)
    browser.open(figure, tmp_path)
    place = frame["token"].tolist().index("river")
    shown = browser.point_at(float(figure.data[0].x[place]), float(figure.data[0].y[place]))
    assert shown.startswith("riversentence: The <i>bank</i> by the river flooded .")


def test_the_mouse_on_a_heat_map_shows_both_words(browser, tmp_path, minilm):
    browser.open(plot.similarity("the river bank", "a loan", pipe=minilm), tmp_path)
    assert browser.point_at(1, 2).startswith("bank - loan")


def test_fifty_thousand_points_are_drawn_and_found(browser, tmp_path):
    figure = plot.map(frame_of(cloud(50_000), token=[f"w{n}" for n in range(50_000)]))
    browser.open(figure, tmp_path)
    far = int(figure.data[0].x.argmax())
    assert browser.point_at(float(figure.data[0].x[far]), float(figure.data[0].y[far])) == f"w{far}"
