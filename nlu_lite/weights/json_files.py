"""JSON files of a model, read with care: they come from anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nlu_lite.errors import ModelError, advise
from nlu_lite.weights.other_formats import refuse_pointer

# What helps against a file that cannot be read: files in the hub's cache can be had again.
REPAIR_HINT = (
    "If it was damaged on this machine, `nlu-lite download REFERENCE --update` fetches it anew."
)
# The settings of no model come near this; what is larger is not read into memory.
MAX_BYTES = 16_000_000
_JSON_KINDS: dict[type, str] = {dict: "object", list: "list"}


def read_json(path: Path, kind: type = dict) -> Any:  # noqa: ANN401 - whatever the file holds
    """The content of a JSON file of a model, of which no more is read than such a file may have.

    Args:
        path: The file.
        kind: What it must hold: ``dict`` or ``list``.

    Raises:
        ModelError: It is no file, cannot be read, is too large, or holds something else.
    """
    try:
        if path.exists() and not path.is_file():
            raise ModelError(f"{path} cannot be read: it is no file (a folder, a pipe, a device).")
        if not path.exists():
            raise ModelError(f"{path} is not there. {REPAIR_HINT}")
        refuse_pointer(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ModelError(f"{path} cannot be read: it is larger than {MAX_BYTES:,} bytes.")
        data = json.loads(content.decode("utf-8"))
    except ModelError:
        raise
    except PermissionError as error:
        raise ModelError(f"{path} cannot be read: {error}. {advise(error)}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error!s:.500}. {REPAIR_HINT}") from error
    if not isinstance(data, kind):
        raise ModelError(
            f"{path} must hold a JSON {_JSON_KINDS[kind]}, not a {type(data).__name__}."
        )
    return data
