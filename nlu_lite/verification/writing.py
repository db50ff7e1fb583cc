"""What a proof found out, put into the lines of the registry's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite import registry, weights
from nlu_lite.encoder import read_facts
from nlu_lite.registry import HubSource, change_line
from nlu_lite.verification.checks import Finding
from nlu_lite.verification.comparing import FACTS, Proven

if TYPE_CHECKING:
    from nlu_lite.registry import Model, Reference, RegistryFile

FETCH = "fetch"
WRITTEN = "written"


def write_proven(compared: Sequence[Proven], hub_model: weights.HubModel) -> list[Finding]:
    """Write down how far the references of one model are proven, and what is known of the model.

    Args:
        compared: All references of the model that were compared.
        hub_model: What the hub says of it.

    Returns:
        A row a changed field: before and after.

    Raises:
        RegistryError: A registry file cannot be changed.
    """
    proven = [item for item in compared if item.level is not None]
    findings: list[Finding] = []
    for item in proven:
        file, _ = registry.current().files_of(str(item.entry.reference))
        changes = {**item.changes, "verified": item.level}
        record = file.references[str(item.entry.reference)]
        findings += _change(file, item, str(item.entry.reference), record, changes)
    if proven:
        best = max(proven, key=lambda item: item.level == "golden")
        _, model_file = registry.current().files_of(str(best.entry.reference))
        model = model_file.models[best.entry.model_name]
        changes = _read_model_facts(best, model, hub_model)
        findings += _change(model_file, best, best.entry.model_name, model, changes)
    registry.refresh()
    return findings


def _read_model_facts(item: Proven, record: Model, hub_model: weights.HubModel) -> dict[str, Any]:
    """The fields of a model's line, as its files and the hub's card say."""
    folder = item.folder
    if folder is None:
        return {}
    facts = read_facts(folder, item.entry)
    changes: dict[str, Any] = {"sources": _pin(record.sources, folder, hub_model.name)}
    for name in FACTS:
        is_wrong = any(
            finding.subject == name and finding.passed is False for finding in item.findings
        )
        if facts[name] is not None and (getattr(record, name) is None or is_wrong):
            changes[name] = facts[name]
    if hub_model.license is not None:
        changes["license"] = hub_model.license
    changes["size_mb"] = round(weights.measure_weights(folder) / 1e6, 1) or None
    return {name: value for name, value in changes.items() if value is not None}


def _pin(sources: Sequence[Any], folder: Path, name: str) -> list[dict[str, object]]:
    """The sources, the hub's with the name, revision and digests of what was compared."""
    pins = {"hub": name, "revision": folder.name, "sha256": weights.digest_model(folder)}
    pinned: list[dict[str, object]] = []
    is_pinned = False
    for source in sources:
        fields = source.model_dump(exclude_defaults=True)
        # The first of the hub is the one that was fetched.
        if isinstance(source, HubSource) and not is_pinned:
            fields, is_pinned = fields | pins, True
        pinned.append(fields)
    return pinned


def _change(
    file: RegistryFile,
    item: Proven,
    name: str,
    record: Model | Reference,
    changes: dict[str, Any],
) -> list[Finding]:
    """Change a line where that says something else than before."""
    before = record.model_dump(mode="json", exclude_defaults=True)
    changed = {key: value for key, value in changes.items() if before.get(key) != value}
    if changed:
        change_line(file.path, name, changed)
    return [
        Finding(
            reference=item.entry.request,
            check=WRITTEN,
            subject=f'{file.path.name} "{name}" {key}',
            expected=before.get(key, "absent"),
            actual=value,
            passed=None,
        )
        for key, value in changed.items()
    ]
