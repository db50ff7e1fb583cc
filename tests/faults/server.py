"""A process with everything loaded, which forks for every case; so that a case costs milliseconds
and spoils no other.

``python -m tests.faults.server`` reads the keys of cases and answers with a line of JSON each;
`Runner` is who asks it.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.faults.case import Case

CHECKOUT = Path(__file__).parents[2]
# Over what the process has when the case begins; the case's own bound is far below, this keeps the
# machine safe.
MOST_ADDRESSES = 3 << 30


@dataclass(frozen=True)
class Outcome:
    """What became of a case; see `tests.faults.judge.outcomes`."""

    endings: list[str]
    faults: list[str] = field(default_factory=list)
    mb: int = 0
    seconds: float = 0.0


class Runner:
    """Runs cases, one at a time, in children of a process that it starts."""

    def __enter__(self) -> Self:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }
        command = [sys.executable, "-m", "tests.faults.server"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, text=True, **pipes)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def run(self, case: Case) -> Outcome:
        """Run a case."""
        self._process.stdin.write(case.key + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the server ended at {case.key}")
        return Outcome(**json.loads(answer))


def serve() -> None:
    """Answer keys of cases until there are no more."""
    # What a case prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="faults-") as place:
        from tests.faults import groups

        cases = {case.key: case for case in groups.CASES}
        room = _room(Path(place))
        for number, line in enumerate(sys.stdin):
            case = cases[line.rstrip("\n")]
            with tempfile.TemporaryDirectory(dir=place, prefix=f"{number}-") as folder:
                print(json.dumps(in_child(case, room, Path(folder))), file=answers, flush=True)


def _room(place: Path) -> Any:
    """Everything that cases have at hand, loaded before the first fork."""
    import nlu_lite as nlu
    from tests.faults.case import Room
    from tests.helpers import families

    @functools.cache
    def make(family: str) -> Path:
        return families.make(place / family, family)

    for family in ("bert", "xlnet"):
        make(family)
    room = Room(folder=place, model=make("bert"), pipe=nlu.load(path=make("bert")), make=make)
    room.check(room.pipe)
    return room


def in_child(case: Case, room: Any, folder: Path) -> dict[str, Any]:
    """Run a case in a child, which may be killed by what it does, or after its time."""
    from dataclasses import replace

    began = time.monotonic()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setpgid(0, 0)
            os.close(read)
            _limit()
            from tests.faults.judge import outcomes

            found = outcomes(case, replace(room, folder=folder))
            with os.fdopen(write, "w") as out:
                json.dump(found, out)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    answer = _until_closed(read, began + case.seconds * max(1, len(case.attempts)) ** 0.5)
    if answer is None:
        # With whatever it started.
        os.killpg(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    seconds = round(time.monotonic() - began, 2)
    if answer is None:
        return {
            "endings": ["hung"],
            "faults": [f"it did not end within {seconds} seconds"],
            "seconds": seconds,
        }
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return {
            "endings": [name],
            "faults": [f"the process was ended by {name}"],
            "seconds": seconds,
        }
    if not answer:
        return {
            "endings": ["nothing"],
            "faults": ["the process gave no answer"],
            "seconds": seconds,
        }
    return {**json.loads(answer), "seconds": seconds}


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_ADDRESSES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _until_closed(descriptor: int, until: float) -> bytes | None:
    """What comes out of a pipe until it is closed; None where that is too late."""
    parts = []
    with os.fdopen(descriptor, "rb", buffering=0) as pipe:
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                return None
            part = pipe.read(1 << 16)
            if not part:
                return b"".join(parts)
            parts.append(part)


if __name__ == "__main__":
    serve()
