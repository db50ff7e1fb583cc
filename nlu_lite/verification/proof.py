"""All references in a night: model by model fetched, compared, written down, deleted again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite import registry, weights
from nlu_lite.encoder import clear_cache
from nlu_lite.errors import DownloadError, NluLiteError, OptionError, RegistryError
from nlu_lite.registry import HubSource, resolve
from nlu_lite.verification.checks import (
    GOLDEN,
    Finding,
    PublishedVector,
    make_report,
    read_published_vectors,
)
from nlu_lite.verification.comparing import (
    Proven,
    compare,
    has_published_texts,
    make_finding,
    try_poolings,
)
from nlu_lite.verification.night import SUFFIX, Night, as_rows
from nlu_lite.verification.writing import FETCH, WRITTEN, write_proven

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.registry import Entry

# Bytes of the disk that the models of a night may take.
DISK_SHARE = 20 * 10**9
# After so many models in a row that the hub did not give, it is the network and not the models.
MOST_UNREACHABLE = 3
# Seconds that one request may wait in all where the hub asks for it.
LONGEST_WAIT = 3600.0


@dataclass(frozen=True, kw_only=True)
class _Model:
    """A model of the hub with the references that mean it."""

    name: str
    source: HubSource
    entries: tuple[Entry, ...]


def prove(
    request: str | None = None,
    *,
    disk: int = DISK_SHARE,
    write: bool = False,
    golden: str | Path = GOLDEN,
    state: str | Path | None = None,
    report_model: Callable[[str, pd.DataFrame], object] = lambda _name, _report: None,
) -> pd.DataFrame:
    """Fetch the models of references one after the other, compare each, and write what is proven.

    What this fetched is deleted again, the oldest first, when it takes more than its share of the
    disk; what was in the cache before stays. A run that was stopped is gone on with by the next.

    Args:
        request: References separated by spaces; all that are not verified yet if not given.
        disk: Bytes that the models may take together. A larger one is not fetched.
        write: Put what is proven into the registry file that holds the reference, and what the hub
            and the files say of the model into the line of the model.
        golden: A file of published vectors, instead of the package's own.
        state: Where it is remembered what is done; beside the registry file of the first model if
            not given. It is deleted once all are done.
        report_model: Called with each model that is done, and the rows about it.

    Returns:
        One row a check, as of ``verify``. Two more checks are in it: ``fetch`` (a model that did
        not come, or under another name) and ``written`` (a line of a registry file, before and
        after).

    Raises:
        UnknownReferenceError: A name that no registry knows.
        OptionError: A reference that no registry file holds, or a share of the disk below 1.
        RegistryError: A registry file or the state cannot be read or written.
    """
    if disk < 1:
        raise OptionError(f"disk is {disk}; it must be a number of bytes above 0.")
    models = list(_group(_select(request)))
    if not models:
        return make_report([])
    night = Night.read(Path(state) if state else _state_path(models[0]), writes=write)
    proof = _Proof(
        night=night,
        disk=disk,
        published=read_published_vectors(Path(golden)),
        report_model=report_model,
    )
    with weights.waiting_as_asked(LONGEST_WAIT):
        left = proof.run(model for model in models if model.name not in night.models)
    if not left:
        night.end()
    return make_report([*chain.from_iterable(night.models.values()), *as_rows(left)])


def _select(request: str | None) -> list[Entry]:
    """The entries to prove, those with a source on the hub."""
    if request is None:
        current = registry.current()
        entries = [current.entry(name) for name in current.references]
        return [entry for entry in entries if entry.verified == "unverified"]
    entries = list(resolve(request, path=None, task=None, language=None, one_language=False))
    for entry in entries:
        if entry.reference is None or _hub_source(entry) is None:
            raise OptionError(
                f"{entry.request!r} is no reference with a model of the hub; what is fetched to be "
                f"proven stands in a registry file with a source of the form {{hub: ...}}."
            )
    return entries


def _group(entries: Iterable[Entry]) -> Iterable[_Model]:
    """The entries by their model, in the order in which the models come first."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        if _hub_source(entry) is not None:
            groups.setdefault(_name_model(entry), []).append(entry)
    for name, group in groups.items():
        source = _hub_source(group[0])
        if source is not None:
            yield _Model(name=name, source=source, entries=tuple(group))


def _hub_source(entry: Entry) -> HubSource | None:
    return next((source for source in entry.sources if isinstance(source, HubSource)), None)


def _name_model(entry: Entry) -> str:
    """A model's name with the file it stands in: two files may each have one of the same name."""
    _, file = registry.current().files_of(str(entry.reference))
    return f"{file.origin}: {entry.model_name}"


def _state_path(model: _Model) -> Path:
    file, _ = registry.current().files_of(str(model.entries[0].reference))
    return file.path.with_name(f"{file.path.name}{SUFFIX}")


@dataclass(kw_only=True)
class _Proof:
    """One run over the models that are left."""

    night: Night
    disk: int
    published: tuple[PublishedVector, ...]
    report_model: Callable[[str, pd.DataFrame], object]

    def run(self, models: Iterable[_Model]) -> list[Finding]:
        """Prove one model after the other.

        Returns:
            What keeps the models that are left for another run from being done; empty where all
            are done.
        """
        left: list[Finding] = []
        in_a_row = 0
        for model in models:
            try:
                findings = self._prove(model)
            except DownloadError as error:
                left.append(_make_fetch_finding(model, f"unreachable: {error}", passed=False))
                in_a_row += 1
                if in_a_row == MOST_UNREACHABLE:
                    break
            else:
                in_a_row = 0
                self.night.add_model(model.name, findings)
                self.report_model(model.name, make_report(as_rows(findings)))
        return left

    def _prove(self, model: _Model) -> list[Finding]:
        """All that is to be said of a model.

        Raises:
            DownloadError: The hub may answer later.
            RegistryError: What is proven cannot be written down.
        """
        try:
            hub_model = weights.describe_hub_model(model.source)
            findings = _compare_names(model, hub_model)
            source = model.source.model_copy(update={"hub": hub_model.name})
            if hub_model.size > self.disk:
                reason = f"too large: {hub_model.size} bytes, of {self.disk} that may be used"
                return [*findings, _make_fetch_finding(model, reason, passed=None)]
            self._fetch(replace(model.entries[0], sources=(source,)), hub_model)
        except NluLiteError as error:
            refusal = weights.classify_refusal(error)
            if refusal == "unreachable" or isinstance(error, RegistryError):
                raise
            # Terms that nobody accepted here say nothing of the model.
            passed = None if refusal == "gated" else False
            return [_make_fetch_finding(model, f"{refusal or 'faulty'}: {error}", passed=passed)]
        compared = [self._compare(replace(entry, sources=(source,))) for entry in model.entries]
        findings += chain.from_iterable(proven.findings for proven in compared)
        if self.night.writes:
            findings += write_proven(compared, hub_model)
        clear_cache()
        return findings

    def _fetch(self, entry: Entry, hub_model: weights.HubModel) -> None:
        """Have a model in the cache, and room for it."""
        name, fetched = hub_model.name, self.night.fetched
        is_new = not weights.is_in_cache(name)
        if name in fetched or is_new:
            # Written down first: what an interrupted download leaves is deleted by the next run.
            fetched.pop(name, None)
            self._make_room(hub_model.size)
            fetched[name] = hub_model.size
            self.night.save()
        weights.update(entry)
        if name in fetched:
            fetched[name] = weights.measure_cached(name)

    def _make_room(self, size: int) -> None:
        """Delete what was fetched first until so many bytes fit into the share of the disk."""
        fetched = self.night.fetched
        while fetched and sum(fetched.values()) + size > self.disk:
            oldest = next(iter(fetched))
            weights.remove_from_cache(oldest)
            del fetched[oldest]

    def _compare(self, entry: Entry) -> Proven:
        """One reference as it is written, and where that is wrong with other poolings."""
        proven = compare(entry, self.published)
        if proven.level is None and has_published_texts(entry, self.published):
            return try_poolings(proven, self.published)
        return proven


def _compare_names(model: _Model, hub_model: weights.HubModel) -> list[Finding]:
    if hub_model.name == model.source.hub:
        return []
    request = model.entries[0].request
    return [
        make_finding(
            request,
            FETCH,
            "renamed",
            hub_model.name,
            expected=model.source.hub,
            passed=None,
        )
    ]


def _make_fetch_finding(model: _Model, reason: object, *, passed: bool | None) -> Finding:
    request = model.entries[0].request
    return make_finding(request, FETCH, model.source.hub, str(reason), passed=passed)


def describe_report(report: pd.DataFrame) -> list[str]:
    """What differs and which lines were changed, a line of text each."""
    is_fetch = report["check"] == FETCH
    is_wrong = report["ok"].eq(False).fillna(False)
    lines: list[str] = []
    for title, rows in (
        ("not as published", report[is_wrong & ~is_fetch]),
        ("the hub", report[is_fetch]),
        ("changed", report[report["check"] == WRITTEN]),
    ):
        lines += [f"{title}: {_describe_row(row)}" for row in rows.to_dict("records")]
    return lines


def _describe_row(row: Mapping[Hashable, Any]) -> str:
    is_expected = row["expected"] is not None
    values: Sequence[str] = [str(row["found"])]
    if is_expected:
        values = [str(row["expected"]), str(row["found"])]
    return f"{row['reference']} {row['check']} {row['subject']}: {' -> '.join(values)}"
