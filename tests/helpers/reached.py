"""Whether the tests reach enough branches: ``coverage json -o - | python -m
tests.helpers.reached``.

``coverage report`` counts statements and branches together, and the many statements hide what is
missing of the branches.
"""

from __future__ import annotations

import json
import sys

LEAST = 95.0


def main(totals: dict[str, float]) -> int:
    """Print the share of branches reached; 1 where it is too small.

    Args:
        totals: Of coverage's JSON.
    """
    share = totals["percent_branches_covered"]
    print(
        f"branches alone: {totals['covered_branches']:,} of {totals['num_branches']:,}, "
        f"{share:.1f} %; at least {LEAST:.0f} %"
    )
    return int(share < LEAST)


if __name__ == "__main__":
    sys.exit(main(json.load(sys.stdin)["totals"]))
