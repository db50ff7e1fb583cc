"""The S3 server of the tests, which refuses requests now and then, as a busy S3 does.

    python -m tests.helpers.refusing_store PORT EVERY

Of the requests for objects every so-and-so-many-th ends in 503 SlowDown; EVERY 0 refuses none, 1
all. A request for ``/_refuse/EVERY`` changes that.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

SWITCH = "/_refuse/"
BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
Start = Callable[..., Any]


class Refusing:
    """A WSGI application before another, which answers in its place now and then.

    Args:
        inner: The other.
        every: Which request is refused.
    """

    def __init__(self, inner: Callable[..., Iterable[bytes]], every: int) -> None:
        self.refused = 0
        self._inner = inner
        self._every = every
        self._counter = itertools.count(1)
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(SWITCH):
            self._every = int(path.removeprefix(SWITCH))
            answer = str(self.refused).encode()
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        if self._is_due():
            # What the client has sent is read, or it sees a closed connection in place of a 503.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(BODY)))]
            start_response("503 Slow Down", headers)
            return [BODY]
        return self._inner(environ, start_response)

    def _is_due(self) -> bool:
        with self._lock:
            number = next(self._counter)
            is_due = self._every > 0 and number % self._every == 0
            self.refused += is_due
            return is_due


def main() -> None:
    port, every = map(int, sys.argv[1:])
    inner = DomainDispatcherApplication(create_backend_app)
    run_simple("127.0.0.1", port, Refusing(inner, every), threaded=True)


if __name__ == "__main__":
    main()
