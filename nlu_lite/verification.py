"""Is a reference what the registry says? Its configuration, a direct forward, and vectors that were published."""

from __future__ import annotations

import csv
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nlu_lite import registry, weights
from nlu_lite.errors import OptionError
from nlu_lite.frame import vectors
from nlu_lite.options import Options
from nlu_lite.registry import PAIR_TASKS, HubSource, change_line, resolve
from nlu_lite.weights import select_model_files

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.pipeline import Pipeline
    from nlu_lite.tasks import Component

GOLDEN = Path(__file__).parent / "registry" / "golden.csv"
# Published numbers come from other kernels (TensorFlow in a JVM): so far they may be apart, times
# the larger of 1 and the vector's largest number. Another model is apart by a thousand times as
# much.
PUBLISHED_TOLERANCE = 1e-4
EQUAL = 1e-5
SAMPLE = "The quick brown fox jumps over the lazy dog."


@dataclass(frozen=True)
class Golden:
    """One published vector: its first numbers, as printed; a number that ends in dots was cut there."""

    nlu_ref: str
    text: str
    token: str
    numbers: tuple[str, ...]
    level: str
    quality: str
    source: str


@dataclass(frozen=True)
class Finding:
    """One row of the report; ``ok`` is None where there was nothing to compare with."""

    reference: str
    check: str
    subject: str
    expected: object
    found: object
    difference: float | None
    ok: bool | None


@cache
def golden_values(path: Path = GOLDEN) -> tuple[Golden, ...]:
    """The published vectors that come with the package.

    Args:
        path: A CSV file with the columns nlu_ref, text, token, v0, v1, v2, level, quality,
            source_file.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Golden(
                row["nlu_ref"],
                row["text"],
                row["token"],
                tuple(row[name] for name in ("v0", "v1", "v2") if row[name]),
                row["level"],
                row["quality"],
                row["source_file"],
            )
            for row in csv.DictReader(file)
        )


def verify(
    request: str,
    *,
    config_only: bool = False,
    write: bool = False,
    offline: bool | None = None,
    golden: str | Path = GOLDEN,
) -> pd.DataFrame:
    """Compare references with what the registry and published vectors say about them.

    Args:
        request: One or more references separated by spaces.
        config_only: Only the configuration; the weights are not read.
        write: Put what was proven into the registry file that holds the reference: ``verified``,
            and for a hub source the revision and the sha256 of its files.
        offline: True never opens a connection.
        golden: A file of published vectors, instead of the package's own.

    Returns:
        One row a check: reference, check (``config``, ``forward``, ``golden``), subject, expected,
        found, difference (the largest, in the numbers compared), ok (missing where nothing is known
        to compare with; suspect published values are compared and never count).

    Raises:
        UnknownReferenceError: A name that no registry knows.
        WeightsNotFoundError: The files are not on this machine and cannot be fetched.

    Example:
        >>> import nlu_lite as nlu
        >>> bool(nlu.verify("en.embed.minilm_l6")["ok"].dropna().all())
        True
    """
    import pandas as pd

    findings: list[Finding] = []
    for name in registry.current().split(request):
        findings += _verify_one(name, config_only, write, offline, golden_values(Path(golden)))
    frame = pd.DataFrame([asdict(finding) for finding in findings])
    return frame.astype({"ok": "boolean", "difference": "Float64"})


def _verify_one(
    name: str, config_only: bool, write: bool, offline: bool | None, golden: Iterable[Golden]
) -> list[Finding]:
    from nlu_lite.pipeline import restore

    if config_only and write:
        raise OptionError("write=True needs the vectors; leave config_only out.")
    entries = resolve(name, path=None, task=None, language=None)
    pipe = restore(tuple(entries), Options(words="spark", sentences=None, offline=offline))
    component = pipe.components[0]
    findings = list(_config(name, component))
    if config_only:
        return findings
    if component.entry.task in PAIR_TASKS:
        raise OptionError(
            f"{name!r} reads two texts at once, of which only the configuration is verified: "
            f"config_only=True."
        )
    findings.append((_labels if component.gives_labels else _forward)(name, component, pipe))
    own = [value for value in golden if value.nlu_ref == component.entry.reference]
    findings += [
        finding
        for text in dict.fromkeys(v.text for v in own)
        for finding in _golden(name, pipe, text, own)
    ]
    if write:
        _write(component, findings)
    return findings


def _config(name: str, component: Component) -> Iterator[Finding]:
    from nlu_lite.encoder import read_facts

    entry, facts = component.entry, read_facts(component.folder, component.entry)
    for subject, expected in (
        ("dimension", entry.dimension),
        ("layers", entry.layers),
        ("max_length", entry.max_length),
        ("lowercase", entry.lowercase),
        ("vocabulary", facts["embeddings"]),
    ):
        found = facts[subject]
        fits: Callable[[Any, Any], bool] = _FITS.get(subject, operator.eq)
        ok = None if expected is None or found is None else bool(fits(found, expected))
        yield Finding(name, "config", subject, expected, found, None, ok)


# A longest sequence shorter than the model's is a choice, and a vocabulary smaller than its
# embeddings is padding.
_FITS = {"max_length": operator.ge, "vocabulary": operator.le}


def _forward(name: str, component: Component, pipe: Pipeline) -> Finding:
    """Vectors of a sample against the plain transformers model's on the same pieces."""
    from nlu_lite.encoder import run_plain_model

    states, offsets = run_plain_model(component.folder, component.entry, SAMPLE)
    if component.entry.task == "embed_sentence":
        found, wanted = pipe.encode(SAMPLE), component.plan.finish(_pooled(component, states))
    else:
        frame: Any = pipe.predict(SAMPLE, "token", positions=True)
        spans = zip(frame["begin"].tolist(), frame["end"].tolist(), strict=True)
        found, wanted = (
            vectors(frame),
            np.stack([states[_first_piece(offsets, begin, end + 1)] for begin, end in spans]),
        )
    difference = float(np.abs(found - wanted).max())
    bound = EQUAL * max(1.0, float(np.abs(wanted).max()))
    return Finding(
        name, "forward", SAMPLE, f"within {bound:.1e}", None, difference, difference <= bound
    )


def _labels(name: str, component: Component, pipe: Pipeline) -> Finding:
    """Confidences of a sample's labels against the plain transformers classifier's on the same pieces."""
    from nlu_lite.encoder import run_plain_classifier

    likely, offsets = run_plain_classifier(component.folder, component.entry, SAMPLE)
    level: Any = "token" if component.reads_words else "document"
    frame: Any = pipe.predict(SAMPLE, level, positions=True)
    found = frame[pipe.confidences[pipe.columns[0]]].to_numpy()
    if component.reads_words:
        spans = zip(frame["begin"].tolist(), frame["end"].tolist(), strict=True)
        likely = likely[[_first_piece(offsets, begin, end + 1) for begin, end in spans]]
    difference = float(np.abs(found - likely.max(axis=-1)).max())
    return Finding(
        name, "forward", SAMPLE, f"within {EQUAL:.1e}", None, difference, difference <= EQUAL
    )


def _pooled(component: Component, states: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shape (1, dimension): the states of a text's pieces, the special ones among them, joined as the reference says."""
    weights = np.arange(1, len(states) + 1)
    ways: dict[str, Callable[[], NDArray[np.float32]]] = {
        "mean": lambda: states.mean(axis=0),
        "max": lambda: states.max(axis=0),
        "cls": lambda: states[0],
        "last": lambda: states[-1],
        "weighted": lambda: np.average(states, axis=0, weights=weights),
        "pooler": lambda: (
            component.plan.loaded.pooler(states[:1])[0]
            if component.plan.loaded.pooler
            else states[0]
        ),
    }
    return np.asarray(ways[component.plan.pooling]()[None], dtype=np.float32)


def _first_piece(offsets: list[tuple[int, int]], begin: int, end: int) -> int:
    holds = (
        n
        for n, (left, right) in enumerate(offsets)
        if left < end and right > begin and right > left
    )
    pieces = list(holds)
    meaning = (
        n
        for n in pieces
        if any(
            char.isalnum() for char in SAMPLE[max(offsets[n][0], begin) : min(offsets[n][1], end)]
        )
    )
    return next(meaning, pieces[0])


def _golden(name: str, pipe: Pipeline, text: str, values: list[Golden]) -> Iterator[Finding]:
    level: Any = "sentence" if values[0].level == "sentence" else "token"
    frame: Any = pipe.predict(text, level)
    rows = zip(frame[level].tolist(), frame[pipe.columns[0]].tolist(), strict=True)
    published = [(str(word).lower(), vector) for word, vector in rows if vector is not None]
    for value in (value for value in values if value.text == text):
        place = next(
            (
                n
                for n, (word, _) in enumerate(published)
                if level == "sentence" or word == value.token.lower()
            ),
            None,
        )
        subject = f"{text}: {value.token}"
        if place is None:
            yield Finding(name, "golden", subject, value.numbers, None, None, False)
            continue
        vector = published.pop(place)[1] if level == "token" else published[place][1]
        difference, ok = _compare(value.numbers, vector)
        found = tuple(float(number) for number in vector[: len(value.numbers)])
        yield Finding(
            name,
            "golden",
            subject,
            value.numbers,
            found,
            difference,
            ok if value.quality == "ok" else None,
        )


def _compare(printed: tuple[str, ...], vector: Any) -> tuple[float, bool]:  # noqa: ANN401 - a numpy row
    """The largest difference to printed numbers, and whether all agree at the precision they were printed with."""
    bound = PUBLISHED_TOLERANCE * max(1.0, float(np.abs(vector).max()))
    differences, agree = [0.0], True
    for text, found in zip(printed, vector.tolist(), strict=False):
        digits = text.rstrip(".")
        if digits.lstrip("-") in ("", "0"):
            continue  # cut before it said anything
        difference = abs(float(digits) - found)
        cut = 10.0 ** -len(digits.partition(".")[2]) if text.endswith("..") else 0.0
        differences.append(max(difference - cut, 0.0))
        agree &= difference <= bound + cut
    return max(differences), agree


def _write(component: Component, findings: list[Finding]) -> None:
    """Record what was proven in the file that holds the reference; for the hub's cache the revision and digests too."""
    entry, folder = component.entry, component.folder
    counted = [finding for finding in findings if finding.ok is not None]
    if entry.reference is None or not all(finding.ok for finding in counted):
        return
    proven = "golden" if any(finding.check == "golden" for finding in counted) else "opened"
    file, owner = registry.current().files_of(entry.reference)
    change_line(file.path, entry.reference, {"verified": proven})
    if folder.parent.name == "snapshots":
        names = select_model_files(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )
        pins = {
            "revision": folder.name,
            "sha256": {name: weights.digest(folder / name) for name in names},
        }
        sources = [
            source.model_dump(exclude_defaults=True)
            | (pins if isinstance(source, HubSource) else {})
            for source in entry.sources
        ]
        change_line(owner.path, entry.model_name, {"sources": sources})
    registry.refresh()
