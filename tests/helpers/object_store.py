"""An S3 server on this machine, and processes that write one dataset to it at the same time.

    python -m tests.helpers.object_store PORT MODEL NUMBER COUNT ROUNDS FOLDER PLACE PROCESSES

writes the share NUMBER of COUNT of ROUNDS datasets, each round with all the other processes.
COUNT 1 is a job that writes all of it, as its equals do.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from pyarrow import fs

from tests.conftest import pipeline_at
from tests.helpers.datasets import FRAME
from tests.helpers.ports import free_port, wait_for_port
from tests.helpers.refusing_store import SWITCH

CHECKOUT = Path(__file__).resolve().parents[2]
KEY, SECRET, BUCKET = "AKIAEXAMPLEKEY", "verysecretvalue", "bucket"
PART_ROWS = 4


class ObjectStore:
    """A running server.

    Args:
        port: Where it listens on 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.filesystem = fs.S3FileSystem(
            access_key=KEY,
            secret_key=SECRET,
            scheme="http",
            region="us-east-1",
            endpoint_override=f"127.0.0.1:{port}",
            allow_bucket_creation=True,
        )

    def address(self, folder: str, credentials: str = f"{KEY}:{SECRET}@") -> str:
        """A folder of the bucket, as users write it."""
        place = f"scheme=http&region=us-east-1&endpoint_override=127.0.0.1:{self.port}"
        return f"s3://{credentials}{BUCKET}/{folder}?{place}"

    def files(self, folder: str) -> dict[str, bytes]:
        """All objects below a folder, by their names in it."""
        selector = fs.FileSelector(f"{BUCKET}/{folder}", recursive=True, allow_not_found=True)
        infos = self.filesystem.get_file_info(selector)
        paths = [info.path for info in infos if info.type == fs.FileType.File]
        return {path.removeprefix(f"{BUCKET}/{folder}/"): self._read(path) for path in paths}

    def names(self, folder: str) -> list[str]:
        """The objects right in a folder, by their names."""
        selector = fs.FileSelector(f"{BUCKET}/{folder}", allow_not_found=True)
        return [str(info.base_name) for info in self.filesystem.get_file_info(selector)]

    def refuse(self, every: int) -> int:
        """Refuse every so-and-so-many-th request from now on, 0: none; how many it has refused so
        far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{SWITCH}{every}") as answer:
            return int(answer.read())

    def _read(self, path: str) -> bytes:
        with self.filesystem.open_input_stream(path) as file:
            return bytes(file.read())


@contextlib.contextmanager
def running_store() -> Iterator[ObjectStore]:
    """A server with an empty bucket, which refuses nothing until it is told to."""
    port = free_port()
    command = [sys.executable, "-m", "tests.helpers.refusing_store", str(port), "0"]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for_port(port, process)
        store = ObjectStore(port)
        store.filesystem.create_dir(BUCKET)
        yield store
    finally:
        process.terminate()
        process.wait()


def keys_environment() -> dict[str, str]:
    """The environment of a process that has its keys from there alone."""
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    return {**os.environ, **keys, "AWS_EC2_METADATA_DISABLED": "true"}


def write_together(
    store: ObjectStore, model: Path, shards: list[tuple[int, int]], rounds: int, folder: Path
) -> list[str]:
    """Let one process a shard write datasets at the same time; what each complained of."""
    folder.mkdir()
    processes = []
    for place, (number, count) in enumerate(shards):
        words = [store.port, model, number, count, rounds, folder, place, len(shards)]
        command = [sys.executable, "-m", "tests.helpers.object_store", *map(str, words)]
        processes.append(
            subprocess.Popen(
                command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        )
    complaints = [process.communicate(timeout=1200)[0].decode() for process in processes]
    return [complaint for complaint in complaints if complaint]


def main() -> None:
    port, model, number, count, rounds, folder, place, processes = sys.argv[1:]
    pipe = pipeline_at(Path(model))
    store = ObjectStore(int(port))
    for this_round in range(int(rounds)):
        (Path(folder) / f"{this_round}-{place}").touch()
        while len(list(Path(folder).glob(f"{this_round}-*"))) < int(processes):
            time.sleep(0.001)
        try:
            pipe.to_parquet(
                FRAME,
                f"{BUCKET}/{Path(folder).name}/{this_round}",
                part_rows=PART_ROWS,
                shard=(int(number), int(count)),
                filesystem=store.filesystem,
                progress=False,
            )
        except Exception as error:  # noqa: BLE001 - the others wait for this process
            sys.stdout.write(f"round {this_round}: {type(error).__name__}: {error}\n")


if __name__ == "__main__":
    main()
