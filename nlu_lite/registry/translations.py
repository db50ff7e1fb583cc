"""NLU's names of translators, by rule: which model of Helsinki-NLP each of them means."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nlu_lite.common import warn
from nlu_lite.registry.entry import Entry
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, HubSource
from nlu_lite.registry.task_kinds import TRANSLATION

# NLU's code in front of a name of several languages, which it adds where it is not typed.
_PREFIX = "xx."
_NAME = re.compile(r"xx\.([a-z]{2,3})\.(marian\.)?translate_to\.([a-z]{2,3})")
_SPARK_NAME = re.compile(r"(opus_mt|translate|opus_tatoeba)_([a-z]{2,3})_([a-z]{2,3})")
# Those of Spark NLP's names that the rule does not give.
_EXCEPTIONS = {
    "xx.marian": "opus_mt_en_fr",
    "xx.cs.translate_to.sv": "translate_cs_sv",
    "xx.af.translate_to.ru": "opus_tatoeba_af_ru",
    "xx.es.marian.translate_to.zh": "opus_tatoeba_es_zh",
    "xx.he.marian.translate_to.it": "opus_tatoeba_he_it",
    "xx.he.translate_to.fr": "opus_tatoeba_he_fr",
    "xx.it.translate_to.he": "opus_tatoeba_it_he",
}
_ABOUT_TRANSLATION = re.compile("translat|marian|opus|helsinki", re.IGNORECASE)
_TATOEBA = {name for name in _EXCEPTIONS.values() if name.startswith("opus_tatoeba")}


@dataclass(frozen=True)
class TranslatorName:
    """What a name of NLU means.

    Attributes:
        reference: NLU's full name; of a name of Spark NLP that name.
        spark_name: Of Spark NLP's model or pipeline.
        source: The language that is read, or a group of languages.
        target: The language that is written, or a group of languages.
    """

    reference: str
    spark_name: str
    source: str
    target: str

    @property
    def is_reversed(self) -> bool:
        """Whether the name reads as the opposite of what the model does."""
        match = _NAME.fullmatch(self.reference)
        return match is not None and (match[1], match[3]) != (self.source, self.target)

    @property
    def model_name(self) -> str:
        """The model on the hub, without its owner."""
        collection = "opus-tatoeba" if self.spark_name in _TATOEBA else "opus-mt"
        return f"{collection}-{self.source}-{self.target}"

    def explain(self, name: str) -> str:
        """What a name that is reversed loads, and how the other direction is asked for.

        Args:
            name: As typed.
        """
        other = _check_model("", f"opus_mt_{self.target}_{self.source}", self.target, self.source)
        advice = "there is no model of the other direction"
        if other is not None:
            advice = f"the other direction is {other.spark_name!r}"
        return (
            f"{name!r} is a name of NLU that does not mean what it says: it loads "
            f"{self.model_name}, which translates from {self.source} to {self.target}; {advice}."
        )


@cache
def _targets() -> Mapping[str, frozenset[str]]:
    """Source -> the targets that there is a model for."""
    text = resources.files(__package__).joinpath("translations.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["source"]: frozenset(row["targets"].split()) for row in rows}


def translator_name(name: str) -> TranslatorName | None:
    """What a name of a translator means; None for other names.

    NLU's names do not all mean what they say. ``xx.X.translate_to.Y`` loads the model from X to Y
    where one of the two is English, and otherwise the one from Y to X, as the names of Spark NLP's
    models tell (NLU 5.4.1, ``spellbook.py``).

    Args:
        name: NLU's, also without its ``xx.`` and where it begins with ``translate_to``, from
            English; or Spark NLP's.

    Example:
        >>> translator_name("en.translate_to.fr").model_name
        'opus-mt-en-fr'
        >>> translator_name("xx.af.marian.translate_to.de").model_name
        'opus-mt-de-af'
    """
    if match := _SPARK_NAME.fullmatch(name):
        return _check_model(name, name, match[2], match[3])
    for prefix in ("", _PREFIX, f"{_PREFIX}{DEFAULT_LANGUAGE}."):
        meaning = _read_reference(prefix + name)
        if meaning is not None:
            return meaning
    return None


def warn_of_reversed(name: str) -> None:
    """Warn where a name of a translator reads as the opposite of what it loads."""
    meaning = translator_name(name)
    if meaning is not None and meaning.is_reversed:
        warn(meaning.explain(name))


def _read_reference(reference: str) -> TranslatorName | None:
    """What a full name of NLU means."""
    if reference in _EXCEPTIONS:
        spark_name = _EXCEPTIONS[reference]
        _, source, target = spark_name.rsplit("_", 2)
        return _check_model(reference, spark_name, source, target)
    match = _NAME.fullmatch(reference)
    if match is None:
        return None
    first, marian, second = match.groups()
    if DEFAULT_LANGUAGE not in (first, second):
        first, second = second, first
    kind = "opus_mt" if marian else "translate"
    return _check_model(reference, f"{kind}_{first}_{second}", first, second)


def _check_model(
    reference: str, spark_name: str, source: str, target: str
) -> TranslatorName | None:
    """The meaning, where there is such a model."""
    is_known = target in _targets().get(source, ())
    if spark_name.startswith("opus_tatoeba"):
        is_known = spark_name in _TATOEBA
    return TranslatorName(reference, spark_name, source, target) if is_known else None


def translator_names() -> list[str]:
    """A name a model, each one that means what it says.

    That is NLU's where one of the two languages is English, otherwise Spark NLP's.

    Example:
        >>> {"en.translate_to.fr", "opus_mt_fr_de"} <= set(translator_names())
        True
    """
    pairs = [(source, target) for source in _targets() for target in sorted(_targets()[source])]
    return [
        f"{source}.translate_to.{target}"
        if DEFAULT_LANGUAGE in (source, target)
        else f"opus_mt_{source}_{target}"
        for source, target in pairs
    ]


def translator_entries() -> list[Entry]:
    """The entries of ``translator_names``."""
    return [entry for entry in map(translator_entry, translator_names()) if entry is not None]


def is_about_translation(text: str) -> bool:
    """Whether words or a name ask for translators, which are listed only then.

    Example:
        >>> is_about_translation("translate_to fr"), is_about_translation("bert fr")
        (True, False)
    """
    return _ABOUT_TRANSLATION.search(text) is not None


def translator_entry(name: str) -> Entry | None:
    """The entry that a name of a translator means; None for other names.

    Its language is the one that it reads, whose rules cut the text.

    Args:
        name: As typed.
    """
    meaning = translator_name(name)
    if meaning is None:
        return None
    return Entry(
        request=name,
        reference=meaning.reference,
        task=TRANSLATION.name,
        language=meaning.source,
        model_name=meaning.model_name,
        sources=(HubSource(hub=f"Helsinki-NLP/{meaning.model_name}"),),
        spark_name=meaning.spark_name,
    )
