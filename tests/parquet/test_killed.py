"""``to_parquet`` killed at any moment and run again: the same files, nothing lost, nothing twice,
no half part."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed processes are forked"),
]

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=["minilm", "deberta-v2"])
def outcome(request, family_folder, tmp_path_factory):
    """The manifest of an undisturbed run, and what came of every moment: with real weights, and on
    a padded architecture."""
    folder = tmp_path_factory.mktemp("killed")
    texts = [f"to be or not to be, that is question {n}." * (1 + n % 3) for n in range(31)]
    texts[4], texts[9] = None, ""
    lines = (json.dumps({"id": n, "text": text}) for n, text in enumerate(texts))
    (folder / "input.jsonl").write_text("\n".join(lines))
    model = request.param if request.param == "minilm" else str(family_folder(request.param))
    command = [
        sys.executable,
        "-m",
        "tests.helpers.killed",
        model,
        str(folder / "input.jsonl"),
        str(folder),
    ]
    completed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    manifest, *moments = map(json.loads, completed.stdout.splitlines())
    return request.param, manifest, moments


def test_the_two_models_are_computed_by_the_two_kernels(outcome):
    model, manifest, _ = outcome
    kernel = manifest["computed_with"]["kernel"][0]
    assert kernel.startswith("PackedEncoder" if model == "minilm" else "BatchedEncoder")


def test_every_moment_came_and_killed_the_job(outcome):
    _, _, moments = outcome
    assert len(moments) >= 20
    assert [moment["moment"] for moment in moments if moment["ended"] != signal.SIGKILL] == []
    # Killed in the midst: some had no part yet, some all but one, some all.
    assert {moment["parts_before"] for moment in moments} >= {0, 1, 3, 4}


def test_no_half_part_is_ever_seen(outcome):
    _, _, moments = outcome
    assert [moment["moment"] for moment in moments if not moment["no_half_part"]] == []


def test_run_again_the_files_are_the_same_byte_for_byte(outcome):
    _, _, moments = outcome
    assert [
        moment["moment"] for moment in moments if moment["resumed"] != 0 or not moment["same"]
    ] == []


def test_what_was_finished_is_not_done_again_and_drafts_are_cleared(outcome):
    _, _, moments = outcome
    assert [
        moment["moment"]
        for moment in moments
        if moment["parts_before"] + moment["written_again"] != 4
    ] == []
    assert [moment["moment"] for moment in moments if moment["drafts"]] == []
