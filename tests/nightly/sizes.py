"""How much the nightly tests read; NLU_LITE_NIGHTLY_<NAME> in the environment overrides each."""

from __future__ import annotations

import os


def size(name: str, usual: int) -> int:
    """A count that the environment may override."""
    return int(os.environ.get(f"NLU_LITE_NIGHTLY_{name}", usual))


# Texts of a job on the cluster.
CLUSTER_TEXTS = size("CLUSTER_TEXTS", 20_000)
# Texts that are written to the object store, and how often the writer is killed.
STORE_TEXTS = size("STORE_TEXTS", 2_000)
STORE_KILLS = size("STORE_KILLS", 8)
# Times that five shards write side by side while requests are refused.
STORE_ROUNDS = size("STORE_ROUNDS", 5)
# Texts whose memory is watched.
MEMORY_TEXTS = size("MEMORY_TEXTS", 300_000)
# Bytes of the one long text.
LONG_BYTES = size("LONG_BYTES", 50_000_000)
