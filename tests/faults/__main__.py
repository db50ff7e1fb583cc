"""Runs the cases and prints the table."""

from __future__ import annotations

import sys

from tests.faults.groups import CASES
from tests.faults.server import Runner


def main(wanted: list[str]) -> int:
    bad = 0
    with Runner() as runner:
        for case in CASES:
            if wanted and not any(part in case.key for part in wanted):
                continue
            outcome = runner.run(case)
            print(f"{case.key}: {outcome.endings[:6]} {outcome.mb} MB {outcome.seconds} s", flush=True)
            for fault in outcome.faults[:6]:
                print("    !!", fault, flush=True)
            bad += bool(outcome.faults)
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
