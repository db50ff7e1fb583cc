"""The reference of the site: every public name, with the arguments that it takes, and pages that
fit a phone."""

from __future__ import annotations

import ast
import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import browser as browsers

CHECKOUT = Path(__file__).resolve().parents[2]
PUBLIC = (CHECKOUT / "tests/data/public_api.txt").read_text(encoding="utf-8").splitlines()
PAGES = sorted((CHECKOUT / "docs/reference").glob("*.md"))
# Whole names, and after `members:` the names of a module.
SHOWN = re.compile(r"^(?:::: |      heading: )(nlu_lite[\w.]*)$|^        - (\w+)$", re.MULTILINE)
# Modules, other names of a module, and what has nothing to say beside its name.
WITHOUT_ENTRY = {
    *("nlu_lite.NluLiteError", "nlu_lite.__version__", "nlu_lite.plot"),
    *(f"nlu_lite.compat.{name}" for name in ("nlp", "nlu", "settings")),
}
# Assigned in its class as another name of a method.
OTHER_NAMES = {"nlu_lite.compat.NLUPipeline.viz_streamlit_similarity"}
ANCHOR = r'id="{}".*?<code>(.*?)</code></pre>'
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


def names() -> list[str]:
    """The public names that are not inside of a class."""
    full = [re.split(r"[(:]| is ", line)[0] for line in PUBLIC]
    return [name for name in full if not re.search(r"\.[A-Z]\w+\.\w+$", name)]


def parameters(signature: str) -> list[str]:
    """The names in a signature, in their order; ``self`` is left out."""
    (function,) = ast.parse(f"def {signature.strip()}: pass").body
    taken = function.args
    starred = [argument.arg for argument in (taken.vararg, taken.kwarg) if argument is not None]
    listed = [argument.arg for argument in (*taken.args, *taken.kwonlyargs)]
    return [name for name in (*listed, *starred) if name != "self"]


def test_every_public_name_has_an_entry_in_the_reference():
    shown = set()
    for page in PAGES:
        for whole, member in SHOWN.findall(page.read_text(encoding="utf-8")):
            shown.add(whole or f"nlu_lite.errors.{member}")
    assert sorted(set(names()) - shown - WITHOUT_ENTRY) == []


def test_the_pages_of_the_reference_are_in_the_menu_and_in_their_list():
    menu = (CHECKOUT / "docs/mkdocs/mkdocs.yml").read_text(encoding="utf-8")
    listed = (CHECKOUT / "docs/reference/index.md").read_text(encoding="utf-8")
    pages = [page.name for page in PAGES if page.name != "index.md"]
    assert [name for name in pages if f"reference/{name}" not in menu] == []
    assert [name for name in pages if f"]({name})" not in listed] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as `make docs` builds it, in another folder."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    built = subprocess.run(
        [*command, "--config-file", "docs/mkdocs/mkdocs.yml"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.slow
def test_every_page_of_the_site_leads_to_the_reference(site):
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    assert any(path.parent.name == "notebooks" for path in pages)
    without = [
        path.relative_to(site).as_posix()
        for path, page in pages.items()
        if path.name != "404.html" and 'reference/index.html"' not in page
    ]
    assert [name for name in without if not name.startswith("reference/")] == []


@pytest.mark.slow
def test_the_reference_shows_the_arguments_that_python_sees(site):
    pages = "".join(
        path.read_text(encoding="utf-8") for path in sorted((site / "reference").glob("*.html"))
    )
    compared = 0
    for line in PUBLIC:
        name, bracket, _ = line.partition("(")
        if not bracket or name in OTHER_NAMES or " is a " in line:
            continue
        match = re.search(ANCHOR.format(re.escape(name)), pages, re.DOTALL)
        assert match is not None, f"{name} has no signature in the reference"
        code = html.unescape(re.sub(r"<[^>]+>", "", match[1]))
        assert parameters(code) == parameters(f"f({line.partition('(')[2]}"), name
        compared += 1
    assert compared > 40


@pytest.mark.slow
def test_on_a_phone_no_page_is_wider_than_the_screen_and_wide_tables_scroll(site):
    if (install := browsers.missing()) is not None:
        (pytest.fail if browsers.is_required() else pytest.skip)(install)
    wider, scrolling = [], 0
    with browsers.browser() as browser:
        browser.ask(
            "POST",
            "/goog/cdp/execute",
            {"cmd": "Emulation.setDeviceMetricsOverride", "params": PHONE},
        )
        for page in sorted(path for path in site.rglob("*.html") if path.name != "404.html"):
            browser.open(page, figures=0)
            if browser.run("return document.documentElement.scrollWidth") > PHONE["width"]:
                wider.append(page.name)
            scrolling += browser.run(
                "return [...document.querySelectorAll('table')]"
                ".filter(t => t.scrollWidth > t.clientWidth).length"
            )
    assert wider == []
    assert scrolling > 0
