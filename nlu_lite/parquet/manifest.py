"""What a dataset is made of and by: its pipeline, options, input and machine, and how two of them differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite import weights
from nlu_lite.errors import OutputError
from nlu_lite.parquet.store import OWN, Store, write
from nlu_lite.weights import model_files

if TYPE_CHECKING:
    from nlu_lite.flow import Flow, FrameOptions

FILE = f"{OWN}/manifest.json"
FORMAT = 1
# Options of ``load`` that say where things are, or are recorded as what came of them.
_NOT_THE_RESULT = ("device", "dtype", "offline", "revision")
# What rows of another dataset must agree on to be copied: what they are made of. The kernel may be
# another.
_RULES = ("nlu-lite", "tokenizers", "sentencex", "regex")


def pipeline_facts(flow: Flow) -> dict[str, Any]:
    """The models of a pipeline by the sha256 of their files, and its options.

    Args:
        flow: Of the pipeline.
    """
    models = [
        {
            "reference": item.entry.request,
            "model": item.entry.model_name,
            "task": item.entry.task,
            "files": {name: weights.digest(item.folder / name) for name in _files(item.folder)},
            **({} if item.learnt is None else {"learnt": item.learnt}),
        }
        for item in flow.components
    ]
    options = {
        name: plain(value)
        for name, value in flow.options.changed().items()
        if name not in _NOT_THE_RESULT
    }
    return {"models": models, "options": options}


def _files(folder: Path) -> list[str]:
    return model_files.wanted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def row_facts(ask: FrameOptions, *, vectors: str, key: object) -> dict[str, Any]:
    """What is written for each text.

    Args:
        ask: What is wanted.
        vectors: The number format.
        key: The column that names a text.
    """
    chunks = (
        ask.chunks
        if isinstance(ask.chunks, str) or callable(ask.chunks) or ask.chunks is None
        else list(ask.chunks)
    )
    return {
        "level": ask.level,
        "positions": ask.positions,
        "metadata": ask.metadata,
        "aggregate": ask.aggregate,
        "chunks": plain(chunks),
        "vectors": vectors,
        "key": plain(key),
    }


def plain(value: Any) -> Any:  # noqa: ANN401 - an option's value
    """A value as JSON can say it; a function by its name and what it does.

    Args:
        value: Of an option.
    """
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if not hasattr(value, "__qualname__"):
        return repr(value)
    code = getattr(value, "__code__", None)
    body = f"{code.co_code!r}{code.co_names}{code.co_consts}".split(" at 0x")[0] if code else ""
    return (
        f"{value.__module__}.{value.__qualname__} {hashlib.sha256(body.encode()).hexdigest()[:16]}"
    )


def fingerprint(facts: dict[str, Any]) -> str:
    """A short name for facts: equal facts, equal names."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def recorded(store: Store) -> dict[str, Any] | None:
    """The manifest of a dataset; None where nothing is yet.

    Raises:
        OutputError: The folder holds something else, or a manifest that cannot be read.
    """
    content = store.read(FILE)
    if content is None:
        if others := store.names():
            raise OutputError(
                f"{store.place} holds {', '.join(others[:3])} and no manifest, so it is no dataset "
                f"of to_parquet; name a new "
                "folder."
            )
        return None
    try:
        facts: dict[str, Any] = json.loads(content)
        if facts["format"] != FORMAT:
            raise OutputError(
                f"{store.place} has format {facts['format']}, this version writes {FORMAT}; name a "
                f"new folder."
            )
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{store.place}/{FILE} cannot be read: {error!r}. Name a new folder."
        ) from error
    return facts


def record(store: Store, facts: dict[str, Any]) -> None:
    """Write the manifest, once."""
    write(store, FILE, json.dumps(facts, indent=1, sort_keys=True).encode())


def refuse_another(store: Store, there: dict[str, Any], here: dict[str, Any]) -> None:
    """Raise where a dataset was begun by another job.

    Args:
        store: Of the dataset.
        there: Its manifest.
        here: What would be written.

    Raises:
        OutputError: With every difference.
    """
    if found := list(differences(there, here)):
        listed = "".join(f"\n  {line}" for line in found[:12])
        raise OutputError(
            f"{store.place} was begun by another job, and its parts must all be made "
            f"alike:{listed}\nRepeat what was asked for "
            "then, or name a new folder; reuse= copies from this one what is unchanged."
        )


def refuse_other_rows(store: Store, there: dict[str, Any], here: dict[str, Any]) -> None:
    """Raise where rows of a dataset are not what this job would compute.

    Args:
        store: Of the dataset.
        there: Its manifest.
        here: That of this job.

    Raises:
        OutputError: With every difference.
    """

    def rows(facts: dict[str, Any]) -> dict[str, Any]:
        machine = facts["computed_with"]
        rules = {name: machine["versions"][name] for name in _RULES}
        return {
            "pipeline": facts["pipeline"],
            "rows": facts["rows"],
            "dtype": machine["dtype"],
            "versions": rules,
        }

    if found := list(differences(rows(there), rows(here))):
        listed = "".join(f"\n  {line}" for line in found[:12])
        raise OutputError(
            f"No row of {store.place} can be reused, for they were made otherwise:{listed}\nLeave "
            f"reuse= out."
        )


def differences(there: Any, here: Any, name: str = "") -> Iterator[str]:  # noqa: ANN401 - what JSON holds
    """What differs between two values of JSON, each as a line that names the place and both.

    Args:
        there: One.
        here: The other.
        name: Of the place.

    Example:
        >>> list(differences({"a": {"b": 1}, "c": [1]}, {"a": {"b": 2}, "c": [1]}))
        ['a.b: 1 there, 2 here']
    """
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**there, **here}:
            yield from differences(
                there.get(key), here.get(key), f"{name}.{key}" if name else str(key)
            )
    elif (
        isinstance(there, list)
        and isinstance(here, list)
        and len(there) == len(here)
        and name != "input.files"
    ):
        for number, (one, other) in enumerate(zip(there, here, strict=True)):
            yield from differences(one, other, f"{name}[{number}]")
    elif there != here:
        yield f"{name}: {_short(there, here)} there, {_short(here, there)} here"


def _short(value: Any, other: Any) -> str:  # noqa: ANN401
    """A value, of long lists only what the other has not."""
    if isinstance(value, list) and isinstance(other, list):
        value = [item for item in value if item not in other] or f"{len(value)} of them"
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
