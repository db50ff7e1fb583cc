"""One fetched reference against all that is known of it; a night does not end where one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.pipeline import restore
from nlu_lite.registry import TEXT_VECTORS
from nlu_lite.verification.checks import (
    Finding,
    PublishedVector,
    check_config,
    check_vectors,
    make_options,
)

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

POOLING = "pooling"
# What the vectors of sentences of Spark NLP 2.6 may have been made with.
CANDIDATES = ("mean", "mean_text", "cls", "pooler", "second_to_last")
# What the files of a model say, which its line follows where published vectors show that it is
# the model.
FACTS = ("dimension", "layers", "max_length")


@dataclass(frozen=True, kw_only=True)
class Proven:
    """A reference with all that was compared of it.

    Attributes:
        entry: Its entry, with the source that was fetched.
        folder: Where the files lie; None where they were not read.
        findings: The comparisons.
        changes: Fields of its line that the published vectors showed to be others.
    """

    entry: Entry
    folder: Path | None
    findings: Sequence[Finding]
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def level(self) -> str | None:
        """How far it is proven: ``golden``, ``opened``, or None.

        A fact of the model that the entry has wrong is forgiven where published vectors are right.
        """
        counted = [finding for finding in self.findings if finding.passed is not None]
        if not any(finding.check == "forward" for finding in counted):
            return None
        failed = [finding for finding in counted if not finding.passed]
        if not any(finding.check == "golden" for finding in counted):
            return None if failed else "opened"
        return None if any(not _is_fact(finding) for finding in failed) else "golden"


def _is_fact(finding: Finding) -> bool:
    return finding.check == "config" and finding.subject in FACTS


def compare(entry: Entry, published: tuple[PublishedVector, ...]) -> Proven:
    """A reference against its entry, a direct forward and published vectors.

    Args:
        entry: With the source that was fetched.
        published: Of all references.
    """
    findings: list[Finding] = []
    # What the entry says of the model is compared; where it is wrong, the model is read still.
    bare = replace(entry, dimension=None, layers=None)
    options = make_options(offline=True)
    folder = None
    try:
        component = restore((entry,), options).components[0]
        folder = component.folder
        findings += check_config(component)
        if not (entry.kind.reads_pairs or entry.kind.gives == "texts"):
            findings += check_vectors(restore((bare,), options), published)
    except Exception as error:  # noqa: BLE001 - a night goes on, and the report names it
        reason = f"{type(error).__name__}: {error}"
        findings.append(make_finding(entry.request, "forward", "failed", reason, passed=False))
    return Proven(entry=entry, folder=folder, findings=findings)


def has_published_texts(entry: Entry, published: tuple[PublishedVector, ...]) -> bool:
    """Whether vectors of whole texts that count are published of a reference."""
    if entry.kind is not TEXT_VECTORS:
        return False
    mine = [vector for vector in published if vector.reference == entry.reference]
    return any(vector.quality == "ok" for vector in mine)


def try_poolings(proven: Proven, published: tuple[PublishedVector, ...]) -> Proven:
    """A reference whose published vectors are others, with every pooling that could be meant.

    Args:
        proven: What was found with the pooling of its entry.
        published: Of all references.

    Returns:
        The one whose vectors are the published ones; the same as before, with a row a pooling,
        where none or more than one is.
    """
    entry = proven.entry
    poolings = [name for name in CANDIDATES if name != entry.pooling]
    tried = [compare(replace(entry, pooling=name), published) for name in poolings]
    rows = [
        make_finding(
            entry.request,
            POOLING,
            name,
            "gives the published vectors" if trial.level == "golden" else "does not",
            expected=entry.pooling,
            passed=None,
        )
        for name, trial in zip(poolings, tried, strict=True)
    ]
    right = [trial for trial in tried if trial.level == "golden"]
    if len(right) != 1:
        return replace(proven, findings=[*proven.findings, *rows])
    pooling = right[0].entry.pooling
    return replace(right[0], findings=[*right[0].findings, *rows], changes={POOLING: pooling})


def make_finding(
    reference: str,
    check: str,
    subject: str,
    actual: str,
    *,
    expected: Any = None,  # noqa: ANN401 - any value of a report
    passed: bool | None,
) -> Finding:
    """A row of the report that compares no numbers."""
    return Finding(
        reference=reference,
        check=check,
        subject=subject,
        expected=expected,
        actual=actual,
        passed=passed,
    )
