"""What a dataset is made of and by, and how two of these differ."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from nlu_lite import weights
from nlu_lite.errors import OutputError, hide_secrets
from nlu_lite.flow import Flow, FrameOptions
from nlu_lite.frame import Chunks
from nlu_lite.parquet.store import META_FOLDER, Store
from nlu_lite.tasks import Component

# What JSON holds, by the names in the file.
Manifest = dict[str, Any]
MANIFEST_NAME = f"{META_FOLDER}/manifest.json"
FORMAT = 1
MAX_LISTED_DIFFERENCES = 12
# What a job was called while its manifest held secrets: its parts have that name.
_JOB = "job"
# What may hold addresses.
_PLACES = ("input", "reuse")
# Options of ``load`` that say where things are, or are recorded as what came of them.
_NOT_THE_RESULT = ("device", "dtype", "offline", "revision")
# Since this version the vectors of some models are others; CHANGELOG.md lists whose.
FIRST_WITH_THESE_VECTORS = (0, 2)
# Packages whose versions decide what the rows of a text are; the kernel may be another.
_RULE_PACKAGES = ("nlu-lite", "tokenizers", "sentencex", "regex")


def pipeline_facts(flow: Flow) -> dict[str, Any]:
    """The models of a pipeline by the sha256 of their files, and its options."""
    changed = flow.options.changed().items()
    options = {name: as_json(value) for name, value in changed if name not in _NOT_THE_RESULT}
    return {"models": [_model_facts(item) for item in flow.components], "options": options}


def _model_facts(component: Component) -> dict[str, Any]:
    entry, folder = component.entry, component.folder
    facts: dict[str, Any] = {
        "reference": entry.request,
        "model": entry.model_name,
        "task": entry.task,
        "files": weights.digest_model(folder),
    }
    if component.fitted_digest is not None:
        facts["learnt"] = component.fitted_digest
    return facts


def row_facts(frame_options: FrameOptions, *, vectors: str, key: object) -> dict[str, Any]:
    """What is written for each text; ``key``: the column that says which text is which."""
    return {
        "level": frame_options.level.name,
        "positions": frame_options.positions,
        "metadata": frame_options.metadata,
        "aggregate": frame_options.aggregate,
        "chunks": _chunks_as_json(frame_options.chunks),
        "vectors": vectors,
        "key": as_json(key),
    }


def _chunks_as_json(chunks: Chunks | None) -> Any:  # noqa: ANN401 - of JSON
    if chunks is None or isinstance(chunks, str) or callable(chunks):
        return as_json(chunks)
    return as_json(list(chunks))


def as_json(value: Any) -> Any:  # noqa: ANN401 - an option's value
    """The value of an option as JSON can say it; a function by its name and what it does."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case list() | tuple():
            return [as_json(item) for item in value]
    if not hasattr(value, "__qualname__"):
        return repr(value)
    code = getattr(value, "__code__", None)
    body = f"{code.co_code!r}{code.co_names}{code.co_consts}".split(" at 0x")[0] if code else ""
    digest = hashlib.sha256(body.encode()).hexdigest()[:16]
    return f"{value.__module__}.{value.__qualname__} {digest}"


def fingerprint(manifest: Manifest) -> str:
    """A short name for a job: equal manifests, equal names."""
    if _JOB in manifest:
        return str(manifest[_JOB])
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:32]


def read_manifest(store: Store) -> Manifest | None:
    """The manifest of a dataset, without secrets; None where nothing is written yet.

    Raises:
        OutputError: The folder holds something else, or a manifest that cannot be read.
    """
    content = _read_content(store)
    if content is None:
        return None
    try:
        manifest: Manifest = json.loads(content)
        stored_format = manifest["format"]
        new_manifest = without_secrets(manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{store.address}/{MANIFEST_NAME} cannot be read: {error!r}. Name a new folder."
        ) from error
    if stored_format != FORMAT:
        raise OutputError(
            f"{store.address} has format {stored_format}, this version writes {FORMAT}; name a "
            f"new folder."
        )
    if new_manifest != manifest:
        new_manifest[_JOB] = fingerprint(manifest)
    return new_manifest


def _read_content(store: Store) -> bytes | None:
    content = store.read(MANIFEST_NAME)
    if content is not None:
        return content
    names = store.names()
    if not names:
        return None
    # Another shard may have begun in between.
    content = store.read(MANIFEST_NAME)
    if content is None:
        raise OutputError(
            f"{store.address} holds {', '.join(names[:3])} and no manifest, so it is no dataset of "
            f"to_parquet; name a new folder."
        )
    return content


def without_secrets(manifest: Manifest) -> Manifest:
    """A manifest whose addresses hold no keys and passwords; 0.1.0 wrote them down."""
    places = {name: _hidden(manifest[name]) for name in _PLACES if name in manifest}
    return manifest | places


def _hidden(value: Any) -> Any:  # noqa: ANN401 - of JSON
    match value:
        case str():
            return hide_secrets(value)
        case list():
            return [_hidden(item) for item in value]
        case dict():
            return {key: _hidden(item) for key, item in value.items()}
    return value


def begin_dataset(store: Store, new_manifest: Manifest) -> str:
    """Write the manifest, once; where a dataset was begun already, it must be by the same job.

    Returns:
        The name of the job.

    Raises:
        OutputError: By another job; with every difference.
    """
    new_manifest = without_secrets(new_manifest)
    stored_manifest = read_manifest(store)
    if stored_manifest is None:
        store.write(MANIFEST_NAME, _content(new_manifest))
        # Another shard may have been faster; all must be of one job.
        stored_manifest = read_manifest(store) or new_manifest
    _refuse_other_vectors(store, stored_manifest)
    # What was stored has lists where a new manifest may have tuples.
    compared = {name: value for name, value in stored_manifest.items() if name != _JOB}
    if listed := _listed_differences(compared, json.loads(json.dumps(new_manifest))):
        raise OutputError(
            f"{store.address} was begun by another job, and its parts must all be made "
            f"alike:{listed}\nRepeat what was asked for then, or name a new folder; reuse= copies "
            f"from this one what is unchanged."
        )
    if _JOB in stored_manifest and store.read(MANIFEST_NAME) != _content(stored_manifest):
        store.write(MANIFEST_NAME, _content(stored_manifest))
    return fingerprint(stored_manifest)


def _content(manifest: Manifest) -> bytes:
    return json.dumps(manifest, indent=1, sort_keys=True).encode()


def refuse_other_rows(store: Store, stored_manifest: Manifest, new_manifest: Manifest) -> None:
    """Raise where rows of a dataset are not what a new job would compute.

    Raises:
        OutputError: With every difference.
    """
    _refuse_other_vectors(store, stored_manifest)
    if listed := _listed_differences(_rules(stored_manifest), _rules(new_manifest)):
        raise OutputError(
            f"No row of {store.address} can be reused, for they were made otherwise:{listed}\n"
            f"Leave reuse= out."
        )


def _refuse_other_vectors(store: Store, stored_manifest: Manifest) -> None:
    """Raise for a dataset of a version that gave some models other vectors."""
    version = str(stored_manifest["computed_with"]["versions"]["nlu-lite"])
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < FIRST_WITH_THESE_VECTORS:
        raise OutputError(
            f"{store.address} was begun by nlu-lite {version}. Since 0.2.0 the vectors of some "
            "models are others (CHANGELOG.md lists whose), and no row of it is taken over. Name a "
            f"new folder, or go on with nlu-lite {version}."
        )


def _rules(manifest: Manifest) -> dict[str, Any]:
    """What the rows of a text follow from, whatever computes them."""
    machine = manifest["computed_with"]
    return {
        "pipeline": manifest["pipeline"],
        "rows": manifest["rows"],
        "dtype": machine["dtype"],
        "versions": {name: machine["versions"][name] for name in _RULE_PACKAGES},
    }


def _listed_differences(stored: object, new: object) -> str:
    lines = list(differences(stored, new))[:MAX_LISTED_DIFFERENCES]
    return "".join(f"\n  {line}" for line in lines)


def differences(stored: Any, new: Any, name: str = "") -> Iterator[str]:  # noqa: ANN401 - of JSON
    """What differs between two values of JSON, each as a line that names the place and both.

    Example:
        >>> list(differences({"a": {"b": 1}, "c": [1]}, {"a": {"b": 2}, "c": [1]}))
        ['a.b: 1 there, 2 here']
    """
    match stored, new:
        case dict(), dict():
            for key in {**stored, **new}:
                path = f"{name}.{key}" if name else str(key)
                yield from differences(stored.get(key), new.get(key), path)
        case list(), list() if len(stored) == len(new) and name != "input.files":
            for number, values in enumerate(zip(stored, new, strict=True)):
                yield from differences(*values, f"{name}[{number}]")
        case _ if stored != new:
            yield f"{name}: {_short(stored, new)} there, {_short(new, stored)} here"


def _short(value: Any, compared: Any) -> str:  # noqa: ANN401
    """A value, of long lists only what the other has not."""
    if isinstance(value, list) and isinstance(compared, list):
        value = [item for item in value if item not in compared] or f"{len(value)} of them"
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
