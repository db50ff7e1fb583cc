"""Lines for IPython, Databricks and the shell: which of them install NLU or a JVM for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from nlu_lite.compat.migrate.findings import Edit, Finding
from nlu_lite.compat.migrate.sources import Unit

PACKAGE = "nlu-lite"
# Packages that only Spark needs.
_SPARK = ("pyspark", "spark-nlp", "sparknlp", "spark-nlp-display")
_PREFIX = re.compile(r"(?P<indent>\s*)(?:# MAGIC\s+)?[!%]?")
# The arguments end at a redirection, a comment or the next command.
_INSTALL = re.compile(
    r"(?:^|\s|!|%)(?:pip3?|uv\s+pip)\s+install\s"
    r"(?P<packages>(?:(?!\s(?:[0-9]?>|&&|\|\||#)|[|;])[\s\S])*)"
)
_SCRIPT = re.compile(r"johnsnowlabs\.com/nlu|\bnlu/(?:\S*/)?[^/\s]*(?:colab|kaggle)[^/\s]*\.sh")
# Reason for a line that stays -> what is in it.
_JAVA = re.compile(r"openjdk|\bjava\b|JAVA_HOME|default-jdk|default-jre")
_OTHER_CELL = re.compile(r"\s*%%(?P<name>\w+)\b[\s\S]*\bnlu\b")
# A requirement, in quotes or not; options such as -q begin with a hyphen, which is no part of a
# name.
_REQUIREMENT = re.compile(
    r"""(?<![\w./-])(?P<quote>["']?)(?P<name>[A-Za-z][\w.-]*)[^\s"'&|;]*(?P=quote)"""
)


def replacements(*, uses_nlu: bool, uses_spark: bool) -> dict[str, str]:
    """Package -> what is installed instead of it, or an empty text.

    Where the code does not use NLU, only NLU's own package is another one; where it uses Spark for
    itself, Spark stays.
    """
    if not uses_nlu:
        return {"nlu": PACKAGE}
    spark = {} if uses_spark else dict.fromkeys(_SPARK, "")
    return {"nlu": PACKAGE, "johnsnowlabs": PACKAGE, **spark}


def read(unit: Unit, lines: tuple[int, int], packages: Mapping[str, str]) -> Finding:
    """What becomes of lines, the first and the last, that are not Python."""
    begin, end = unit.lines_span(*lines)
    text = unit.text[begin:end]
    finding = Finding(unit=unit.index, line=lines[0], last=lines[1])
    new, reason = _changed(text, packages)
    if new != text:
        edits = (Edit(begin, end, new),)
        return replace(finding, verdict="changed", reasons=(reason,), edits=edits)
    if cell := _OTHER_CELL.match(text):
        reason = f"the cell is written for %%{cell['name']} and not read; it names nlu"
        return replace(finding, verdict="unknown", reasons=(reason,))
    if _JAVA.search(text):
        return replace(finding, reasons=("stays as it is; no Java is needed any more",))
    return replace(finding, reasons=("not Python; stays as it is",))


def _changed(text: str, packages: Mapping[str, str]) -> tuple[str, str]:
    """The line to write instead, or the same, and why."""
    prefix = _PREFIX.match(text)
    install = _INSTALL.search(text)
    assert prefix, "every text begins so"
    if _SCRIPT.search(text):
        return f"{prefix[0]}pip install {PACKAGE}", "the script installs NLU, Spark and Java"
    if install is None:
        return text, ""

    def replaced(requirement: re.Match[str]) -> str:
        name = requirement["name"].lower().replace("_", "-")
        return packages.get(name, requirement[0])

    old = install["packages"]
    new = _REQUIREMENT.sub(replaced, old)
    if new == old:
        return text, ""
    if not _REQUIREMENT.search(new) and "-r" not in new:
        return f"{prefix['indent']}# {text.lstrip()}", "Spark is not needed"
    new = re.sub(r"[ \t]{2,}", " ", new).rstrip(" ")
    begin, end = install.span("packages")
    return f"{text[:begin]}{new}{text[end:]}", f"{PACKAGE} instead of NLU and what it needs"
