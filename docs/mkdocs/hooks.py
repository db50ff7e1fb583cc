"""What the site has beside its pages: exported notebooks, and where links that leave docs/ lead."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from tests.helpers.exported import export

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = CHECKOUT / "docs"
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>\.\./[^)\s#]+)(?:#[^)]*)?\)")
# Of a fenced block's first line Markdown takes one word; our tests use a second one as a name.
NAMED_BLOCK = re.compile(r"^(```+\w+) .*$", re.MULTILINE)
# Their template has no menu.
BACK = (
    '<p style="padding: 0 1em"><a href="../index.html">nlu_lite</a> | '
    '<a href="../notebooks.html">Notebooks</a> | '
    '<a href="../reference/index.html">Reference</a></p>'
)
HREF = re.compile(r'href="(?P<target>(?!https?:|#|data:)[^"]+)"')


def on_files(files: Any, config: Any) -> Any:  # noqa: ANN401 - mkdocs calls it
    """Add the pages of the notebooks."""
    with tempfile.TemporaryDirectory() as folder:
        for notebook in sorted((CHECKOUT / "notebooks").glob("*.ipynb")):
            export(notebook, Path(folder))
        for path in sorted(Path(folder).iterdir()):
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".html":
                text = re.sub(r'href="\.\./docs/([\w-]+)\.md', r'href="../\1.html', text)
                text = re.sub(r"<body[^>]*>", rf"\g<0>{BACK}", text, count=1)
                _check_links(path.name, text, files)
            files.append(File.generated(config, f"notebooks/{path.name}", content=text))
    return files


def _check_links(name: str, page: str, files: Any) -> None:  # noqa: ANN401
    pages = {f"../{file.dest_uri}" for file in files}
    for match in HREF.finditer(page):
        if match["target"].partition("#")[0] not in pages:
            raise PluginError(
                f"notebooks/{name} links to {match['target']}, which the site does not have."
            )


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:  # noqa: ANN401 - mkdocs calls it
    """Lead links to notebooks to their pages; links to other files of the checkout become text."""

    def replaced(match: re.Match[str]) -> str:
        target = (PAGES / page.file.src_uri).parent.joinpath(match["target"]).resolve()
        if target.is_relative_to(PAGES):
            return match[0]
        if not target.exists():
            raise PluginError(
                f"{page.file.src_uri} links to {match['target']}, which the checkout does not have."
            )
        if target.suffix == ".ipynb":
            up = "../" * page.file.src_uri.count("/")
            return f"[{match['text']}]({up}notebooks/{target.stem}.html)"
        return match["text"]

    return NAMED_BLOCK.sub(r"\1", LINK.sub(replaced, markdown))
