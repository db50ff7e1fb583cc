"""The exceptions of the package, all of them.

Every error says what was given, what is valid and what to do next. ``except nlu_lite.NluLiteError``
catches them all; each leaf is also the builtin exception that a Python programmer would expect, so
``except ValueError`` keeps working.
"""

from __future__ import annotations


class NluLiteError(Exception):
    """Base of every error that this package raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the caller's lines down to the call into this package, then the message.

        The lines inside of the package would hide what matters;
        ``traceback.print_exception(sys.last_value)`` prints them.
        """
        import traceback
        from pathlib import Path

        inside = str(Path(__file__).parent)
        lines = traceback.extract_tb(self.__traceback__)
        ours = next(
            (place for place, line in enumerate(lines) if line.filename.startswith(inside)),
            len(lines),
        )
        # The first lines are IPython's own.
        shown = [
            line for line in lines[:ours] if "IPython/core/" not in line.filename.replace("\\", "/")
        ]
        return [
            *"".join(traceback.format_list(shown)).splitlines(),
            *traceback.format_exception_only(self),
        ]


def brief(value: object, most: int = 80) -> str:
    """A value as a message shows it: its beginning where it is long, its type where it cannot be shown.

    Example:
        >>> brief("word"), brief("x" * 100, 10)
        ("'word'", "'xxxxxx...")
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - an object of the caller's, whose own fault must not hide the one that is told
        text = f"<{type(value).__name__}>"
    return text if len(text) <= most else f"{text[: most - 3]}..."


class RegistryError(NluLiteError, ValueError):
    """A registry file cannot be used; the message lists every fault with its place."""


class UnknownReferenceError(NluLiteError, LookupError):
    """A request names a reference that no registry knows; the message names the nearest ones."""


class UnservedReferenceError(UnknownReferenceError):
    """A reference that NLU knows and this package does not serve; the message gives the reason and the nearest served one."""


class OptionError(NluLiteError, ValueError):
    """An option has a value outside what is valid; the message lists the valid ones."""


class UnknownOptionError(OptionError, TypeError):
    """An option that does not exist; the message lists those that do."""


class InputTypeError(NluLiteError, TypeError):
    """The data, or one item of it, is of a kind that is not accepted; the message names the position of the item."""


class InputValueError(NluLiteError, ValueError):
    """The data is of an accepted kind but cannot be used as it is, for example when the text column is not clear."""


class OutputError(NluLiteError, OSError):
    """A result cannot be written, or its folder is in use or holds something else; the message says what is kept."""


class WeightsNotFoundError(NluLiteError, FileNotFoundError):
    """The files of a model are not on this machine; the message says what was tried and how to get them."""


class IntegrityError(NluLiteError, ValueError):
    """A file is not the one that the registry names (its sha256 differs)."""


class ModelError(NluLiteError, ValueError):
    """The files of a model are there but do not make the model that the entry describes, or it fails on a text."""


class NotFiniteError(NluLiteError, FloatingPointError):
    """A vector has NaN or infinity in it; the message names the reference, the text, the layer, and what helps."""


class OutOfMemoryError(NluLiteError, MemoryError):
    """A text does not fit into the memory even alone; the message says how long it is and what helps."""


class DownloadError(NluLiteError, ConnectionError):
    """A download failed; the message says at what address, why, and what helps."""


class NotServedError(NluLiteError, NotImplementedError):
    """Something that NLU does and this package does not; the message gives the reason and what to do instead."""


class NotFittedError(NluLiteError, RuntimeError):
    """Labels are asked of something that was not trained yet; the message says how it is."""


class MigrationError(NluLiteError, ValueError):
    """A file of code cannot be read or its copy not be written; the message has file and line."""


class MissingExtraError(NluLiteError, ImportError):
    """An optional package is needed; the message names the extra that brings it."""
