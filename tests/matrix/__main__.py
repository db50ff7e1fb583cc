"""Runs the matrix, all architectures or those named, and writes what became of each as JSON lines.

`make matrix` runs all and renews the table of docs/models.md.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sys
import warnings

import transformers
from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

from tests.matrix.run import run


def main(names: list[str]) -> int:
    """Run the architectures; 1 where one gives wrong numbers."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    is_wrong = False
    for name in names or sorted(MODEL_MAPPING_NAMES):
        with contextlib.redirect_stdout(sys.stderr):
            outcome = run(name)
        print(json.dumps(dataclasses.asdict(outcome)), flush=True)
        is_wrong |= bool(outcome.wrong)
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
