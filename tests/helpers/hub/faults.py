"""What the hub does wrong on request."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .answers import Answer, as_json


@dataclass(frozen=True)
class Fault:
    """One kind of misbehaviour, and the requests that it befalls.

    A request is befallen when ``path`` is in its path, the ``method`` is the one named (any by
    default), ``skip`` such requests went before it, and the fault has not struck ``times`` times
    yet. A fault of the body strikes only requests that get a body (a GET answered 200 or 206), so
    that the HEAD before a download does not use it up.

    Attributes:
        path: a part of the path (with the query) of the requests.
        method: "GET" or "HEAD".
        skip: how many matching requests pass unharmed first.
        times: how often it strikes; None is for ever.
        status: answer with this status and a JSON error instead.
        headers: headers to add or replace; None as the value takes the header away.
        etag: the ETag (and X-Linked-Etag) to send in place of the right one.
        body: another body.
        alter: flip one bit in the middle of the body.
        blank: zeros in place of the second half of the body.
        cut: close the connection after so many bytes of the body; 0 closes it before the status
            line.
        reset: the cut is a reset (RST) instead of an orderly close (FIN).
        stall: fall silent after so many bytes of the body, until `HubServer.release`; 0 is before
            the status line.
        rate: send the body at so many bytes per second.
    """

    path: str = ""
    method: str | None = None
    skip: int = 0
    times: int | None = None
    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    etag: str | None = None
    body: bytes | None = None
    alter: bool = False
    blank: bool = False
    cut: int | None = None
    reset: bool = False
    stall: int | None = None
    rate: int | None = None

    @property
    def of_body(self) -> bool:
        """Whether only a request that gets a body can feel it."""
        return bool(
            self.cut
            or self.stall
            or self.rate
            or self.alter
            or self.blank
            or (self.body is not None and not self.status)
        )

    def befalls(self, method: str, path: str, answer: Answer) -> bool:
        """Whether a request is one of those it is meant for."""
        if self.path not in path or (self.method or method) != method:
            return False
        return not self.of_body or (
            method == "GET" and answer.status in {200, 206} and answer.body != b""
        )

    def spoil(self, answer: Answer) -> Answer:
        """The answer with what is wrong in its status, headers and body (the delivery is up to the
        server)."""
        if self.status is not None:
            answer = as_json({"error": f"a fault: {self.status}"}, self.status)
        if self.body is not None:
            answer = replace(answer, body=self.body)
        if self.alter:
            middle = len(answer.body) // 2
            flipped = bytes([answer.body[middle] ^ 1])
            answer = replace(
                answer, body=answer.body[:middle] + flipped + answer.body[middle + 1 :]
            )
        if self.blank:
            half = len(answer.body) // 2
            answer = replace(answer, body=answer.body[:half] + bytes(len(answer.body) - half))
        headers = {**answer.headers, **self.headers}
        if self.etag is not None:
            headers |= {
                name: f'"{self.etag}"'
                for name in headers
                if name.lower() in {"etag", "x-linked-etag"}
            }
        return replace(
            answer, headers={name: value for name, value in headers.items() if value is not None}
        )


class Faults:
    """The faults that are set, in the order in which they were set."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[_Met] = []

    def add(self, fault: Fault) -> None:
        """Set a fault."""
        with self._lock:
            self._set.append(_Met(fault))

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._set.clear()

    def take(self, method: str, path: str, answer: Answer) -> Fault | None:
        """The fault that befalls a request; the first of several, and the later ones do not count
        that request."""
        with self._lock:
            for met in self._set:
                if met.fault.befalls(method, path, answer):
                    met.times += 1
                    struck = met.times - met.fault.skip
                    if struck > 0 and (met.fault.times is None or struck <= met.fault.times):
                        return met.fault
        return None


@dataclass
class _Met:
    """A fault with the number of requests that it matched."""

    fault: Fault
    times: int = 0
