"""A job that writes a dataset to an S3 server, with its keys from the environment, in a process
that can be killed.

    python -m tests.helpers.store_jobs MODEL TEXTS ADDRESS NUMBER COUNT
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import pipeline_at
from tests.helpers.object_store import CHECKOUT, ObjectStore, keys_environment

PARTS = 40


def texts_of(count: int) -> list[str]:
    """Distinct texts."""
    return [f"Text {n} is one of many. It has {n * 7919 % 10007}." for n in range(count)]


def options_of(count: int) -> dict[str, int]:
    """What all jobs on so many texts say, those in a folder too."""
    return {"part_rows": -(-count // PARTS)}


class StoreJob:
    """Processes that write one dataset.

    Args:
        store: Where to.
        model: The folder of the model.
        count: How many texts.
        folder: Of the bucket.
    """

    def __init__(self, store: ObjectStore, model: Path, count: int, folder: str) -> None:
        self.folder = folder
        self._store = store
        self._command = [sys.executable, "-m", "tests.helpers.store_jobs", str(model), str(count)]
        self._command.append(store.address(folder, credentials=""))

    def start(self, number: int = 0, count: int = 1) -> subprocess.Popen[str]:
        """Start the process of one shard."""
        return subprocess.Popen(
            [*self._command, str(number), str(count)],
            cwd=CHECKOUT,
            env=keys_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def kill_after(self, parts: int) -> int:
        """Start the job and kill it once so many parts are there; how many there are then."""
        process = self.start()
        while len(self.parts()) < parts and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        output = process.communicate()[0]
        assert process.returncode == -signal.SIGKILL, output
        return len(self.parts())

    def parts(self) -> list[str]:
        """The names of the parts that are there."""
        names = self._store.names(self.folder)
        return [name for name in names if name.startswith("part-")]


def main() -> None:
    model, texts, address, number, count = sys.argv[1:]
    pipeline_at(Path(model)).to_parquet(
        texts_of(int(texts)),
        address,
        shard=(int(number), int(count)),
        progress=False,
        **options_of(int(texts)),
    )


if __name__ == "__main__":
    main()
