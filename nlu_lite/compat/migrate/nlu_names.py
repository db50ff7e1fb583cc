"""What of NLU's names a line of code can go on using, as reasons for people; empty where it can."""

from __future__ import annotations

import difflib

from nlu_lite.compat import facts


def of_function(name: str) -> str:
    """Why a name of the module cannot be used.

    Args:
        name: As after ``nlu.``.
    """
    if name.startswith("__"):
        return ""
    fact = facts.FUNCTIONS.get(name) or facts.TABLES.get(name)
    if fact is None:
        return f"nlu.{name}: it is no public name of NLU 5.4 that is known here"
    return f"nlu.{name}: {fact.advice}" if fact.outcome == "refused" else ""


def of_method(name: str) -> str:
    """Why a name of NLU's pipeline cannot be used.

    Args:
        name: As after ``pipe.``.
    """
    if name.startswith("__"):
        return ""
    fact = facts.METHODS.get(name) or facts.ATTRIBUTES.get(name)
    if fact is None:
        return f"{name}: a pipeline has no such name here. Nearest: dir(pipe) lists those it has"
    return f"{name}: {fact.advice}" if fact.outcome == "refused" else ""


def of_setter(key: str, name: str, value: str, request: str) -> str:
    """Why a setter cannot be called, with the call that does the same.

    Args:
        key: Of the component, as in ``pipe[key]``.
        name: Of the setter.
        value: Its argument, as written.
        request: Of the pipeline.
    """
    for keys, option, factory, setters in (
        (facts.TOKENIZER_KEYS, "words", "SparkTokenizer", facts.TOKENIZER_SETTERS),
        (facts.SENTENCE_KEYS, "sentences", "SparkSentences", facts.SENTENCE_SETTERS),
    ):
        if key.startswith(keys) and name in setters:
            call = (
                f"nlu_lite.load({request!r}, {option}=nlu_lite.{factory}({setters[name]}={value}))"
            )
            return f"{name}: options are given to load here. Nearest: {call}"
    if name in facts.SETTERS and not key.startswith(facts.WITHOUT_COMPONENT):
        return f"{name}: {facts.SETTERS[name].advice}"
    return (
        f"{name}: annotators of Spark NLP have no counterpart here. Nearest: the options of "
        f"nlu_lite.load, see its help"
    )


def level_fault(level: str) -> tuple[str, str]:
    """What is wrong with a level: the one that is meant, and why it is refused; empty texts if nothing.

    Args:
        level: As written.
    """
    if level in ("", *facts.LEVELS):
        return "", ""
    near = difflib.get_close_matches(level, facts.LEVELS, n=1, cutoff=0.75)
    why = (
        f"output_level={level!r} is no level (NLU does not check it and gives lists). Valid: "
        f"{', '.join(facts.LEVELS)}"
    )
    return (near[0] if near else ""), why
