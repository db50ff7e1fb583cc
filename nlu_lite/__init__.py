"""One line from text to a pandas DataFrame of words and their transformer vectors.

    import nlu_lite as nlu
    nlu.load("en.embed.minilm_l6").predict(["I love NLP"], output_level="token")

The public names are bound when first used: importing the package imports neither torch,
transformers nor pandas.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nlu_lite import plot as plot
    from nlu_lite.catalogue import models, search
    from nlu_lite.encoder import clear_cache
    from nlu_lite.errors import NluLiteError
    from nlu_lite.frame import as_text, mean_vectors, vectors, write_csv
    from nlu_lite.loading import load
    from nlu_lite.pipeline import Pipeline
    from nlu_lite.registry import register
    from nlu_lite.text import SparkSentences, SparkTokenizer
    from nlu_lite.train import distil, finetune
    from nlu_lite.verification import verify

    __version__: str

__all__ = [
    "NluLiteError",
    "Pipeline",
    "SparkSentences",
    "SparkTokenizer",
    "as_text",
    "clear_cache",
    "distil",
    "finetune",
    "load",
    "mean_vectors",
    "models",
    "register",
    "search",
    "vectors",
    "verify",
    "write_csv",
]

_HOMES = {
    "NluLiteError": "errors",
    "Pipeline": "pipeline",
    "SparkSentences": "text",
    "SparkTokenizer": "text",
    "as_text": "frame",
    "clear_cache": "encoder",
    "distil": "train",
    "finetune": "train",
    "load": "loading",
    "mean_vectors": "frame",
    "models": "catalogue",
    "register": "registry",
    "search": "catalogue",
    "vectors": "frame",
    "verify": "verification",
    "write_csv": "frame",
}


if not TYPE_CHECKING:  # a type checker would take any name for one of the package's

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name is bound to
        if name == "__version__":
            from importlib.metadata import version

            return version("nlu-lite")
        if name == "plot":  # a room of its own, not a name out of one
            return import_module("nlu_lite.plot")
        if name not in _HOMES:
            raise AttributeError(
                f"nlu_lite has no {name!r}; its public names are "
                f"{', '.join(sorted((*_HOMES, 'plot')))}."
            )
        value = getattr(import_module(f"nlu_lite.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The public names, for completion; what this file itself uses is none of them."""
    hidden = (name for name in globals() if name.startswith("__"))
    return sorted({*hidden, *_HOMES, "plot", "__version__"})


def _complete_in_ipython() -> None:
    """Have Tab complete references in ``nlu.load("``, where this is imported inside IPython."""
    # The package may be there without a shell, or half imported.
    get_shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    completer: Any = getattr(get_shell(), "Completer", None)
    if not hasattr(completer, "suppress_competing_matchers"):  # before IPython 8.6
        return
    matchers = completer.custom_matchers
    # By name: a package that was reloaded has another function of it.
    if _match_references.__name__ not in [getattr(matcher, "__name__", "") for matcher in matchers]:
        matchers.append(_match_references)


def _match_references(context: Any) -> Any:  # noqa: ANN401 - records of IPython
    """The references that fit where the cursor is; called by IPython, as its matchers are."""
    from IPython import get_ipython
    from IPython.core.completer import SimpleCompletion

    from nlu_lite.registry import complete_reference

    before = context.full_text.split("\n")[: context.cursor_line]
    code = "\n".join([*before, context.text_until_cursor])
    typed, references = complete_reference(code, get_ipython().user_ns)
    return {
        "completions": [SimpleCompletion(text=name, type="reference") for name in references],
        "matched_fragment": typed,
        "suppress": True,  # between these quotes no name of a file is meant
    }


_match_references.matcher_api_version = 2  # type: ignore[attr-defined]
_match_references.matcher_priority = 1_000.0  # type: ignore[attr-defined]

# The one thing that the import does beside binding names.
_complete_in_ipython()
