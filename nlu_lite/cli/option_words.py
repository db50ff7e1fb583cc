"""Messages of the library in the words of the command line: ``--column NAME`` for ``text=NAME``."""

from __future__ import annotations

import ast
import re
import shlex

# An option in Python -> on the command line, and what its value is called there.
OPTIONS = {
    "text": ("--column", "NAME"),
    "output_level": ("--level", "LEVEL"),
    "chunks": ("--chunk", "PHRASE"),
    "positions": ("--positions", ""),
    "metadata": ("--metadata", ""),
    "keep": ("--keep", "NAME"),
    "delimiter": ("--delimiter", "SIGN"),
    "quoting": ("--quoting", "SIGN"),
    "escape": ("--escape", "SIGN"),
    "encoding": ("--encoding", "NAME"),
    "path": ("--path", "FOLDER"),
    "task": ("--task", "TASK"),
    "labels": ("--label", "NAME"),
    "hypothesis": ("--hypothesis", "TEXT"),
    "multi_label": ("--multi-label", ""),
    "prompt": ("--prompt", "TEXT"),
    "dtype": ("--dtype", "NAME"),
    "device": ("--device", "NAME"),
    "language": ("--language", "CODE"),
    "offline": ("--offline", ""),
    "part_rows": ("--part-rows", "N"),
    "vectors": ("--vectors", "NAME"),
    "errors": ("--errors", "null"),
    "key": ("--key", "NAME"),
    "reuse": ("--reuse", "FOLDER"),
    "shard": ("--shard", "I/N"),
}
# What only Python can be told.
PYTHON_OPTIONS = (
    *("aggregate", "dimensions", "layers", "long", "max_length", "normalize", "revision"),
    *("sentence_pooling", "sentences", "stride", "word_pooling", "words"),
)
_NAMES = "|".join([*OPTIONS, *PYTHON_OPTIONS])
# Texts, lists and the like, words such as True and FOLDER, or nothing.
_VALUE = r"""(?:"[^"]*"|'[^']*'|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|True|False|None|[A-Z]{2,}\b)?"""
_OPTION = re.compile(rf"(?<![\w/?&.'\"=-])(?P<name>{_NAMES})=(?P<value>{_VALUE})")
# As messages begin that refuse a value.
_REFUSED = re.compile(
    rf"(?:\A|(?<=\. ))(?P<name>{'|'.join(OPTIONS)})(?= names \[| is [^;.]*(?:; valid|, which))"
)
# Where the command stands beside it already.
_SAID_TWICE = re.compile(r"\bnlu\.\w+\([^()]*\) or (?=`nlu-lite )")
_CALL = re.compile(
    r"\bnlu(?:_lite)?\.(?P<function>load|search)\((?P<arguments>[^()]*)\)(?:\.predict\b(?!\())?(?!\.\w)"
)
_FIRST = re.compile(r"""(?P<words>"[^"]*"|'[^']*')(?:, )?""")
# A function -> its verb, and what it is about where the message does not say.
_VERBS = {"load": ("predict", "REFERENCE"), "search": ("search", "WORDS")}


def say_options(message: str) -> str:
    """A message with the options and calls of Python as they are typed on the command line.

    Args:
        message: Of an error or a warning.

    Example:
        >>> say_options('Which column is the text? Say text="NAME", or keep=[...].')
        'Which column is the text? Say --column NAME, or --keep NAME.'
        >>> say_options("Say which: nlu.load('bert', language='de')")
        'Say which: `nlu-lite predict bert --language de`'
    """
    message = _CALL.sub(_command, _SAID_TWICE.sub("", message))
    message = _REFUSED.sub(lambda match: OPTIONS[match["name"]][0], message)
    return _OPTION.sub(_option, message)


def _command(call: re.Match[str]) -> str:
    verb, about = _VERBS[call["function"]]
    arguments = call["arguments"]
    first = _FIRST.match(arguments)
    if first:
        about, arguments = _quote(ast.literal_eval(first["words"])), arguments[first.end() :]
    elif arguments == "..." and call[0].endswith(".predict"):
        return f"`nlu-lite {verb}`"
    options = [_option(option) for option in _OPTION.finditer(arguments)]
    return f"`{' '.join(['nlu-lite', verb, about, *options])}`"


def _option(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    if name in PYTHON_OPTIONS:
        return f"{match[0]} (in Python)"
    option, placeholder = OPTIONS[name]
    if not value:
        return option
    try:
        values = ast.literal_eval(value)
    except (ValueError, SyntaxError):  # a word such as FOLDER, or (number, count)
        return f"{option} {value if value.isupper() and value.isalpha() else placeholder}"
    if isinstance(values, bool) or not placeholder:
        return option
    if not isinstance(values, (list, tuple)):
        values = [values]
    words = [placeholder if word is ... else _quote(str(word)) for word in values]
    return " ".join(f"{option} {word}" for word in words) or option


def _quote(text: str) -> str:
    """As a shell reads it; a tab as it may be typed."""
    return shlex.quote(text.replace("\t", "\\t"))
