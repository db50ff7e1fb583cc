"""The exceptions of the package, all of them.

Every error says what was given, what is valid and what to do next. ``except nlu_lite.NluLiteError``
catches them all; each leaf is also the builtin exception that a Python programmer would expect, so
``except ValueError`` keeps working.
"""

from __future__ import annotations


class NluLiteError(Exception):
    """Base of every error that this package raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the caller's lines down to this package, then the message.

        The lines inside of the package would hide what matters;
        ``traceback.print_exception(sys.last_value)`` prints them.
        """
        import traceback
        from pathlib import Path

        package = str(Path(__file__).parent)
        caller_lines = []
        for line in traceback.extract_tb(self.__traceback__):
            if line.filename.startswith(package):
                break
            # The first lines are IPython's own.
            if "IPython/core/" not in line.filename.replace("\\", "/"):
                caller_lines.append(line)
        return [
            *"".join(traceback.format_list(caller_lines)).splitlines(),
            *traceback.format_exception_only(self),
        ]


def brief(value: object, most: int = 80) -> str:
    """A value as a message shows it: its beginning where it is long.

    Of an object whose ``repr`` fails only the type is shown.

    Example:
        >>> brief("word"), brief("x" * 100, 10)
        ("'word'", "'xxxxxx...")
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a fault of the caller's object must not hide that of the message
        text = f"<{type(value).__name__}>"
    return text if len(text) <= most else f"{text[: most - 3]}..."


class RegistryError(NluLiteError, ValueError):
    """A registry file cannot be used; the message lists every fault with its place."""


class UnknownReferenceError(NluLiteError, LookupError):
    """A request names a reference that no registry knows; the message names the nearest ones."""


class UnservedReferenceError(UnknownReferenceError):
    """NLU knows a reference and this package does not serve it.

    The message gives the reason and the nearest reference that is served.
    """


class OptionError(NluLiteError, ValueError):
    """An option has a value outside what is valid; the message lists the valid ones."""


class UnknownOptionError(OptionError, TypeError):
    """An option that does not exist; the message lists those that do."""


class InputTypeError(NluLiteError, TypeError):
    """The data, or one item of it, is of a kind that is not accepted; the message says which."""


class InputValueError(NluLiteError, ValueError):
    """The data is of an accepted kind but cannot be used, as where the text column is not clear."""


class OutputError(NluLiteError, OSError):
    """A result cannot be written, or its folder is in use or holds something else.

    The message says what is kept.
    """


class WeightsNotFoundError(NluLiteError, FileNotFoundError):
    """The files of a model are not on this machine; the message says how to get them."""


class IntegrityError(NluLiteError, ValueError):
    """A file is not the one that the registry names (its sha256 differs)."""


class ModelError(NluLiteError, ValueError):
    """The files of a model do not make the model that the entry describes, or a text fails."""


class NotFiniteError(NluLiteError, FloatingPointError):
    """A vector has NaN or infinity in it.

    The message names the reference, the text, the layer, and what helps.
    """


class OutOfMemoryError(NluLiteError, MemoryError):
    """Even one text alone does not fit into memory; the message says its length and what helps."""


class DownloadError(NluLiteError, ConnectionError):
    """A download failed; the message says at what address, why, and what helps."""


class NotServedError(NluLiteError, NotImplementedError):
    """NLU does something that this package does not; the message says what to do instead."""


class NotFittedError(NluLiteError, RuntimeError):
    """Labels are asked of something that was not trained yet; the message says how it is."""


class MigrationError(NluLiteError, ValueError):
    """A file of code cannot be read or its copy not be written; the message has file and line."""


class MissingExtraError(NluLiteError, ImportError):
    """An optional package is needed; the message names the extra that brings it."""
