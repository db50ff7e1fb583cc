"""What a call needs beyond its frame: one block's vectors, and a table of offsets for each word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

MEASURE = """
import json, resource, sys
from pathlib import Path
from nlu_lite.encoder import words
from tests.conftest import pipeline_at
words.BLOCK_LENGTH = 100_000

def now():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

folder, count = sys.argv[1], int(sys.argv[2])
pipe = pipeline_at(Path(folder), sentences=None, word_pooling="mean")
texts = [f"the grammar number {n} of a long list " * 8 for n in range(count)]
pipe.predict(texts[:10])
frame = pipe.predict(texts, progress=False)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # in units of 1024 bytes on Linux
print(json.dumps({"beyond": peak - now(), "rows": len(frame)}))
"""


def beyond(folder, count):
    """Bytes that were needed at the peak and no longer are when the frame is there."""
    process = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder), str(count)],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(process.stdout.splitlines()[-1])
    assert figures["rows"] == count * 64
    return figures["beyond"]


@pytest.mark.slow
def test_beyond_the_frame_a_word_costs_its_offsets_and_no_second_vector(family_folder):
    folder = family_folder("bert")
    few, many = beyond(folder, 800), beyond(folder, 4_800)
    # The vectors of this model are 128 bytes long; held twice they would come on top.
    assert many - few < 256_000 * 160
