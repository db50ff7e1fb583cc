"""Requests to the hub that end: repeated where that helps, never for ever, with our own errors.

What it does instead of huggingface_hub's ``http_get`` and ``http_backoff``. Read in the client's
sources from 0.36 to 2.4.0, the newest tried; ``tests/weights/test_hub_faults.py`` shows what the
installed client does, and a test that fails there says that a part may be needless now:

- ``FileTransfer`` gives up a server that drips. All versions have time-outs about one read each,
  which such a server never meets.
- ``FileTransfer`` begins anew where a server ignores ``Range``. The client before 1.5 writes the
  whole file behind its beginning.
- ``call_hub`` goes on after a connection that broke in the middle. The client does since 1.20 where
  it was closed, and until 2.4.0 not where it was reset.
- ``call_hub`` repeats a download that was answered 500, 502, 503 or 504. The client until 2.4.0
  repeats only 429, since 1.20 also 408.
- ``call_hub`` waits at most ``LONGEST_WAIT``, or what ``waiting_as_asked`` allows. The client
  sleeps as long as the hub says: since 1.2 for ``RateLimit``, since 1.22 for ``Retry-After``.
- ``call_hub`` ends at once where nobody answers. The client since 1.2 waits 23 seconds for that.
- Every failure is an error of ours with the subject, the cause and the cure. The client raises
  errors of its HTTP library (httpx from 1.0 on, httpx2 in 2.4.0), which say neither.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from nlu_lite.errors import (
    DownloadError,
    NluLiteError,
    WeightsNotFoundError,
    hide_secrets,
    hide_secrets_of,
)

# So many failures without a step forward are the end; the wait before each new try is twice the
# last one (seconds).
ATTEMPTS = 3
FIRST_WAIT = 1.0
# Bytes that count as a step forward.
STEP = 65_536
# A hub may ask for a longer wait; more than this (seconds) is the caller's to decide.
LONGEST_WAIT = 20.0
# Seconds that one call may wait in all where the hub asks for it; None for ``LONGEST_WAIT`` each
# time.
_patience: ContextVar[float | None] = ContextVar("patience", default=None)
# Less than so many bytes a second for so many seconds is given up.
LEAST_RATE = 4_000
PATIENCE = 30.0

_BUSY = (408, 429, 500, 502, 503, 504)
# Where nobody answers, asking again only delays the message. By name, as the classes below, since
# the client changes its HTTP library.
_NOBODY_ANSWERS = ("ConnectError", "ConnectTimeout", "ProxyError", "UnsupportedProtocol")

_NO_ACCESS = (
    DownloadError,
    "{hub} does not show {subject}: it does not exist, or it is private. Check the name; for a "
    "private model log in with `hf auth login` or set HF_TOKEN.",
)
# The client's errors, by class and by status: ours instead, and its message.
_MESSAGES_BY_CLASS: dict[str, tuple[type[NluLiteError], str]] = {
    "HFValidationError": (
        WeightsNotFoundError,
        "{subject}: not a valid name for the hub: {line}.",
    ),
    "OfflineModeIsEnabled": (
        DownloadError,
        "HF_HUB_OFFLINE forbids to ask {hub} for {subject}; unset it where there is a network.",
    ),
    "GatedRepoError": (
        DownloadError,
        "{hub} keeps {subject} for those who accepted its terms: accept them on its page, then log "
        "in with `hf auth login` or set HF_TOKEN.",
    ),
    "RevisionNotFoundError": (
        WeightsNotFoundError,
        "{hub} has no such revision: {subject}. Leave revision= out for its newest state.",
    ),
    "RemoteEntryNotFoundError": (
        WeightsNotFoundError,
        "{hub} does not have {subject}, though it lists it; try again later.",
    ),
    "RepositoryNotFoundError": _NO_ACCESS,
}
_MESSAGES_BY_STATUS: dict[int, tuple[type[NluLiteError], str]] = {
    401: _NO_ACCESS,
    403: _NO_ACCESS,
    429: (
        DownloadError,
        "{hub} has had too many requests from here ({subject}).{wait} Try again later, or set "
        "HF_TOKEN.",
    ),
}
_OTHER_STATUS = "{hub} answered {status} for {subject}: {line}. Try again later."
_NO_STATUS = (
    "{subject} cannot be fetched from {hub}: {kind}: {line}. Is the network up? Behind a proxy set "
    "HTTPS_PROXY, for a mirror HF_ENDPOINT; without a network load a folder with path=."
)

# Loggers of the client and its HTTP library: what they say of addresses holds no secrets here.
_LOGGERS = ("huggingface_hub", "httpx", "httpcore", "urllib3")

T = TypeVar("T")


@contextmanager
def waiting_as_asked(longest: float) -> Iterator[None]:
    """Let each call of the hub in this block wait as often and as long as the hub asks.

    Args:
        longest: Seconds that one call may wait in all.
    """
    token = _patience.set(longest)
    try:
        yield
    finally:
        _patience.reset(token)


def call_hub(
    request: Callable[[], T], subject: str, *, made_progress: Callable[[], bool] = lambda: False
) -> T:
    """Call the hub; again where it is busy or the connection broke.

    Args:
        request: Makes the request.
        subject: What is requested, for the message.
        made_progress: Whether there was a step forward since the last call of it; then the attempts
            are counted anew.

    Raises:
        DownloadError: The hub cannot be reached, does not answer, or refuses; says what helps.
        WeightsNotFoundError: The subject does not exist there.
        OSError: The request failed on the disk.
    """
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # its own base class, of its HTTP library

    _hide_secrets_in_logs()
    failures = 0
    patience = _patience.get()
    while True:
        try:
            return request()
        except (HTTPError, OSError, ValueError) as error:
            # The errors of the client and of its HTTP library have no number; those of the
            # operating system do.
            if isinstance(error, NluLiteError) or getattr(error, "errno", None) is not None:
                raise
            failures = 1 if made_progress() else failures + 1
            wait = _wait_as_asked(error, patience)
            if wait is None:
                wait = _wait_before_retry(error, failures)
            else:
                # A hub that says when to come back has not failed.
                patience, failures = (patience or 0.0) - wait, failures - 1
            if wait is None:
                raise _translate(error, subject) from hide_secrets_of(error)
        time.sleep(wait)


def _hide_secrets_in_logs() -> None:
    """Let the client's loggers leave out passwords and signatures; each is asked for that once."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith(_LOGGERS)]
    for name in names:
        logging.getLogger(name).addFilter(_hide_secrets_in_record)


def _hide_secrets_in_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = hide_secrets(record.getMessage()), ()
    return True


@dataclass(kw_only=True)
class FileTransfer:
    """A file on its way from the hub; where the connection breaks, it goes on from there.

    Args:
        url: Its address on the hub, which may send us on to another server.
        out: Where it is written, from the beginning.
        size: Its length in bytes; None where that is not known.
        subject: The file, for the message.
        report: Called with the number of bytes that came; less than zero where some are thrown
            away.
    """

    url: str
    out: BinaryIO
    size: int | None
    subject: str
    report: Callable[[int], object]
    _reached: int = 0

    def run(self) -> None:
        """Fetch the file.

        Raises:
            DownloadError: As ``call_hub``; also where it comes too slowly.
            WeightsNotFoundError: The file does not exist there.
            OSError: It cannot be written.
        """
        call_hub(self._request, self.subject, made_progress=self._made_progress)

    def _made_progress(self) -> bool:
        if self.out.tell() < self._reached + STEP:
            return False
        self._reached = self.out.tell()
        return True

    def _request(self) -> None:
        """Fetch what is missing."""
        from huggingface_hub import constants
        from huggingface_hub.utils import (  # type: ignore[attr-defined]  # exported lazily
            build_hf_headers,
            get_session,
            hf_raise_for_status,
        )

        begin = self.out.tell()
        if begin and begin == self.size:
            return
        # Compressed on the way, a file could not be continued in its middle.
        headers = build_hf_headers(library_name="nlu-lite") | {"Accept-Encoding": "identity"}
        if begin:
            headers["Range"] = f"bytes={begin}-"
        timeout = constants.HF_HUB_DOWNLOAD_TIMEOUT
        with get_session().stream(
            "GET", self.url, headers=headers, timeout=timeout, follow_redirects=True
        ) as response:
            hf_raise_for_status(response)
            content_range = response.headers.get("content-range", "")
            if begin and not content_range.startswith(f"bytes {begin}-"):
                self._begin_anew()
            self._receive(response)

    def _begin_anew(self) -> None:
        """Make room for the whole file, which a server sends that does not know how to go on."""
        self.report(-self.out.tell())
        self.out.seek(0)
        self.out.truncate()

    def _receive(self, response: Any) -> None:  # noqa: ANN401 - of the client's HTTP library
        checked_at, checked_size = time.monotonic(), self.out.tell()
        for chunk in response.iter_bytes():
            self.out.write(chunk)
            self.report(len(chunk))
            size = self.out.tell()
            if self.size is not None and size > self.size:
                return  # no use in reading on: its digest will be wrong
            seconds = time.monotonic() - checked_at
            if seconds > PATIENCE:
                self._refuse_slow(size - checked_size, seconds)
                checked_at, checked_size = time.monotonic(), size

    def _refuse_slow(self, byte_count: int, seconds: float) -> None:
        if byte_count < LEAST_RATE * seconds:
            raise DownloadError(
                f"{hub_address()} sends {self.subject} too slowly: {byte_count} bytes in "
                f"{seconds:.0f} seconds. Try again later, or set a nearer mirror with HF_ENDPOINT."
            )


def _wait_as_asked(error: Exception, patience: float | None) -> float | None:
    """Seconds that a busy hub asks to wait; None where it does not, or patience has an end."""
    response = getattr(error, "response", None)
    if patience is None or getattr(response, "status_code", None) not in _BUSY:
        return None
    requested_wait = _requested_wait(getattr(response, "headers", {}))
    if requested_wait is None or requested_wait > patience:
        return None
    # A hub that asks for no seconds is asked again a second later.
    return max(requested_wait, FIRST_WAIT)


def _wait_before_retry(error: Exception, failures: int) -> float | None:
    """Seconds until it is worth asking again: what the hub says, or twice the last wait.

    None where it is of no use.
    """
    from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined]

    if failures >= ATTEMPTS or not isinstance(error, HTTPError):
        return None
    wait = FIRST_WAIT * 2.0 ** (failures - 1)
    if not isinstance(error, HfHubHTTPError):
        return None if type(error).__name__ in _NOBODY_ANSWERS else wait
    if error.response.status_code not in _BUSY:
        return None
    requested_wait = _requested_wait(error.response.headers)
    if requested_wait is None:
        return wait
    return requested_wait if requested_wait <= LONGEST_WAIT else None


def _requested_wait(headers: Any) -> float | None:  # noqa: ANN401 - of the client's HTTP library
    """Seconds that an answer asks to wait.

    In ``Retry-After``, or in the hub's own ``RateLimit: "api";r=0;t=55``.
    """
    seconds = headers.get("retry-after", "").strip()
    fields = headers.get("ratelimit", "").split(";")
    limit = dict(field.strip().partition("=")[::2] for field in fields)
    if not seconds.isdigit() and limit.get("r") == "0":
        seconds = limit.get("t", "")
    return float(seconds) if seconds.isdigit() else None


def _translate(error: Exception, subject: str) -> NluLiteError:
    """Our error for one of the client or its HTTP library: what failed, why, and what helps."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    seconds = _requested_wait(getattr(response, "headers", {}))
    our_class, message = _message_for(error, status)
    return our_class(
        message.format(
            hub=hub_address(),
            subject=subject,
            status=status,
            kind=type(error).__name__,
            line=first_line(error),
            wait=f" It asks to wait {seconds:.0f} seconds." if seconds else "",
        )
    )


def _message_for(error: Exception, status: int | None) -> tuple[type[NluLiteError], str]:
    for base in type(error).__mro__:
        if base.__name__ in _MESSAGES_BY_CLASS:
            return _MESSAGES_BY_CLASS[base.__name__]
    if status is None:
        return DownloadError, _NO_STATUS
    return _MESSAGES_BY_STATUS.get(status, (DownloadError, _OTHER_STATUS))


def hub_address() -> str:
    """The address of the hub, which ``HF_ENDPOINT`` sets, without a password in it."""
    from huggingface_hub import constants

    return hide_secrets(constants.ENDPOINT)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, without a full stop and without secrets."""
    return (hide_secrets(str(error)).strip().splitlines() or [""])[0].rstrip(".")
