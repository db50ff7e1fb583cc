"""The examples in README.md and docs/ run, and show what really comes out.

A block in ``python`` with ``>>>`` is run as a doctest, one without as a script; a block in
``output`` right behind a script is what that prints. Of a block in
``console`` every line that starts with ``$`` is a call of ``nlu-lite``, and what follows is its
output. Blocks in other languages are not run. A block that needs the hub has the mark below in the
line before it.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlu_lite import cli, registry
from nlu_lite.registry.schema import HubSource
from tests.helpers.outputs import difference

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    CHECKOUT / "README.md",
    CHECKOUT / "CHANGELOG.md",
    CHECKOUT / "CONTRIBUTING.md",
    *sorted((CHECKOUT / "docs").rglob("*.md")),
]
MARK = "<!-- not run: needs the hub -->"
FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
OUTPUT = re.compile(r"\s*^```output\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a document; ``line`` is that of its first line of text."""

    path: Path
    line: int
    language: str
    body: str
    is_marked: bool
    output: str | None = None  # the block in ``output`` right behind it

    def __str__(self) -> str:
        return f"{self.path.relative_to(CHECKOUT)}:{self.line}"


def blocks(path: Path, text: str) -> list[Block]:
    fenced = []
    for match in FENCE.finditer(text):
        before = text[: match.start()].rstrip().rpartition("\n")[2]
        line = text.count("\n", 0, match.start("body")) + 1
        behind = OUTPUT.match(text, match.end())
        fenced.append(
            Block(
                path,
                line,
                match["language"].strip(),
                match["body"],
                before.strip() == MARK,
                behind and behind["body"],
            )
        )
    return fenced


BLOCKS = [block for path in DOCUMENTS for block in blocks(path, path.read_text(encoding="utf-8"))]
RUN = [block for block in BLOCKS if not block.is_marked]


class Checker(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, got, optionflags) or difference(want, got) is None


def run_doctest(block: Block) -> None:
    test = doctest.DocTestParser().get_doctest(
        block.body, {"__name__": "__main__"}, str(block), str(block.path), block.line - 1
    )
    assert test.examples, f"{block}: no example"
    report: list[str] = []
    result = doctest.DocTestRunner(checker=Checker(), verbose=False).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


def run_script(block: Block) -> str:
    """Run a block after those before it in its document, as a reader would; what it prints."""
    names = {"__name__": "__main__"}
    before = [
        b
        for b in of_language("python")
        if b.path == block.path and b.line < block.line and ">>>" not in b.body
    ]
    printed = io.StringIO()
    for part in (*before, block):
        printed = io.StringIO()
        # Blank lines in front put the document's own line numbers into tracebacks.
        code = compile("\n" * (part.line - 1) + part.body, str(part.path), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, names)
    return printed.getvalue()


def of_language(language: str) -> list[Block]:
    return [block for block in RUN if block.language == language]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    # An example must not need the checkout as its working folder, nor leave files in it.
    monkeypatch.chdir(tmp_path)
    # pandas fits what it prints to the terminal.
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("block", of_language("python"), ids=str)
def test_python(block):
    if ">>>" in block.body:
        run_doctest(block)
    else:
        printed = run_script(block)
        if block.output is not None:
            assert (wrong := difference(block.output, printed)) is None, f"{block}: {wrong}"


def test_every_output_is_that_of_a_script():
    behind = sum(block.output is not None for block in of_language("python"))
    assert behind == len(of_language("output")) > 10


@pytest.mark.parametrize("block", of_language("console"), ids=str)
def test_console(block, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)  # the documents show a terminal
    assert block.body.startswith("$ "), f"{block}: a console block starts with a command"
    for part in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "nlu-lite", (
            f"{block}: only nlu-lite is run here; put other commands into a block in sh"
        )
        assert cli.main(arguments) == 0
        assert (wrong := difference(expected, capsys.readouterr().out)) is None, f"{block}: {wrong}"


def names_a_hub_model(body: str) -> bool:
    """Whether a block asks for weights that only the hub has: a reference without another source,
    or an id with a slash."""
    known_registry = registry.current()
    words = re.findall(r"[\"'](?P<word>[\w./ -]+)[\"']", body)
    sources = [
        known_registry.entry(word).sources for word in words if word in known_registry.references
    ]
    return any(
        all(isinstance(source, HubSource) for source in listed) for listed in sources
    ) or any(re.fullmatch(r"[\w-]+/[\w.-]+", word) for word in words)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.is_marked], ids=str)
def test_only_what_needs_the_hub_is_left_out(block):
    assert names_a_hub_model(block.body)


def test_the_readme_has_examples_that_run():
    languages = [block.language for block in RUN if block.path.name == "README.md"]
    assert "python" in languages
    assert "console" in languages


def test_the_frame_of_the_one_liner_has_the_same_numbers_wherever_it_is_shown():
    row = re.compile(r"^0 +(I|love|NLP) +\[(\S+, \S+, \S+),", re.MULTILINE)
    shown = {
        f"{block}": row.findall(block.body)
        for block in RUN
        if block.path.name in ("README.md", "index.md") and row.search(block.body)
    }
    assert len(shown) == 3
    assert len({str(rows) for rows in shown.values()}) == 1, shown


def test_the_readme_says_how_fast_it_is_as_measured():
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    measured = (CHECKOUT / "docs" / "performance.md").read_text(encoding="utf-8")
    in_float32, in_bfloat16 = re.search(
        r"come ([\d.]+) times as fast as from sentence-transformers, ([\d.]+) times in\s+bfloat16",
        readme,
    ).groups()
    for way, said in (("nlu_lite", in_float32), ('nlu_lite, `dtype="bfloat16"`', in_bfloat16)):
        row = re.search(rf"^\| {re.escape(way)} \|.*\| ([\d.]+) \[", measured, re.MULTILINE)
        assert f"{float(row[1]):.1f}" == said


def test_how_long_things_take_is_said_where_they_are_started():
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"make demo .*minute", readme)
    assert re.search(r"make test .*minutes", readme)
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^test:.*## .*\(ten minutes\)$", makefile, re.MULTILINE)
    training = (CHECKOUT / "docs" / "training.md").read_text(encoding="utf-8")
    assert re.search(r"minutes on two free cores", training)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    targets = [
        match["target"]
        for match in LINK.finditer(text)
        if not re.match(r"[a-z]+:|#", match["target"])
    ]
    missing = [
        target for target in targets if not (path.parent / target.partition("#")[0]).exists()
    ]
    assert not missing


def test_every_picture_is_shown_and_small():
    folder = CHECKOUT / "docs" / "images"
    pictures = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".svg"))
    pages = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert [path.name for path in pictures if f"images/{path.name})" not in pages] == []
    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []
    assert pictures


# The tests above can fail: each kind of wrong block does.


def block_of(language: str, body: str) -> Block:
    return Block(CHECKOUT / "README.md", 1, language, body, is_marked=False)


def test_a_wrong_output_is_noticed():
    run_doctest(block_of("python", ">>> print(0.123456)\n0.123457\n"))
    with pytest.raises(AssertionError, match="Expected"):
        run_doctest(block_of("python", ">>> print(0.123456)\n0.123956\n"))


def test_a_failing_script_is_noticed():
    with pytest.raises(ZeroDivisionError):
        run_script(block_of("python", "1 / 0\n"))


def test_what_a_script_prints_is_compared_with_the_output_behind_it():
    page = "```python\nprint(1 + 1)\n```\n\n```output\n2\n```\n\n```python\nprint(3)\n```\n"
    first, second = [b for b in blocks(CHECKOUT / "x.md", page) if b.language == "python"]
    assert (first.output, second.output) == ("2\n", None)
    assert run_script(first) == "2\n"


def test_a_mark_on_a_block_that_needs_no_hub_is_noticed():
    served_here = '```python\nnlu.load("en.embed.minilm_l6")\n```\n'
    of_the_hub = '```python\nload("en.embed.bert")\n```\n'
    marked, unmarked = blocks(CHECKOUT / "README.md", f"{MARK}\n{served_here}\n{of_the_hub}")
    assert marked.is_marked
    assert not names_a_hub_model(marked.body)
    assert not unmarked.is_marked
    assert names_a_hub_model(unmarked.body)
