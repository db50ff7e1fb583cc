"""Runs a job of ``to_parquet`` again and again, each time killed at another moment, then to its
end; prints what came of it.

    python -m tests.helpers.killed MODEL INPUT FOLDER

MODEL is a folder, or "minilm". A moment is the so-and-so-many-th event of a kind, counted in the
job itself, so that it is the same on every machine. The first line printed is the manifest of the
undisturbed run; each further one a JSON object: the moment, how the killed process ended, whether
all parts that could be seen were those of the undisturbed run, and whether the folder is the same
in the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pyarrow.parquet as pq

import nlu_lite as nlu
from nlu_lite.encoder.backends import batched, packed
from tests.conftest import pipeline_at

PART_ROWS = 8
PARTS = 4
LAST = f"part-{PARTS - 1:06d}.parquet"
# Kind of the event, what the name of its file begins with, and the how-manieth.
MOMENTS = [
    *(("encoding", "", number) for number in (1, 2, PARTS)),
    *(("encoded", "", number) for number in (1, 3)),
    *(("half written", "part-", number) for number in (1, 2, 3)),
    *(("not closed", "part-", number) for number in (1, 2)),
    *(("before rename", "part-", number) for number in (1, 2, 3)),
    *(("after rename", "part-", number) for number in (1, 2, 3)),
    *(("before rename", "index-part-", number) for number in (1, 2)),
    ("half written", "manifest", 1),
    ("before rename", "manifest", 1),
    ("after rename", "manifest", 1),
    ("half written", LAST, 1),
    ("half written", f"index-{LAST}", 1),
    ("before rename", LAST, 1),
    ("after rename", LAST, 1),
    ("half written", "report", 1),
]


def subject_of(path) -> str:
    """What a file is called: that of a part's index "index-" and the part's name, a draft as what
    it becomes."""
    name = Path(path).name.removeprefix("_nlu_lite-")
    return f"index-{name}" if Path(path).parent.name == "index" else name


def arm(kind: str, name: str, number: int) -> None:
    """Let this process be killed at the given moment."""
    left = number

    def is_due(event_kind: str, subject: str = "") -> bool:
        nonlocal left
        left -= event_kind == kind and subject.startswith(name)
        return not left

    def event(event_kind: str, subject: str = "") -> None:
        if is_due(event_kind, subject):
            os.kill(os.getpid(), signal.SIGKILL)

    def around(kernel) -> None:
        call = kernel.__call__

        def counted(*args, **options):
            event("encoding")
            result = call(*args, **options)
            event("encoded")
            return result

        kernel.__call__ = counted

    around(packed.PackedEncoder)
    around(batched.BatchedEncoder)
    replace, write_bytes = os.replace, Path.write_bytes
    opened, write = pq.ParquetWriter.__init__, pq.ParquetWriter.write_table

    def rename(draft, target):
        event("before rename", subject_of(target))
        replace(draft, target)
        event("after rename", subject_of(target))

    def write_file(self, content):
        if is_due("half written", subject_of(self)):
            write_bytes(self, content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write_bytes(self, content)

    def open_part(self, where, *args, **options):
        self.subject = subject_of(where) if isinstance(where, Path) else ""
        opened(self, where, *args, **options)

    def write_part(self, table, *args, **options):
        if is_due("half written", self.subject):
            write(self, table.slice(0, table.num_rows // 2))
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, table, *args, **options)
        event("not closed", self.subject)

    os.replace, Path.write_bytes = rename, write_file
    pq.ParquetWriter.__init__, pq.ParquetWriter.write_table = open_part, write_part


def in_child(job) -> int:
    """Run a function in a process of its own; how it ended."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - the parent sees the exit code
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def parts_of(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("part-*"))
    }


def index_of(folder: Path) -> dict[str, str]:
    return parts_of(folder / "_nlu_lite" / "index")


def main() -> None:
    model, data, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    pipe = nlu.load("en.embed.minilm_l6") if model == "minilm" else pipeline_at(Path(model))
    _ = [component.plan for component in pipe.components]

    def job(target: Path) -> None:
        pipe.to_parquet(data, target, part_rows=PART_ROWS, progress=False)

    whole = folder / "whole"
    assert in_child(lambda: job(whole)) == 0
    undisturbed_parts = parts_of(whole)
    print((whole / "_nlu_lite" / "manifest.json").read_text().replace("\n", ""))
    for number, moment in enumerate(MOMENTS):
        target = folder / f"moment-{number}"

        def killed(target=target, moment=moment) -> None:
            arm(*moment)
            job(target)

        ended = in_child(killed)
        seen = parts_of(target)
        again = in_child(lambda target=target: job(target))
        report = json.loads((target / "_nlu_lite" / "report.json").read_text())
        outcome = {
            "moment": list(moment),
            "ended": os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else -1,
            "parts_before": len(seen),
            "no_half_part": seen.items() <= undisturbed_parts.items(),
            "resumed": again,
            "written_again": report["run"]["parts"],
            "same": parts_of(target) == undisturbed_parts and index_of(target) == index_of(whole),
            "drafts": len(
                [path for path in (target / "_nlu_lite" / "drafts").rglob("*") if path.is_file()]
            ),
        }
        print(json.dumps(outcome))
        shutil.rmtree(target)


if __name__ == "__main__":
    main()
