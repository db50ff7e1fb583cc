"""All cases."""

from __future__ import annotations

from tests.faults import files, frames, hub, models, options, registries, texts

GROUPS = (
    hub.GROUP,
    registries.GROUP,
    models.GROUP,
    texts.GROUP,
    frames.GROUP,
    files.GROUP,
    options.GROUP,
)
CASES = tuple(case for group in GROUPS for case in group)
assert len({case.key for case in CASES}) == len(CASES), "two cases of one name"
