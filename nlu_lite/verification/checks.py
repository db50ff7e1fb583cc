"""Is a reference what the registry says: its configuration, a direct forward, published vectors?"""

from __future__ import annotations

import csv
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite import registry, weights
from nlu_lite.encoder import read_facts
from nlu_lite.errors import OptionError
from nlu_lite.frame import SENTENCE, TOKEN, vectors
from nlu_lite.options import Options
from nlu_lite.pipeline import restore
from nlu_lite.registry import HubSource, change_line, resolve

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.pipeline import Pipeline
    from nlu_lite.tasks import Component

GOLDEN = Path(__file__).parents[1] / "registry" / "golden.csv"
# Published numbers come from other kernels (TensorFlow in a JVM): so far they may be apart, times
# the larger of 1 and the vector's largest number. Another model is apart by a thousand times as
# much.
PUBLISHED_TOLERANCE = 1e-4
# Within this, times the same, two ways to compute one model are equal in float32.
TOLERANCE = 1e-5
SAMPLE = "The quick brown fox jumps over the lazy dog."
COLUMNS = ("reference", "check", "subject", "expected", "found", "difference", "ok")
# Where the two need not be equal: a longest sequence shorter than the model's is a choice, and a
# vocabulary smaller than its embeddings is padding.
_CONFIG_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "max_length": operator.ge,
    "vocabulary": operator.le,
}


@dataclass(frozen=True, kw_only=True)
class PublishedVector:
    """The first numbers of a published vector, as printed; one that ends in dots was cut there."""

    reference: str
    text: str
    token: str
    numbers: tuple[str, ...]
    level: str
    quality: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row of the report, in the order of ``COLUMNS``.

    ``passed`` is None where there was nothing to compare with.
    """

    reference: str
    check: str
    subject: str
    expected: object
    actual: object = None
    difference: float | None = None
    passed: bool | None


@cache
def read_published_vectors(path: Path = GOLDEN) -> tuple[PublishedVector, ...]:
    """The published vectors that come with the package.

    Args:
        path: A CSV file with the columns nlu_ref, text, token, v0, v1, v2, level, quality.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            PublishedVector(
                reference=row["nlu_ref"],
                text=row["text"],
                token=row["token"],
                numbers=tuple(filter(None, (row["v0"], row["v1"], row["v2"]))),
                level=row["level"],
                quality=row["quality"],
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
        OptionError: ``write`` without the vectors, or a reference whose vectors cannot be verified.
        WeightsNotFoundError: The files are not on this machine and cannot be fetched.

    Example:
        >>> import nlu_lite as nlu
        >>> bool(nlu.verify("en.embed.minilm_l6")["ok"].dropna().all())
        True
    """
    if config_only and write:
        raise OptionError("write=True needs the vectors; leave config_only out.")
    published = read_published_vectors(Path(golden))
    options = make_options(offline=offline)
    findings: list[Finding] = []
    for entry in resolve(request, path=None, task=None, language=None, one_language=False):
        pipeline = restore((entry,), options)
        entry_findings = list(check_config(pipeline.components[0]))
        if not config_only:
            entry_findings += check_vectors(pipeline, published)
        if write:
            _write_findings(pipeline.components[0], entry_findings)
        findings += entry_findings
    return make_report([astuple(finding) for finding in findings])


def make_report(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The frame that ``verify`` returns.

    Args:
        rows: One a check, in the order of ``COLUMNS``.
    """
    import pandas as pd

    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))
    return frame.astype({"ok": "boolean", "difference": "Float64"})


def make_options(*, offline: bool | None = None) -> Options:
    """The rules of the published vectors for text."""
    return Options(words="spark", sentences=None, offline=offline)


def check_config(component: Component) -> Iterator[Finding]:
    """What the entry says of a model against what its files say."""
    entry, facts = component.entry, read_facts(component.folder, component.entry)
    for subject, expected in (
        ("dimension", entry.dimension),
        ("layers", entry.layers),
        ("max_length", entry.max_length),
        ("lowercase", entry.lowercase),
        ("vocabulary", facts["embeddings"]),
    ):
        actual = facts[subject]
        passed = None
        if expected is not None and actual is not None:
            rule: Callable[[Any, Any], bool] = _CONFIG_RULES.get(subject, operator.eq)
            passed = bool(rule(actual, expected))
        yield Finding(
            reference=entry.request,
            check="config",
            subject=subject,
            expected=expected,
            actual=actual,
            passed=passed,
        )


def check_vectors(pipeline: Pipeline, published: tuple[PublishedVector, ...]) -> Iterator[Finding]:
    """A direct forward, and the vectors that are published of the reference.

    Raises:
        OptionError: Its results are no vectors and no labels.
    """
    component = pipeline.components[0]
    kind = component.entry.kind
    if kind.reads_pairs or kind.gives == "texts":
        reason = "reads two texts at once" if kind.reads_pairs else "writes texts"
        raise OptionError(
            f"{component.entry.request!r} {reason}, of which only the configuration is verified: "
            f"config_only=True."
        )
    yield _check_forward(pipeline)
    by_text: dict[str, list[PublishedVector]] = {}
    for vector in published:
        if vector.reference == component.entry.reference:
            by_text.setdefault(vector.text, []).append(vector)
    for vectors_of_text in by_text.values():
        yield from _check_published(pipeline, vectors_of_text)


def _check_forward(pipeline: Pipeline) -> Finding:
    """Vectors or confidences of a sample against the plain transformers model's."""
    component = pipeline.components[0]
    frame = pipeline.predict(SAMPLE, component.task.unit_level.name, positions=True)
    spans = list(zip(frame["begin"].tolist(), (frame["end"] + 1).tolist(), strict=True))
    expected = component.task.direct_results(
        component.folder, component.entry, component.plan, SAMPLE, spans
    )
    bound = TOLERANCE * max(1.0, float(np.abs(expected).max()))
    if component.gives_labels:
        expected = expected.max(axis=-1)
        actual: Any = frame[pipeline.confidences[pipeline.columns[0]]].to_numpy()
    else:
        actual = vectors(frame)
    difference = float(np.abs(actual - expected).max())
    return Finding(
        reference=component.entry.request,
        check="forward",
        subject=SAMPLE,
        expected=f"within {bound:.1e}",
        difference=difference,
        passed=difference <= bound,
    )


def _check_published(pipeline: Pipeline, published: list[PublishedVector]) -> Iterator[Finding]:
    """The vectors published of one text, in its order."""
    text = published[0].text
    level = SENTENCE if published[0].level == SENTENCE.name else TOKEN
    frame = pipeline.predict(text, level.name)
    cells = zip(frame[level.name].tolist(), frame[pipeline.columns[0]].tolist(), strict=True)
    rows = [(str(word).lower(), vector) for word, vector in cells if vector is not None]
    for value in published:
        vector = _take_vector(rows, value)
        actual, difference, passed = None, None, False
        if vector is not None:
            actual = tuple(float(number) for number in vector[: len(value.numbers)])
            difference, passed = _compare_printed(value.numbers, vector)
        # What is suspect is compared and never counts.
        is_counted = vector is None or value.quality == "ok"
        yield Finding(
            reference=pipeline.components[0].entry.request,
            check="golden",
            subject=f"{text}: {value.token}",
            expected=value.numbers,
            actual=actual,
            difference=difference,
            passed=passed if is_counted else None,
        )


def _take_vector(rows: list[tuple[str, Any]], value: PublishedVector) -> Any:  # noqa: ANN401 - a numpy row
    """The vector to compare with: of the text, or of the first row of its word, which is taken out.

    None where there is no such row.
    """
    for number, (word, vector) in enumerate(rows):
        if value.level == SENTENCE.name:
            return vector
        if word == value.token.lower():
            del rows[number]
            return vector
    return None


def _compare_printed(printed: tuple[str, ...], vector: Any) -> tuple[float, bool]:  # noqa: ANN401 - a numpy row
    """The largest difference to printed numbers, and whether all agree as far as printed."""
    bound = PUBLISHED_TOLERANCE * max(1.0, float(np.abs(vector).max()))
    largest = 0.0
    for text, number in zip(printed, vector.tolist(), strict=False):
        digits = text.rstrip(".")
        if digits.lstrip("-") in ("", "0"):
            continue  # cut before it said anything
        # What stood behind the dots is unknown.
        unknown = 10.0 ** -len(digits.partition(".")[2]) if text.endswith("..") else 0.0
        largest = max(largest, abs(float(digits) - number) - unknown)
    return largest, largest <= bound


def _write_findings(component: Component, findings: list[Finding]) -> None:
    """Record in the registry's files what was proven; nothing where a check failed."""
    entry = component.entry
    counted = [finding for finding in findings if finding.passed is not None]
    if entry.reference is None or not all(finding.passed for finding in counted):
        return
    is_golden = any(finding.check == "golden" for finding in counted)
    file, model_file = registry.current().files_of(entry.reference)
    change_line(file.path, entry.reference, {"verified": "golden" if is_golden else "opened"})
    if component.folder.parent.name == "snapshots":
        change_line(model_file.path, entry.model_name, {"sources": _pinned_sources(component)})
    registry.refresh()


def _pinned_sources(component: Component) -> list[dict[str, object]]:
    """The sources of a model in the hub's cache, the hub's with the revision and digests there."""
    folder = component.folder
    pins = {"revision": folder.name, "sha256": weights.digest_model(folder)}
    sources = []
    for source in component.entry.sources:
        fields = source.model_dump(exclude_defaults=True)
        sources.append(fields | pins if isinstance(source, HubSource) else fields)
    return sources
