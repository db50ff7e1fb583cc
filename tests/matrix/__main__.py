"""Runs the matrix, all architectures or those named, and prints what became of each as JSON lines.

`make matrix` runs all and renews the table of docs/models.md. It takes half an hour on two cores.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import sys

from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

from tests.matrix.run import Outcome, begin_worker, run

WORKERS = 2
# A worker is replaced after so many, for what some of them leave in memory.
MOST_IN_ONE_WORKER = 25


def main(names: list[str]) -> int:
    """Run the architectures; 1 where one gives wrong numbers."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    is_wrong = False
    context = multiprocessing.get_context("spawn")
    with context.Pool(WORKERS, begin_worker, maxtasksperchild=MOST_IN_ONE_WORKER) as pool:
        for outcome in pool.imap(run, names or sorted(MODEL_MAPPING_NAMES)):
            assert isinstance(outcome, Outcome)
            print(json.dumps(dataclasses.asdict(outcome)), flush=True)
            is_wrong |= bool(outcome.wrong)
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
