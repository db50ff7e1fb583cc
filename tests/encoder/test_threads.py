"""How many threads torch computes with: within the quota of the container and the user's choice."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from nlu_lite.encoder.backends import threads


@pytest.mark.parametrize(
    ("content", "most"),
    [("150000 100000", 2), ("100000 100000", 1), ("max 100000", None), ("junk", None)],
)
def test_threads_stay_within_the_containers_quota(tmp_path, content, most):
    (tmp_path / "cpu.max").write_text(content)
    free = threads.count_processors(control_groups=tmp_path / "none")
    assert threads.count_processors(control_groups=tmp_path) == (
        free if most is None else min(free, most)
    )


def test_threads_read_the_quota_of_the_older_control_groups(tmp_path):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("50000")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert threads.count_processors(control_groups=tmp_path) == 1


def threads_after_limit(environment: dict[str, str]) -> int:
    code = (
        "import torch; torch.set_num_threads(7); from nlu_lite.encoder.backends import threads; "
        "threads.limit_threads(); "
        "print(torch.get_num_threads())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return int(result.stdout)


def test_threads_are_lowered_unless_the_user_chose_them():
    plain = {key: value for key, value in os.environ.items() if not key.endswith("NUM_THREADS")}
    assert threads_after_limit(plain) == min(7, threads.count_processors())
    assert threads_after_limit(plain | {"OMP_NUM_THREADS": "7"}) == 7


def test_fewer_threads_than_allowed_stay_as_they_are(monkeypatch):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    before = torch.get_num_threads()
    try:
        for number, most, expected in ((1, 4, 1), (3, 2, 2)):
            monkeypatch.setattr(threads, "_limited", False)
            monkeypatch.setattr(threads, "count_processors", lambda most=most: most)
            torch.set_num_threads(number)
            threads.limit_threads()
            assert torch.get_num_threads() == expected
    finally:
        torch.set_num_threads(before)
