"""Every name of NLU 5.4.1, with the model of Spark NLP that it stands for.

The table is packed, and read only when a name is not served. Source: NLU 5.4.1's spellbook.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from nlu_lite.registry.schema import DEFAULT_LANGUAGE, MULTILINGUAL

TABLE = "names.csv.gz"
PIPELINE = "Pipeline"


class NluName(NamedTuple):
    """One row of the table.

    Attributes:
        reference: As NLU has it.
        language: Its code; empty where the reference names none.
        spark_name: The model's name in Spark NLP.
        annotator: The class of Spark NLP that runs it, ``Pipeline``, or empty where not known.
        licence: ``licensed`` of the healthcare, finance and OCR models, otherwise empty.
        hub_id: Of its model, where a rule gives it.
    """

    reference: str
    language: str
    spark_name: str
    annotator: str
    licence: str
    hub_id: str

    @property
    def is_licensed(self) -> bool:
        """Whether its files are sold."""
        return self.licence == "licensed"

    @property
    def text_language(self) -> str:
        """The language of its texts."""
        return self.language or DEFAULT_LANGUAGE

    @property
    def parts(self) -> list[str]:
        """The parts of the reference, without its language."""
        parts = self.reference.split(".")
        return parts[1:] if parts[0] == self.language and parts[1:] else parts


class Annotator(NamedTuple):
    """What is known about a class of Spark NLP.

    Attributes:
        name: As Spark NLP has it.
        does: What it does, as a predicate: ``finds lemmas``.
        reason: Why it is not served: a key of ``REASONS``.
        task: The task here of a model that does the same; empty where there is none.
        architecture: transformers' word for the models of it; empty where they are none.
        instead: What does it instead: a key of ``NEAREST``, or empty.
    """

    name: str
    does: str
    reason: str
    task: str
    architecture: str
    instead: str


@cache
def nlu_names() -> Mapping[str, NluName]:
    """The whole table by reference; read at the first call."""
    packed = resources.files(__package__).joinpath(TABLE).read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return {row[0]: NluName(*row) for row in csv.reader(lines[1:])}


@cache
def annotators() -> Mapping[str, Annotator]:
    """The classes of Spark NLP by name."""
    text = resources.files(__package__).joinpath("annotators.csv").read_text(encoding="utf-8")
    return {row[0]: Annotator(*row) for row in csv.reader(text.splitlines()[1:])}


@cache
def _by_spark_name() -> Mapping[str, dict[str, NluName]]:
    """Spark NLP name -> language -> the first row."""
    names: dict[str, dict[str, NluName]] = {}
    for row in nlu_names().values():
        names.setdefault(row.spark_name, {}).setdefault(row.text_language, row)
    return names


@cache
def names_with_spaces() -> frozenset[str]:
    """The references that hold a space."""
    return frozenset(name for name in nlu_names() if " " in name)


def nlu_name(name: str, language: str | None = None) -> NluName | None:
    """The row that a name means; None where NLU does not know it.

    A name is a reference, one without its ``en.`` or ``xx.``, or the name of a model of Spark NLP.

    Args:
        name: As typed.
        language: Of a model whose name several languages share; English if not given.

    Example:
        >>> nlu_name("en.pos").annotator
        'PerceptronModel'
        >>> nlu_name("en.pso") is None
        True
    """
    for reference in (name, f"{DEFAULT_LANGUAGE}.{name}", f"{MULTILINGUAL}.{name}"):
        if reference in nlu_names():
            return nlu_names()[reference]
    by_language = _by_spark_name().get(name, {})
    codes = (language, DEFAULT_LANGUAGE, *by_language)
    return next((by_language[code] for code in codes if code in by_language), None)
