"""What NLU prints about its references: the same lines on those that are served, also returned."""

from __future__ import annotations

import warnings

from nlu_lite import registry
from nlu_lite.errors import OptionError
from nlu_lite.registry import (
    MULTILINGUAL,
    TRAINABLE_CLASSIFIERS,
    TRAINABLE_SEVERAL,
    TRAINABLE_TAGGERS,
    Entry,
    other_tasks,
    translator_entries,
)

# What NLU calls that which the served references do.
ACTIONS = (
    *("embed", "embed_sentence", "ner", "classify", "zero_shot_classifier", "answer_question"),
    "translate_to",
)
# Which part of a reference says it; the second one of others, as in ``en.embed.bert``.
_ACTION_PART = {"zero_shot_classifier": 2}
# That of the models which a rule names, so that no registry file lists them.
_TRANSLATING = "translate_to"


def get_components(
    m_type: str = "",
    include_pipes: bool = False,
    lang: str = "",
    licensed: bool = False,
    get_all: bool = False,
) -> list[str]:
    """The references whose text contains something, sorted.

    Args:
        m_type: What they contain, such as ``embed_sentence``; empty for all.
        include_pipes: Without effect: there are no pretrained pipelines here.
        lang: Only those of this language; empty for all.
        licensed: Without effect: there are no licensed models here.
        get_all: Every reference, whatever else is asked for.

    Raises:
        OptionError: There is no such language; those that exist are named.

    Example:
        >>> import nlu_lite.compat as nlu
        >>> nlu.get_components("minilm_l6")
        ['en.embed.minilm_l6', 'en.embed_sentence.minilm_l6']
    """
    if include_pipes or licensed:
        warnings.warn(
            "get_components: include_pipes and licensed have no effect: neither pretrained "
            "pipelines nor licensed models are served.",
            UserWarning,
            stacklevel=2,
        )
    if get_all:
        return list(registry.current().references)
    return [reference for reference in _references(_entries(lang)) if m_type in reference]


def print_all_languages() -> list[str]:
    """Print a header and one language code a line, and return the codes."""
    codes = _languages(_served_entries())
    print("Languages available in NLU : \n ")
    print(*codes, sep="\n")
    return codes


def print_all_nlu_components_for_lang(lang: str = "en", c_type: str = "classifier") -> list[str]:
    """Print one line a reference of a language, and return the references.

    Args:
        lang: The language.
        c_type: Without effect, as in NLU.

    Raises:
        OptionError: There is no such language.
    """
    return _print(_entries(lang))


def print_components(lang: str = "", action: str = "") -> list[str]:
    """Print one line a reference, and return the references.

    Args:
        lang: Only those of this language.
        action: Only those that do this: one of ``print_component_types()``.

    Raises:
        OptionError: There is no such language or action.
    """
    if not action:
        return _print(_entries(lang))
    if not lang:
        return print_all_model_kinds_for_action(action)
    return print_all_model_kinds_for_action_and_lang(lang, action)


def print_all_model_kinds_for_action(action: str) -> list[str]:
    """Print the references that do something, and return them.

    For each language there is a header, then one line a reference. Of a task of NLU's that is not
    served there are none, and a warning says so.

    Args:
        action: One of ``print_component_types()``, or another task of NLU's.

    Raises:
        OptionError: No task of NLU's.

    Example:
        >>> import nlu_lite.compat as nlu
        >>> references = nlu.print_all_model_kinds_for_action("embed_sentence")
        For language <...> NLU provides the following Models :
        nlu.load('...') returns ...
        >>> "en.embed_sentence.minilm_l6" in references
        True
    """
    _warn_unserved(action)
    references: list[str] = []
    listed = _entries(action=action)
    for lang in _languages(listed):
        print(f"For language <{lang}> NLU provides the following Models :")
        references += _print([entry for entry in listed if entry.language == lang])
    return references


def print_all_model_kinds_for_action_and_lang(lang: str, action: str) -> list[str]:
    """Print the references of a language that do something, and return them.

    Args:
        lang: The language.
        action: One of ``print_component_types()``.

    Raises:
        OptionError: There is no such language or action.
    """
    _warn_unserved(action)
    entries = _entries(lang, action)
    print("All NLU components for lang ", lang, " that peform action ", action)
    return _print(entries)


def print_component_types() -> list[str]:
    """Print and return what components do: ``embed``, ``embed_sentence``, ``ner`` and others."""
    print("Provided component types in this NLU version are : ")
    for number, action in enumerate(ACTIONS):
        print(number, ". ", action)
    return list(ACTIONS)


def print_trainable_components() -> list[str]:
    """Print which models can be trained, and return their references."""
    for name in (*TRAINABLE_CLASSIFIERS, *TRAINABLE_SEVERAL):
        print(f"nlu.load('{name}').fit(df) learns from the columns text and y")
    for name in TRAINABLE_TAGGERS:
        print(f"nlu.load('{name}').fit(dataset_path=FILE) learns from words and tags")
    return [*TRAINABLE_CLASSIFIERS, *TRAINABLE_SEVERAL, *TRAINABLE_TAGGERS]


def _entries(lang: str = "", action: str = "") -> list[Entry]:
    """The entries of a language that do something; empty: of any language, anything."""
    listed = _served_entries()
    if action == _TRANSLATING:
        listed = translator_entries()
        lang = lang.replace(MULTILINGUAL, "")  # NLU's language of them all
    entries = [entry for entry in listed if lang in ("", entry.language)]
    if not entries:
        languages = ", ".join(_languages(listed))
        raise OptionError(f"lang is {lang!r}; there are references of {languages}.")
    if action in other_tasks() and action not in ACTIONS:
        return []
    if action not in ("", *ACTIONS):
        raise OptionError(
            f"action is {action!r}; valid are {', '.join(ACTIONS)}. Other tasks of NLU are not "
            f"served."
        )
    if action in ("", _TRANSLATING):
        return entries
    part = _ACTION_PART.get(action, 1)
    return [entry for entry in entries if _part(entry, part) == action]


def _warn_unserved(action: str) -> None:
    """Warn that nothing is listed, where an action is a task of NLU's that is not served."""
    if action in other_tasks() and action not in ACTIONS:
        warnings.warn(
            f"No reference for {action!r} is served, so none is listed; served are "
            f"{', '.join(ACTIONS)}. nlu.load says of a name what does its task instead.",
            UserWarning,
            stacklevel=3,
        )


def _served_entries() -> list[Entry]:
    served = registry.current()
    return [served.entry(reference) for reference in served.references]


def _languages(entries: list[Entry]) -> list[str]:
    return sorted({entry.language or "" for entry in entries} - {""})


def _part(entry: Entry, number: int) -> str:
    """A part of the entry's reference; empty where it has so few, as ``bert``."""
    return "".join(str(entry.reference).split(".")[number : number + 1])


def _references(entries: list[Entry]) -> list[str]:
    return [str(entry.reference) for entry in entries]


def _print(entries: list[Entry]) -> list[str]:
    for entry in entries:
        model = entry.spark_name or entry.model_name
        print(f"nlu.load('{entry.reference}') returns Spark NLP model {model}")
    return _references(entries)
