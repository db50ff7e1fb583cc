"""NLU's own interface: ``import nlu_lite.compat as nlu`` instead of ``import nlu``.

``from nlu_lite.compat import nlp`` stands for ``from johnsnowlabs import nlp``.

The parameters, the column names and the matrices are those of NLU 5.4.1 (docs/coming-from-nlu.md);
the vectors are those of ``nlu_lite``.

Example:
    >>> import nlu_lite.compat as nlu
    >>> list(nlu.load("en.embed.minilm_l6").predict("I love NLP", output_level="token").columns)
    ['token', 'word_embedding_minilm_l6']
"""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, NoReturn

from nlu_lite.compat import facts, parameters
from nlu_lite.compat.verbosity import disable_verbose, enable_verbose

if TYPE_CHECKING:
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
    from nlu_lite.compat.loading import load
    from nlu_lite.compat.pipeline import NLUPipeline
    from nlu_lite.compat.session import install, settings, start

__all__ = [
    "NLUPipeline",
    "disable_verbose",
    "enable_verbose",
    "get_components",
    "install",
    "load",
    "nlp",
    "nlu",
    "print_all_languages",
    "print_all_model_kinds_for_action",
    "print_all_model_kinds_for_action_and_lang",
    "print_all_nlu_components_for_lang",
    "print_component_types",
    "print_components",
    "print_trainable_components",
    "settings",
    "start",
    "version",
]

# The names under which notebooks know NLU, so that `from nlu_lite.compat import *` binds them too.
nlu = nlp = sys.modules[__name__]


# Bound when first used, so that `nlu-lite migrate`, which lies in a folder of this room, needs
# neither pandas nor torch. Other names of `__all__` lie in `listings`.
_MODULES = {
    "NLUPipeline": "pipeline",
    "load": "loading",
    **dict.fromkeys(("install", "settings", "start"), "session"),
}


def version() -> str:
    """The version of this package."""
    return metadata.version("nlu-lite")


if not TYPE_CHECKING:  # a type checker would take any name for one of the package's

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name is bound to
        """A name from its module; what NLU has and this package has not says so when called."""
        if name in __all__:
            module = import_module(f"nlu_lite.compat.{_MODULES.get(name, 'listings')}")
            globals()[name] = getattr(module, name)
            return globals()[name]
        if name in facts.FUNCTIONS:
            return partial(_not_served, name)
        if name in facts.TABLES:
            raise AttributeError(f"NLU's nlu.{name} is not served: {facts.TABLES[name].advice}.")
        raise AttributeError(
            f"nlu_lite.compat has no {name!r}; its names are {', '.join(__all__)}."
        )


def _not_served(name: str, *_arguments: object, **_options: object) -> NoReturn:
    parameters.not_served(f"nlu.{name}", facts.FUNCTIONS[name].advice)
