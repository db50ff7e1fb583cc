"""NLU's own interface over this package: ``import nlu_lite.compat as nlu`` instead of ``import nlu``.

The parameters, the column names and the matrices are those of NLU 5.4.1 (docs/coming-from-nlu.md); the vectors are those of
``nlu_lite``.

Example:
    >>> import nlu_lite.compat as nlu
    >>> list(nlu.load("en.embed.minilm_l6").predict("I love NLP", output_level="token").columns)
    ['token', 'word_embedding_minilm_l6']
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NoReturn

from nlu_lite.compat import parameters
from nlu_lite.compat.listings import (
    get_components,
    print_all_languages,
    print_all_model_kinds_for_action,
    print_all_model_kinds_for_action_and_lang,
    print_all_nlu_components_for_lang,
    print_component_types,
    print_components,
    print_trainable_components,
)
from nlu_lite.compat.loading import load, set_verbose
from nlu_lite.compat.pipeline import NLUPipeline

__all__ = [
    "NLUPipeline",
    "disable_verbose",
    "enable_verbose",
    "get_components",
    "load",
    "print_all_languages",
    "print_all_model_kinds_for_action",
    "print_all_model_kinds_for_action_and_lang",
    "print_all_nlu_components_for_lang",
    "print_component_types",
    "print_components",
    "print_trainable_components",
    "version",
]


def version() -> str:
    """The version of this package."""
    from importlib import metadata

    return metadata.version("nlu-lite")


def enable_verbose() -> None:
    """Show the messages of this package on the standard error stream."""
    set_verbose(True)


def disable_verbose() -> None:
    """Stop showing them."""
    set_verbose(False)


def __getattr__(name: str) -> Callable[..., NoReturn]:
    """What NLU has and this package has not says so when it is called."""
    if name in parameters.FUNCTIONS:
        return partial(_not_served, name)
    raise AttributeError(f"nlu_lite.compat has no {name!r}; its names are {', '.join(__all__)}.")


def _not_served(name: str, *_arguments: object, **_options: object) -> NoReturn:
    parameters.not_served(f"nlu.{name}", parameters.FUNCTIONS[name])
