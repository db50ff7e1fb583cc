"""The server: two listeners on 127.0.0.1 (the hub and its CDN), the log of requests, and the faulty
deliveries."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from .answers import Answer, Answers, RefusalError
from .client import environment
from .faults import Fault, Faults
from .repo import Content, Repo


@dataclass(frozen=True)
class Request:
    """One request that reached the hub or the CDN (whose paths begin with /cdn/), and the status it
    was answered with.

    ``status`` is 0 where a fault kept the status line back.
    """

    method: str
    path: str
    range: str | None
    authorization: str | None
    status: int


class HubServer:
    """A hub on 127.0.0.1, from ``start`` to ``stop`` or inside a ``with`` block.

    The CDN listens on a port of its own: the client follows a redirect that stays on the hub when
    it asks for the metadata of a file, and drops the token on one that leaves it, so a CDN on the
    same port would be another protocol.
    """

    def __init__(self, *, page_size: int = 1000) -> None:
        self._answers = Answers(page_size=page_size)
        self._faults = Faults()
        self._requests: list[Request] = []
        self._errors: list[BaseException] = []
        self._lock = threading.Lock()
        self._change = threading.Condition()
        self._releases = 0
        self._stopping = threading.Event()
        self._ports = [0, 0]
        self._listeners: list[_Listener] = []

    @property
    def url(self) -> str:
        """The address to give to the client as its endpoint."""
        return self._answers.url

    @property
    def cdn_url(self) -> str:
        """The address that LFS files are redirected to."""
        return self._answers.cdn_url

    # What the hub holds

    def add(
        self,
        repo_id: str,
        files: Mapping[str, Content],
        *,
        revision: str = "main",
        token: str | None = None,
        gated: bool = False,
        tags: tuple[str, ...] = (),
        license_name: str | None = None,
    ) -> str:
        """Put a commit with exactly these files on a branch of a repository, made if need be;
        returns its sha.

        With a ``token`` only requests that carry it may read the repository; ``gated`` leaves its
        metadata open to all. ``tags`` are what a search filters by, such as the task;
        ``license_name`` is what the card says. All hold for the repository, from this commit on.
        """
        repo = self._answers.repos.get(repo_id) or Repo(repo_id)
        sha = repo.commit(files, revision)
        repo.token, repo.gated, repo.tags, repo.license = token, gated, tags, license_name
        self._answers.repos[repo_id] = repo
        return sha

    def forget(self, repo_id: str, revision: str | None = None) -> None:
        """Lose a branch, a commit (by its sha), or the whole repository."""
        if revision is None:
            del self._answers.repos[repo_id]
        else:
            self._answers.repos[repo_id].forget(revision)

    def rename(self, old: str, new: str) -> None:
        """Give a repository another id; what asks for the old one is sent on."""
        repo = self._answers.repos.pop(old)
        repo.repo_id = new
        self._answers.repos[new] = repo
        self._answers.renamed[old] = new

    # What was asked, and what goes wrong

    @property
    def requests(self) -> list[Request]:
        """The requests so far, in the order in which they were answered."""
        with self._lock:
            return list(self._requests)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()

    def fault(self, fault: Fault) -> None:
        """Make the requests that the fault is meant for go wrong."""
        self._faults.add(fault)

    def clear_faults(self) -> None:
        """Take all faults away; a request that is stalled stays so."""
        self._faults.clear()

    def release(self) -> None:
        """Let the requests that are stalled go on."""
        with self._change:
            self._releases += 1
            self._change.notify_all()

    def env(self, home: Path | str, timeout: int = 2) -> dict[str, str]:
        """The environment of a subprocess whose hub is this one; see `environment`."""
        return environment(self.url, Path(home), timeout)

    # Start and stop

    def start(self) -> None:
        """Listen; after a `stop` on the same ports as before, with the same repositories."""
        self._stopping.clear()
        self._listeners = [_Listener(self, port) for port in self._ports]
        self._ports = [listener.server_port for listener in self._listeners]
        self._answers.url, self._answers.cdn_url = (
            f"http://127.0.0.1:{port}" for port in self._ports
        )

    def stop(self) -> None:
        """Refuse connections and break off those that are open, stalled ones too; returns when all
        threads ended."""
        self._stopping.set()
        with self._change:
            self._change.notify_all()
        while self._listeners:
            self._listeners.pop().stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.stop()
        if self._errors and kind is None:
            raise RuntimeError("the hub server itself failed on a request") from self._errors[0]

    # For the handlers

    def answer(
        self, method: str, path: str, headers: Mapping[str, str]
    ) -> tuple[Answer, Fault | None]:
        """Answer a request and write it down; the fault that befalls it is already in the
        answer."""
        if method in {"GET", "HEAD"}:
            answer = self._answers.to(path, headers)
        else:
            answer = RefusalError(404, "No such method here").answer
        fault = self._faults.take(method, path, answer)
        if fault is not None:
            answer = fault.spoil(answer)
        silent = fault is not None and 0 in (fault.cut, fault.stall)
        status = 0 if silent else answer.status
        # Written down before it is sent, so that whoever has the answer finds the request in the
        # log.
        with self._lock:
            self._requests.append(
                Request(method, path, headers.get("Range"), headers.get("Authorization"), status)
            )
        return answer, fault

    def hold(self) -> None:
        """Wait for a `release`; a stop breaks the connection off instead."""
        with self._change:
            before = self._releases
            self._change.wait_for(lambda: self._stopping.is_set() or self._releases > before)
        if self._stopping.is_set():
            raise ConnectionAbortedError

    def pause(self, seconds: float) -> None:
        """Sleep; a stop breaks the connection off instead."""
        if self._stopping.wait(seconds):
            raise ConnectionAbortedError

    def failed(self, error: BaseException) -> None:
        """Keep an error of the server itself for the end of the ``with`` block."""
        with self._lock:
            self._errors.append(error)


class _Listener(ThreadingHTTPServer):
    """One port: a thread that accepts, a thread per connection, and a stop that waits for them
    all."""

    # Joined by server_close: no thread of one test lives on into the next.
    daemon_threads = False
    block_on_close = True

    def __init__(self, hub: HubServer, port: int) -> None:
        self.hub = hub
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        # The interval is how long a stop takes.
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="hub"
        )
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                # Wakes a handler that waits for the next request on a connection that the client
                # keeps alive.
                _shut(connection)
        self.server_close()

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        # Here and not in the handler's thread: after the shutdown every accepted connection is in
        # the set.
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks is everyday life here; anything else is a fault of this server,
        told at the end."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.hub.failed(error)


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        # http.server looks for do_GET and the like. All methods are served alike, so that the log
        # has every attempt: CONNECT, for one, is what the client asks of a proxy when it wants to
        # leave 127.0.0.1.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        # Read what was posted: left unread, it would be taken for the next request on this
        # connection.
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer, fault = self.server.hub.answer(self.command, self.path, self.headers)
        self._deliver(answer, fault or Fault())

    def _deliver(self, answer: Answer, fault: Fault) -> None:
        if fault.stall == 0:
            self.server.hub.hold()
        if fault.cut == 0:
            self._break(fault)
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        body = answer.body if fault.cut is None else answer.body[: fault.cut]
        if fault.stall:
            self._write(body[: fault.stall], fault.rate)
            self.server.hub.hold()
            body = body[fault.stall :]
        self._write(body, fault.rate)
        if fault.cut is not None:
            self._break(fault)

    def _write(self, body: bytes, rate: int | None) -> None:
        if rate is None:
            self.wfile.write(body)
            return
        step = max(1, rate // 20)
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.server.hub.pause(step / rate)

    def _break(self, fault: Fault) -> None:
        self.close_connection = True
        if fault.reset:
            # Closed with nothing lingering, a socket sends RST; the descriptor itself must go, past
            # Python's objects.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())

    def log_message(self, *_: object) -> None:
        """Print nothing: the log is ``hub.requests``."""


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client closed it first
