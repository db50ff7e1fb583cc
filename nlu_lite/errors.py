"""The exceptions of the package, all of them, and what their messages may show.

Every error says what was given, what is valid and what to do next. ``except nlu_lite.NluLiteError``
catches them all; each leaf is also the builtin exception that a Python programmer would expect, so
``except ValueError`` keeps working.
"""

from __future__ import annotations

import errno
import re
import typing
from urllib.parse import unquote

HIDDEN = "***"
# An address within a text; a quote or a blank ends it.
_ADDRESS = re.compile(r"""\b(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>[^\s'"<>`]+)""")
# User and password whose slash or question mark is not encoded; a port, which buckets have not, is
# no password.
_RAW_PASSWORD = re.compile(r"[^/?#:@]*:.*@")
_PORT = re.compile(r"[^/?#:@]*:\d{1,5}(?:[/?#]|$)")
_BUCKET_SCHEMES = frozenset({"s3", "s3a", "s3n", "gs", "gcs"})
# Of these schemes the name before the ``@`` is a container's.
_CONTAINER_SCHEMES = frozenset({"abfs", "abfss", "wasb", "wasbs"})
# Fields of a query that say where something is; the values of all others are hidden.
_HARMLESS_FIELDS = frozenset(
    {
        *("allow_bucket_creation", "allow_bucket_deletion", "download", "endpoint_override"),
        *("force_virtual_addressing", "region", "replication", "scheme", "user"),
    }
)
# What is a secret wherever it stands.
_SECRETS = (
    (re.compile(r"(?i)\b(bearer )[\w.~+/=-]{8,}"), rf"\1{HIDDEN}"),
    (re.compile(r"\bhf_[A-Za-z0-9]{16,}"), f"hf_{HIDDEN}"),
    (
        re.compile(
            r"(?i)\b((?:x-(?:amz|goog)-[a-z-]+|signature|sig|key-pair-id|policy|access_token|"
            r"(?:access|secret|account)_key|password)=)[^\s&'\"<>`]+"
        ),
        rf"\1{HIDDEN}",
    ),
)
# Characters that a terminal obeys, and that turn the direction of a line; not line breaks, tabs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# Numbers of the operating system's errors that have a cure of their own.
_NO_PERMISSION = (errno.EACCES, errno.EPERM)
_READ_ONLY = (errno.EROFS,)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

AnyError = typing.TypeVar("AnyError", bound=BaseException)


def hide_secrets(text: str) -> str:
    """A text without the keys, passwords and signatures of the addresses in it.

    Args:
        text: A message, or an address such as ``s3://KEY:SECRET@bucket/folder``.

    Example:
        >>> hide_secrets("s3://KEY:SECRET@bucket/folder?region=eu&token=X is full")
        's3://bucket/folder?region=eu&token=*** is full'
    """
    hidden = _ADDRESS.sub(_without_secrets, text) if "://" in text else text
    for pattern, replacement in _SECRETS:
        hidden = pattern.sub(replacement, hidden)
    return hidden


def _without_secrets(address: re.Match[str]) -> str:
    """An address without user, password and the values of its query."""
    scheme, rest = address["scheme"], address["rest"]
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    user, _, _ = authority.rpartition("@")
    has_port = scheme.lower() not in _BUCKET_SCHEMES and _PORT.match(rest)
    raw = None if user or has_port else _RAW_PASSWORD.match(rest)
    if raw is not None:
        user = raw[0][:-1]
    if user:
        rest = rest[len(user) + 1 :]
        container = user.partition(":")[0] if scheme.lower() in _CONTAINER_SCHEMES else ""
        rest = f"{container}@{rest}" if container else rest
    location, question, query = rest.partition("?")
    fields = "&".join(map(_without_value, query.split("&"))) if query else ""
    return f"{scheme}://{location}{question}{fields}"


def _without_value(field: str) -> str:
    name, equals, value = field.partition("=")
    if name.lower() in _HARMLESS_FIELDS and "@" not in unquote(value):
        return field
    return f"{name}={HIDDEN}" if equals else HIDDEN


def show_controls(text: str) -> str:
    r"""A text whose control characters are shown as escapes, so that a terminal does not obey them.

    Args:
        text: Any; its line breaks and tabs stay.

    Example:
        >>> show_controls("a title: \x1b]0;mine\x07")
        'a title: \\x1b]0;mine\\x07'
    """
    return _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def hide_secrets_of(error: AnyError) -> AnyError:
    """An error of another library, and those it was raised from, without secrets in the messages.

    Args:
        error: It is changed; then it can be the cause of one of ours, whose traceback shows it.
    """
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        current.args = tuple(map(_hidden_argument, current.args))
        if isinstance(current, OSError):
            for name in ("strerror", "filename", "filename2"):
                if isinstance(getattr(current, name), str):
                    setattr(current, name, hide_secrets(getattr(current, name)))
        pending += [current.__cause__, current.__context__]
    return error


def advise(error: OSError) -> str:
    """What helps against an error of the disk, as the beginning of a sentence.

    Example:
        >>> advise(OSError(28, "No space left on device"))
        'Free space'
    """
    if error.errno in _NO_PERMISSION:
        return (
            "This user may not do that there: let the owner give permission (such as chmod g+rwX "
            "for a group that shares it)"
        )
    if error.errno in _READ_ONLY:
        return "Nothing can be written there: make it writable"
    if error.errno in _NO_ROOM:
        return "Free space"
    return "Repair that"


def _hidden_argument(value: object) -> object:
    return hide_secrets(value) if isinstance(value, str) else value


class NluLiteError(Exception):
    """Base of every error that this package raises on purpose.

    Its message holds no secrets and no characters that a terminal obeys, whatever was put into it.

    Args:
        parts: The message.
    """

    def __init__(self, *parts: object) -> None:
        shown = [
            show_controls(hide_secrets(part)) if isinstance(part, str) else part for part in parts
        ]
        super().__init__(*shown)

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
