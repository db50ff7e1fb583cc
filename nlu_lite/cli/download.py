"""``nlu-lite download``: weights into the cache, or into a folder to carry away."""

from __future__ import annotations

import argparse
from pathlib import Path

from nlu_lite import registry, weights
from nlu_lite.cli import exit_codes
from nlu_lite.cli.formats import standard_output
from nlu_lite.common import local_path
from nlu_lite.errors import OptionError, show_controls
from nlu_lite.registry import Entry, resolve
from nlu_lite.tasks import copy_model


def run(arguments: argparse.Namespace) -> int:
    """Fetch weights and write a line a reference: its name, a tab, its folder."""
    request = " ".join(arguments.references)
    entries = resolve(request, path=None, task=None, language=None, one_language=False)
    # Before anything is fetched.
    target = None if arguments.to is None else local_path(arguments.to, "--to", OptionError)
    for entry in entries:
        folder = _fetch(entry, update=arguments.update)
        if target is not None:
            name = entry.reference or entry.request.replace("/", "--")
            folder = copy_model(folder, target / name)
        print(show_controls(f"{entry.request}\t{folder}"), file=standard_output())
    return exit_codes.DONE


def _fetch(entry: Entry, *, update: bool) -> Path:
    updated_folder = weights.update(entry) if update else None
    return updated_folder or weights.locate(entry, registry.current())
