"""Names of files and folders as callers say them: paths, ``~``, ``file://``, other addresses."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.request import url2pathname

from nlu_lite.errors import NluLiteError

# A letter alone is a drive of Windows; a path made of an address has one slash left.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
# These are no names of folders without a slash either.
_KNOWN = re.compile(r"(file|dbfs|s3[an]?|gs|gcs|hdfs|viewfs|abfss?|wasbs?|adl|https?|hf):", re.I)
_SECRETS = re.compile(r"(?<=//)[^/@]*@|[?].*")


def resolve_address(name: str | Path, refusal: type[NluLiteError]) -> Path | str:
    """What a name means: a path of this machine, or the address of a file system of Arrow.

    ``~`` is the home folder, ``file://`` this machine.

    Args:
        name: As the caller said it.
        refusal: The class of the error.

    Returns:
        A path, or as text the address of another system.

    Raises:
        NluLiteError: Of the class: an address of something that nothing here reads or writes.

    Example:
        >>> from nlu_lite.errors import OptionError
        >>> resolve_address("file:///data/my%20texts", OptionError).as_posix()
        '/data/my texts'
        >>> resolve_address("s3://bucket/folder", OptionError)
        's3://bucket/folder'
    """
    text = os.fspath(name)
    match = _ADDRESS.match(text) or _KNOWN.match(text)
    if match is None:
        return _expand_home(text, refusal)
    scheme, rest = match[1].lower(), text[len(match[1]) + 1 :]
    if scheme == "file":
        return _path_of_url(text, rest, refusal)
    target = rest.lstrip("/")
    advice = {
        "dbfs": f"On Databricks the same place is the folder /dbfs/{target}; say that",
        "s3a": f"Say s3://{target}",
        "s3n": f"Say s3://{target}",
    }.get(scheme)
    if advice is not None:
        raise refusal(
            f"{show_address(text)} is an address of {scheme}:, which is not understood. "
            f"{show_address(advice)}."
        )
    return f"{scheme}://{target}"


def local_path(name: str | Path, purpose: str, refusal: type[NluLiteError]) -> Path:
    """A path of this machine, where nothing else will do.

    Args:
        name: As the caller said it.
        purpose: What lies there, for the message.
        refusal: The class of the error.

    Raises:
        NluLiteError: Of the class: it is the address of another system.
    """
    resolved = resolve_address(name, refusal)
    if isinstance(resolved, Path):
        return resolved
    raise refusal(
        f"{show_address(resolved)} is an address of another system, and {purpose} lies on this "
        f"machine. Name a folder here, and copy it from or to the address."
    )


def show_address(text: str) -> str:
    """An address for a message, without the keys and signatures that it may hold.

    Example:
        >>> show_address("s3://KEY:SECRET@bucket/folder?token=1")
        's3://bucket/folder'
    """
    return _SECRETS.sub("", text)


def _expand_home(text: str, refusal: type[NluLiteError]) -> Path:
    if not text.startswith("~"):
        return Path(text)
    expanded = Path(os.path.expanduser(text))  # noqa: PTH111 - which raises nothing of its own
    if str(expanded).startswith("~") and not expanded.exists():
        raise refusal(
            f"{text} begins with ~, and there is no home folder of that user. Of a folder whose "
            f"name begins so, give the whole path."
        )
    return expanded


def _path_of_url(text: str, rest: str, refusal: type[NluLiteError]) -> Path:
    path = rest
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host not in ("", "localhost") or not slash:
            raise refusal(
                f"{show_address(text)} names the machine {host!r}; a file of this one is "
                f"file:///folder/file, with three slashes."
            )
        path = f"/{path}"
    return Path(url2pathname(path))
