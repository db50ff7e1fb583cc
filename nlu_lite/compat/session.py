"""What ``johnsnowlabs.nlp`` has beside NLU: a session to start, programs to install, settings.

There is nothing to start here and nothing more to install; the calls are taken, so that notebooks
run, and say so once.
"""

from __future__ import annotations

import warnings
from functools import cache
from types import SimpleNamespace

from nlu_lite.compat import facts

# A plain record: whatever a notebook sets in it has no effect.
settings = SimpleNamespace()


def start(*_arguments: object, **_options: object) -> None:
    """Nothing: there is no Spark session to start. Says so once.

    Example:
        >>> import warnings, nlu_lite.compat as nlp
        >>> with warnings.catch_warnings(action="ignore"):
        ...     nlp.start()
    """
    _say("start")


def install(*_arguments: object, **_options: object) -> None:
    """Nothing: there is nothing more to install. Says so once.

    Example:
        >>> import warnings, nlu_lite.compat as nlp
        >>> with warnings.catch_warnings(action="ignore"):
        ...     nlp.install()
    """
    _say("install")


@cache
def _say(name: str) -> None:
    warnings.warn(
        f"nlp.{name} has no effect: {facts.JOHNSNOWLABS[name].advice}.", UserWarning, stacklevel=3
    )
