"""Runs the cases, all or those whose group or name holds one of the words given, and prints the
table."""

from __future__ import annotations

import sys

from tests.faults.groups import CASES
from tests.faults.server import Runner
from tests.faults.table import table


def main(words: list[str]) -> int:
    """Run the cases; 1 where one did not survive."""
    chosen = [case for case in CASES if not words or any(word in case.key for word in words)]
    outcomes = []
    with Runner() as runner:
        for number, case in enumerate(chosen, 1):
            outcome = runner.run(case)
            outcomes.append((case, outcome))
            print(
                f"{number}/{len(chosen)} {case.key}: {outcome.seconds} s, {outcome.mb} MB",
                file=sys.stderr,
            )
            for fault in outcome.faults:
                print(f"    {fault}", file=sys.stderr)
    print(table(outcomes), end="")
    return int(any(outcome.faults for _, outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
