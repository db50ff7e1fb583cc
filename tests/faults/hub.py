"""The hub misbehaves while four processes load the same reference from it, at every request in
turn."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

# What a loader needs, imported before it is forked.
from huggingface_hub import HfApi, constants
from huggingface_hub.file_download import hf_hub_url
from huggingface_hub.utils import WeakFileLock, get_session, tqdm

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.errors import (
    DownloadError,
    IntegrityError,
    ModelError,
    NluLiteError,
    WeightsNotFoundError,
)
from nlu_lite.weights import hub as hub_module
from nlu_lite.weights import transfer
from tests.faults.case import RIGHT, Group, Room
from tests.helpers.equal import assert_equal
from tests.helpers.hub import Fault, HubServer
from tests.helpers.hub.client import connected, environment
from tests.helpers.hub.models import (
    REFERENCE,
    REPO,
    TEXT,
    entry_text,
    files_of,
    right_vectors,
    unsound,
)

GROUP = Group("hub under load")
_NEEDED = (HfApi, WeakFileLock, get_session, hf_hub_url, tqdm)
PROCESSES = 4
# What four processes at once ask for where nothing goes wrong: each the list, one of them each
# file; the weights lie behind a redirect. One that comes late finds everything there and asks for
# nothing.
REQUESTS = 8
# The lists come slowly, so that all four ask for one before the first has it. A fault that was set
# before goes first.
LISTS = Fault(path="/api/", rate=5_000)
PAGE = b"<html>Please log in</html>"


@dataclass(frozen=True)
class Job:
    """What a loader does: load from the hub at ``url`` into the cache under ``home``."""

    url: str
    home: str
    model: str
    timeout: float


class Crew:
    """A process without threads that forks loaders: the one that asks runs a server, and could not
    fork without harm."""

    def __init__(self) -> None:
        jobs, self._jobs = os.pipe()
        self._answers, answers = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._jobs)
            os.close(self._answers)
            try:
                with os.fdopen(jobs) as lines, os.fdopen(answers, "w") as out:
                    for line in lines:
                        order = json.loads(line)
                        for word in _ended(
                            Job(**order["job"]), order["processes"], Path(order["killed"])
                        ):
                            print(word, file=out, flush=True)
            finally:
                os._exit(0)
        os.close(jobs)
        os.close(answers)
        self._in = os.fdopen(self._answers)
        self._out = os.fdopen(self._jobs, "w")

    def start(
        self, job: Job, processes: int = PROCESSES, *, killed: Path | str = "/none"
    ) -> Callable[[], list[str]]:
        """Start loaders; returns a function that waits for them. When the file ``killed`` appears
        they are killed."""
        print(
            json.dumps({"job": job.__dict__, "processes": processes, "killed": str(killed)}),
            file=self._out,
            flush=True,
        )
        return lambda: [self._in.readline().rstrip("\n") for _ in range(processes)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()
        self._in.close()
        os.waitpid(self._pid, 0)


def _ended(job: Job, processes: int, killed: Path) -> Iterator[str]:
    """Fork loaders that begin at the same time, and say for each what it ended in."""
    children = {}
    (ready, here), (wait, go) = os.pipe(), os.pipe()
    for _ in range(processes):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(go)
            os.write(here, b".")
            os.read(wait, 1)  # returns when nobody can write any more
            with os.fdopen(write, "w") as out:
                out.write(_loaded(job))
            os._exit(0)
        os.close(write)
        children[child] = read
    for _ in children:
        os.read(ready, 1)
    for end in (ready, here, wait, go):
        os.close(end)
    for child, read in children.items():
        while not os.waitpid(child, os.WNOHANG)[0]:
            if killed.exists():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            time.sleep(0.005)
        with os.fdopen(read) as answer:
            yield answer.read() or "killed"


def _loaded(job: Job) -> str:
    """Load, in this process, and once more without a network if that failed; what it ended in."""
    transfer.FIRST_WAIT = 0.02
    hub_module.LIST_TIMEOUT = job.timeout
    place: Any = SimpleNamespace(
        url=job.url, env=lambda home, timeout: environment(job.url, home, timeout)
    )
    try:
        with connected(place, Path(job.home), timeout=1):
            constants.HF_HUB_DOWNLOAD_TIMEOUT = job.timeout  # type: ignore[assignment]
            try:
                _check(job)
            except NluLiteError as error:
                # What is in the cache by now must be right, or be said to be missing.
                with contextlib.suppress(NluLiteError):
                    _check(job, offline=True)
                return type(error).__name__
            return RIGHT
    except BaseException as error:
        traceback.print_exc(file=sys.stderr)
        return type(error).__name__


def _check(job: Job, **options: Any) -> None:
    nlu.clear_cache()
    assert_equal(
        nlu.vectors(nlu.load(REFERENCE, **options).predict(TEXT)), right_vectors(Path(job.model))
    )


@dataclass(frozen=True)
class Station:
    """A hub with the tiny model, the crew, and a cache for one attempt."""

    hub: HubServer
    crew: Crew
    job: Job
    folder: Path

    @property
    def cache(self) -> Path:
        """What the loaders fetch into."""
        return Path(self.job.home) / "hub"

    def settle(self, *, leftovers: bool = False) -> None:
        """After an attempt: nothing partial passes for whole, and a correct load gives right
        vectors."""
        self.hub.clear_faults()
        self.hub.release()
        wrong = [
            fault for fault in unsound(self.cache) if not (leftovers and ".incomplete" in fault)
        ]
        assert not wrong, wrong
        self.compare()
        calm = replace(self.job, timeout=10.0)
        assert self.crew.start(calm, 1)() == [RIGHT]
        self.compare()

    def compare(self) -> None:
        """Every file that the cache shows is the model's own, to the last byte: a bit more or less
        need not show in vectors."""
        for path in self.cache.glob("*/snapshots/*/*"):
            assert path.read_bytes() == (Path(self.job.model) / path.name).read_bytes(), (
                f"{path} is not the model's"
            )


@contextlib.contextmanager
def station(room: Room, timeout: float) -> Iterator[Station]:
    """Everything for one attempt; the crew is there before the server's threads."""
    if REFERENCE not in registry.current().references:
        (room.folder / "own.yaml").write_text(entry_text())
        nlu.register(room.folder / "own.yaml")
    with Crew() as crew, HubServer() as hub:
        hub.add(REPO, files_of(room.model))
        job = Job(hub.url, str(room.folder / "home"), str(room.model), timeout)
        yield Station(hub, crew, job, room.folder)


def struck(fault: Fault, number: int, timeout: float) -> Callable[[Room], list[str]]:
    """Four processes load, and the fault strikes from the request of this number on."""

    def attempt(room: Room) -> list[str]:
        with station(room, timeout) as at:
            at.hub.fault(replace(fault, skip=number))
            at.hub.fault(LISTS)
            endings = at.crew.start(at.job)()
            at.settle()
            return endings

    return attempt


def killed_at(number: int) -> Callable[[Room], list[str]]:
    """All four processes are killed when the request of this number was made and not answered."""

    def attempt(room: Room) -> list[str]:
        with station(room, 10.0) as at:
            at.hub.fault(Fault(stall=0, skip=number))
            at.hub.fault(LISTS)
            wait = at.crew.start(at.job, killed=room.folder / "killed")
            until = time.monotonic() + 20
            while len(at.hub.requests) <= number and time.monotonic() < until:
                time.sleep(0.005)
            (room.folder / "killed").touch()
            endings = wait()
            at.settle(leftovers=True)
            return endings

    return attempt


def undisturbed(room: Room) -> list[str]:
    """Four processes load at once, and one of them fetches."""
    with station(room, 10.0) as at:
        at.hub.fault(LISTS)
        endings = at.crew.start(at.job)()
        assert REQUESTS - 2 <= len(at.hub.requests) <= REQUESTS, [
            request.path[-40:] for request in at.hub.requests
        ]
        at.settle()
        return endings


LOAD = {"processes": PROCESSES, "seconds": 60, "slow": True, "most_mb": 500}
REFUSED = (DownloadError, WeightsNotFoundError)
GROUP.add("no fault", undisturbed, RIGHT, **{**LOAD, "slow": False})
KINDS: dict[str, tuple[Fault, tuple[Any, ...], tuple[Any, ...]]] = {
    # What strikes; how a process may end where it strikes once, and where it strikes from then on.
    "429": (Fault(status=429, headers={"Retry-After": "0"}), (), REFUSED),
    "503": (Fault(status=503), (), REFUSED),
    "404": (Fault(status=404), REFUSED, REFUSED),
    "403": (Fault(status=403), REFUSED, REFUSED),
    "the connection closed without an answer": (Fault(cut=0), (), REFUSED),
    "the connection closed in the middle": (Fault(cut=100), (), REFUSED),
    "the connection reset in the middle": (Fault(cut=100, reset=True), (), REFUSED),
    "silence before the answer": (Fault(stall=0), (), REFUSED),
    "silence in the middle": (Fault(stall=100), (), REFUSED),
    "one bit altered": (
        Fault(alter=True),
        (*REFUSED, IntegrityError, ModelError),
        (*REFUSED, IntegrityError, ModelError),
    ),
    "zeros in place of the second half": (
        Fault(blank=True),
        (*REFUSED, IntegrityError),
        (*REFUSED, IntegrityError),
    ),
    "a log-in page in place of the answer": (
        Fault(body=PAGE),
        (*REFUSED, IntegrityError),
        (*REFUSED, IntegrityError),
    ),
    "an empty answer": (
        Fault(status=200, body=b""),
        (*REFUSED, IntegrityError),
        (*REFUSED, IntegrityError),
    ),
}
for what, (fault, once, ever) in KINDS.items():
    silent = fault.stall is not None
    GROUP.add(
        f"{what}, once",
        [
            struck(replace(fault, times=1), number, 1.0 if silent else 10.0)
            for number in range(REQUESTS)
        ],
        RIGHT,
        *once,
        **LOAD,
    )
    GROUP.add(
        f"{what}, from then on",
        [struck(fault, number, 0.2 if silent else 10.0) for number in range(REQUESTS)],
        RIGHT,
        *ever,
        **LOAD,
    )
GROUP.add(
    "all four killed", [killed_at(number) for number in range(REQUESTS)], "killed", RIGHT, **LOAD
)
