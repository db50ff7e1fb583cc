"""Requests to the hub that come to an end: repeated where that helps, never for ever, each failure one of our errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

from nlu_lite.errors import DownloadError, NluLiteError, WeightsNotFoundError

# So many failures without a step forward are the end; the wait before each new try is twice the
# last one (seconds).
ATTEMPTS = 3
FIRST_WAIT = 1.0
STEP = 65_536
# A hub may ask for a longer wait; more than this (seconds) is the caller's to decide.
LONGEST_WAIT = 20.0
# Less than so many bytes a second for so many seconds is given up. The client's time-outs are about
# one read each, so a server that drips never meets them.
LEAST_RATE = 4_000
PATIENCE = 30.0

_BUSY = (408, 429, 500, 502, 503, 504)
# Where nobody answers, asking again only delays the message. By name: the client changed its HTTP
# library once already.
_NOBODY_THERE = ("ConnectError", "ConnectTimeout", "ProxyError", "UnsupportedProtocol")

T = TypeVar("T")


def patiently(call: Callable[[], T], what: str, *, got_on: Callable[[], bool] = lambda: False) -> T:
    """Call the hub; again where it is busy or the connection broke.

    Args:
        call: Makes the request.
        what: Is asked for, for the message.
        got_on: Whether there was a step forward since it was last asked; then the attempts are
            counted anew.

    Raises:
        DownloadError: The hub cannot be reached, does not answer, or refuses; says what helps.
        WeightsNotFoundError: What is asked for does not exist there.
        OSError: What the call did beside asking failed, on the disk.
    """
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # its own base class, of its HTTP library

    failures = 0
    while True:
        try:
            return call()
        except (HTTPError, OSError, ValueError) as error:
            # The errors of the client and of its HTTP library have no number; those of the
            # operating system do.
            if isinstance(error, NluLiteError) or getattr(error, "errno", None) is not None:
                raise
            failures = 1 if got_on() else failures + 1
            wait = _wait(error, failures)
            if wait is None or wait > LONGEST_WAIT or failures >= ATTEMPTS:
                raise _translated(error, what) from error
        time.sleep(wait)


def receive(
    url: str, out: BinaryIO, *, size: int | None, what: str, progress: Callable[[int], object]
) -> None:
    """Fetch a file; where the connection breaks, go on from there.

    Args:
        url: Its address on the hub, which may send us on to another server.
        out: Where it is written, from the beginning.
        size: How long it is, if that is known.
        what: The file, for the message.
        progress: Called with the number of bytes that came; less than zero where some are thrown
            away.

    Raises:
        DownloadError: As ``patiently``; also where it comes too slowly.
        WeightsNotFoundError: The file does not exist there.
        OSError: It cannot be written.
    """
    reached = 0

    def got_on() -> bool:
        nonlocal reached
        enough = out.tell() >= reached + STEP
        reached = out.tell() if enough else reached
        return enough

    patiently(lambda: _request(url, out, size, what, progress), what, got_on=got_on)


def _request(
    url: str, out: BinaryIO, size: int | None, what: str, progress: Callable[[int], object]
) -> None:
    from huggingface_hub import constants
    from huggingface_hub.utils import (  # type: ignore[attr-defined]  # exported lazily
        build_hf_headers,
        get_session,
        hf_raise_for_status,
    )

    begin = out.tell()
    if begin and begin == size:
        return
    # Compressed on the way, a file could not be continued in its middle.
    headers = build_hf_headers(library_name="nlu-lite") | {"Accept-Encoding": "identity"}
    if begin:
        headers["Range"] = f"bytes={begin}-"
    timeout = constants.HF_HUB_DOWNLOAD_TIMEOUT
    with get_session().stream(
        "GET", url, headers=headers, timeout=timeout, follow_redirects=True
    ) as response:
        hf_raise_for_status(response)
        if begin and not response.headers.get("content-range", "").startswith(f"bytes {begin}-"):
            # The server does not know how to go on and sends the whole file.
            out.seek(0)
            out.truncate()
            progress(-begin)
        since, there = time.monotonic(), out.tell()
        for chunk in response.iter_bytes():
            out.write(chunk)
            progress(len(chunk))
            if size is not None and out.tell() > size:
                return  # no use in reading on: its digest will be wrong
            if (now := time.monotonic()) - since > PATIENCE:
                _refuse_slow(out.tell() - there, now - since, what)
                since, there = now, out.tell()


def _refuse_slow(came: int, seconds: float, what: str) -> None:
    if came < LEAST_RATE * seconds:
        raise DownloadError(
            f"{place()} sends {what} too slowly: {came} bytes in {seconds:.0f} seconds. Try again "
            f"later, or set a nearer "
            "mirror with HF_ENDPOINT."
        )


def _wait(error: BaseException, failures: int) -> float | None:
    """Seconds until it is worth asking again: what the hub says, or twice the last wait; None where it is of no use."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined]

    own = FIRST_WAIT * 2.0 ** (failures - 1)
    if isinstance(error, HfHubHTTPError):
        asked = _asked(error.response.headers)
        return None if error.response.status_code not in _BUSY else own if asked is None else asked
    return (
        own if isinstance(error, HTTPError) and type(error).__name__ not in _NOBODY_THERE else None
    )


def _asked(headers: Any) -> float | None:  # noqa: ANN401 - of the client's HTTP library
    """The wait that an answer asks for: ``Retry-After``, or the hub's own ``RateLimit: "api";r=0;t=55``."""
    after = headers.get("retry-after", "").strip()
    parts = dict(
        part.strip().partition("=")[::2] for part in headers.get("ratelimit", "").split(";")
    )
    if not after.isdigit() and parts.get("r") == "0":
        after = parts.get("t", "")
    return float(after) if after.isdigit() else None


def _translated(error: BaseException, what: str) -> Exception:
    """Our error for one of the client or its HTTP library: what failed, why, and what helps."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        OfflineModeIsEnabled,
        RemoteEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    hub = place()
    if isinstance(error, HFValidationError):
        return WeightsNotFoundError(f"{what}: not a valid name for the hub: {line(error)}.")
    if isinstance(error, OfflineModeIsEnabled):
        return DownloadError(
            f"HF_HUB_OFFLINE forbids to ask {hub} for {what}; unset it where there is a network."
        )
    if isinstance(error, GatedRepoError):
        return DownloadError(
            f"{hub} keeps {what} for those who accepted its terms: accept them on its page, then "
            f"log in "
            "with `hf auth login` or set HF_TOKEN."
        )
    if isinstance(error, RevisionNotFoundError):
        return WeightsNotFoundError(
            f"{hub} has no such revision: {what}. Leave revision= out for its newest state."
        )
    if isinstance(error, RemoteEntryNotFoundError):
        return WeightsNotFoundError(
            f"{hub} does not have {what}, though it lists it; try again later."
        )
    if isinstance(error, RepositoryNotFoundError) or status in (401, 403):
        return DownloadError(
            f"{hub} does not show {what}: it does not exist, or it is private. Check the name; for "
            f"a private model log in "
            "with `hf auth login` or set HF_TOKEN."
        )
    if status == 429:
        seconds = _asked(getattr(response, "headers", {}))
        asked = f" It asks to wait {seconds:.0f} seconds." if seconds else ""
        return DownloadError(
            f"{hub} has had too many requests from here ({what}).{asked} Try again later, or set "
            f"HF_TOKEN."
        )
    if status is not None:
        return DownloadError(f"{hub} answered {status} for {what}: {line(error)}. Try again later.")
    return DownloadError(
        f"{what} cannot be fetched from {hub}: {type(error).__name__}: {line(error)}. Is the "
        f"network up? Behind a proxy set "
        "HTTPS_PROXY, for a mirror HF_ENDPOINT; without a network load a folder with path=."
    )


def place() -> str:
    """The address of the hub."""
    from huggingface_hub import constants

    return constants.ENDPOINT


def line(error: BaseException) -> str:
    """The first line of an error's message, without a full stop."""
    return (str(error).strip().splitlines() or [""])[0].rstrip(".")
