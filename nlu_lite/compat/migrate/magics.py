"""Lines for IPython and the shell: which of them install NLU or a JVM for it."""

from __future__ import annotations

import re

from nlu_lite.compat.migrate.sources import PYTHON_MAGICS, Magic, Unit
from nlu_lite.compat.migrate.statement import Edit, Finding

PACKAGE = "nlu-lite"
# Packages that only Spark needs.
_SPARK = {"pyspark", "spark-nlp", "sparknlp", "spark-nlp-display"}
_PIP = re.compile(r"(?:^|\s|!|%)(?:pip3?|uv\s+pip)\s+install\s")
_SCRIPT = re.compile(
    r"johnsnowlabs\.com/nlu|/nlu/[^\s]*(?:colab|kaggle)[^\s]*\.sh|nlu/(?:colab|kaggle)\.sh"
)
_JAVA = re.compile(r"openjdk|\bjava\b|JAVA_HOME|default-jdk|default-jre")
# A requirement, in quotes or not; options such as -q begin with a hyphen, which is no part of a
# name.
_WORD = re.compile(
    r"""(?<![\w./-])(?:["'](?P<inside>[A-Za-z][\w.-]*)[^"']*["']|(?P<bare>[A-Za-z][\w.-]*)[^\s"'&|;>]*)"""
)


def findings(unit: Unit, *, uses_nlu: bool, uses_spark: bool) -> list[Finding]:
    """A finding for each of the lines that are not Python.

    Args:
        unit: With its magics.
        uses_nlu: Whether the code calls NLU; if not, only what installs it is changed.
        uses_spark: Whether the code imports Spark for itself, so that it stays installed.
    """
    return [
        _finding(unit, magic, uses_nlu=uses_nlu, uses_spark=uses_spark) for magic in unit.magics
    ]


def _finding(unit: Unit, magic: Magic, *, uses_nlu: bool, uses_spark: bool) -> Finding:
    begin = unit.starts[magic.line - 1]
    last = magic.line + magic.count - 1
    end = unit.starts[last - 1] + len(unit.line(last))
    found = _changed(unit.text[begin:end], uses_nlu=uses_nlu, uses_spark=uses_spark)
    if found is not None:
        text, why = found
        edits = (Edit(begin, end, text),)
        return Finding(
            unit=unit.index,
            line=magic.line,
            last=last,
            verdict="changed",
            reasons=(why,),
            edits=edits,
        )
    written = unit.text[begin:end].lstrip()
    name = re.match(r"%%(\w+)", written)
    if name and name[1] not in PYTHON_MAGICS and re.search(r"\bnlu\b", written):
        why = f"the cell is written for %%{name[1]} and not read; it names nlu"
        return Finding(
            unit=unit.index, line=magic.line, last=last, verdict="unknown", reasons=(why,)
        )
    why = "not Python; stays as it is"
    if _JAVA.search(written):
        why = "stays as it is; no Java is needed any more"
    return Finding(unit=unit.index, line=magic.line, last=last, verdict="works", reasons=(why,))


def _changed(text: str, *, uses_nlu: bool, uses_spark: bool) -> tuple[str, str] | None:
    """The line to write instead, and why; None where it stays."""
    indent = text[: len(text) - len(text.lstrip())]
    sign = text.lstrip()[:1] if text.lstrip()[:1] in ("!", "%") else ""
    if _SCRIPT.search(text):
        return f"{indent}{sign}pip install {PACKAGE}", "the script installs NLU, Spark and Java"
    install = _PIP.search(text)
    if install is None:
        return None
    names = {_name(word) for word in _WORD.finditer(text, install.end())}
    if "nlu" not in names and not (uses_nlu and not uses_spark and names & _SPARK):
        return None

    def replaced(word: re.Match[str]) -> str:
        name = _name(word)
        if name == "nlu":
            return PACKAGE
        return word[0] if uses_spark or name not in _SPARK else ""

    head, tail = text[: install.end()], text[install.end() :]
    packages, separator, rest = _cut(tail)
    new = _WORD.sub(replaced, packages)
    new = re.sub(r"[ \t]{2,}", " ", new).rstrip(" ")
    if not re.search(r"(?<![\w./-])[A-Za-z]", new) and "-r" not in new:
        return f"{indent}# {text.lstrip()}", "Spark is not needed"
    space = " " if separator and not separator.startswith(" ") else ""
    return (
        head + new + space + separator + rest,
        f"{PACKAGE} instead of NLU{'' if uses_spark else ' and Spark'}",
    )


def _name(word: re.Match[str]) -> str:
    return (word["inside"] or word["bare"]).lower().replace("_", "-")


def _cut(text: str) -> tuple[str, str, str]:
    """What ``pip install`` is given, and the redirection, comment or next command after it."""
    found = re.search(r"\s(?:[0-9]?>|&&|\|\||#)|[|;]", text)
    return (
        (text[: found.start()], text[found.start() : found.end()], text[found.end() :])
        if found
        else (text, "", "")
    )
