"""Which model is meant: references, aliases, the ``en.`` retry, Spark NLP names, near names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nlu_lite.errors import RegistryError, UnknownReferenceError
from nlu_lite.registry.schema import FolderSource, HubSource

if TYPE_CHECKING:
    from nlu_lite.registry.reader import RegistryFile
    from nlu_lite.registry.schema import Model, Reference, Source

DEFAULT_LANGUAGE = "en"
NEAREST = 3
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Everything the registry knows about one requested component.

    ``request`` is what the user typed, ``reference`` the registry's name for it (None for a hub id or a path). Lengths
    are in pieces with the special ones, ``size_mb`` in units of 10**6 bytes; None means unknown.
    """

    request: str
    reference: str | None
    task: str | None
    language: str | None
    model_name: str
    sources: tuple[Source, ...]
    architecture: str | None = None
    tokenizer: str | None = None
    dimension: int | None = None
    layers: int | None = None
    max_length: int | None = None
    lowercase: bool | None = None
    license: str | None = None
    size_mb: float | None = None
    spark_name: str | None = None
    verified: str = "unverified"
    pooling: str | None = None
    normalize: bool | None = None
    prompts: Mapping[str, str] | None = None
    origin: str = "built in"


class Registry:
    """Layered registry files behind one look-up; an earlier file wins over a later one.

    Args:
        files: The files, the user's own first, the built-in one last.

    Raises:
        RegistryError: A reference names a model that no file has.
    """

    def __init__(self, files: Iterable[RegistryFile]) -> None:
        self.files = tuple(files)
        self._references: dict[str, tuple[Reference, RegistryFile]] = {}
        for file in reversed(self.files):
            self._references.update({name: (reference, file) for name, reference in file.references.items()})
        lost = [
            f"{file.path}: reference {name!r} names the model {reference.model!r}, which no registry file has"
            for file in self.files
            for name, reference in file.references.items()
            if self._model(reference.model, file) is None
        ]
        if lost:
            raise RegistryError("\n".join(lost))

    def _model(self, name: str, own: RegistryFile) -> tuple[Model, RegistryFile] | None:
        return next(((file.models[name], file) for file in (own, *self.files) if name in file.models), None)

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Every reference, sorted."""
        return tuple(sorted(self._references))

    @cached_property
    def _spark_names(self) -> dict[str, dict[str, str]]:
        """Spark NLP name -> language -> reference; where both tasks share a name, the word-level one; canonical first."""
        names: dict[str, dict[str, str]] = {}
        # A reference that starts with its language comes before the short aliases of the same model.
        for name in sorted(self._references, key=lambda name: (self._rank(name), name)):
            reference = self._references[name][0]
            if reference.spark_name:
                names.setdefault(reference.spark_name, {}).setdefault(reference.language, name)
        return names

    def _rank(self, name: str) -> tuple[bool, bool]:
        reference = self._references[name][0]
        return reference.task != "embed", not name.startswith(f"{reference.language}.")

    def split(self, request: str) -> list[str]:
        """Cut a request at its spaces into names; where a reference holds a space, the longest known one wins.

        Args:
            request: One or more references, separated by any number of spaces.

        Returns:
            The names in the order given, each once.
        """
        words = request.split()
        names: list[str] = []
        start = 0
        while start < len(words):
            for end in range(len(words), start, -1):
                name = " ".join(words[start:end])
                if end == start + 1 or name in self._references or f"{DEFAULT_LANGUAGE}.{name}" in self._references:
                    break
            if name not in names:
                names.append(name)
            start = end
        return names

    def find(self, name: str, *, language: str | None = None) -> Entry:
        """The entry that a name means: the reference, the same with ``en.`` in front, a Spark NLP name, or a hub id.

        The order is NLU's own, traps included: ``bert`` is another model than ``en.embed.bert``.

        Args:
            name: A reference, alias or Spark NLP model name, as typed.
            language: For a Spark NLP name that several languages share; English if not given.

        Returns:
            The entry.

        Raises:
            UnknownReferenceError: No such name; the message has the nearest three and how to search.
        """
        for candidate in (name, f"{DEFAULT_LANGUAGE}.{name}", self._by_spark_name(name, language)):
            if candidate is not None and candidate in self._references:
                return self.entry(candidate, request=name)
        if _HUB_ID.fullmatch(name):
            return self.entry_of_hub(name)
        raise UnknownReferenceError(self._unknown(name))

    def _by_spark_name(self, name: str, language: str | None) -> str | None:
        by_language = self._spark_names.get(name, {})
        if len(by_language) == 1 and language is None:
            return next(iter(by_language.values()))
        if by_language and language is None and DEFAULT_LANGUAGE not in by_language:
            raise UnknownReferenceError(
                f"{name!r} is the Spark NLP name of models in several languages: {', '.join(sorted(by_language))}. "
                f"Say which: nlu.load({name!r}, language={min(by_language)!r})"
            )
        return by_language.get(language or DEFAULT_LANGUAGE)

    def entry(self, reference: str, *, request: str | None = None) -> Entry:
        """The entry of a reference that is known to exist.

        Args:
            reference: A name out of ``references``.
            request: What the user typed, if it was another name.
        """
        record, file = self._references[reference]
        found = self._model(record.model, file)
        assert found is not None, "checked when the registry was made"
        model, owner = found
        facts = model.model_dump(exclude={"sources"}) | record.model_dump(exclude={"model"}, exclude_none=True)
        return Entry(
            request=request or reference,
            reference=reference,
            model_name=record.model,
            sources=tuple(_at_its_file(source, owner) for source in model.sources),
            origin=file.origin,
            **facts,
        )

    def places(self, reference: str) -> tuple[RegistryFile, RegistryFile]:
        """The files that hold a reference and its model."""
        record, file = self._references[reference]
        found = self._model(record.model, file)
        assert found is not None, "checked when the registry was made"
        return file, found[1]

    def entry_of_hub(self, name: str) -> Entry:
        """The entry of a hub id, ``owner/name``, of which nothing else is known.

        Args:
            name: The id as typed.
        """
        return Entry(
            request=name,
            reference=None,
            task=None,
            language=None,
            model_name=name,
            sources=(HubSource(hub=name),),
            origin="hub",
        )

    def nearest(self, name: str, count: int = NEAREST) -> list[str]:
        """The known names nearest to a wrong one: those that hold all its parts first, then by similarity of letters."""
        wanted = name.lower()
        known = {known.lower(): known for known in (*self.references, *self._spark_names)}
        parts = [part for part in wanted.replace(".", " ").replace("_", " ").split() if part]
        holding = sorted((low for low in known if parts and all(part in low for part in parts)), key=len)
        similar = difflib.get_close_matches(wanted, known, n=count, cutoff=0.0)
        # A close misspelling beats a name that happens to hold the parts; a bare stem has no close misspelling.
        close = [low for low in similar if difflib.SequenceMatcher(None, wanted, low).ratio() >= 0.85]
        ordered = dict.fromkeys((*close, *holding, *similar))
        return [known[low] for low in list(ordered)[:count]]

    def _unknown(self, name: str) -> str:
        nearest = ", ".join(repr(near) for near in self.nearest(name))
        search = name.replace(".", " ").replace("_", " ")
        return (
            f"{name!r} is not a known reference. Nearest: {nearest}. Search with nlu.search({search!r}) or "
            f"`nlu-lite search {search}`; a model folder on this machine loads with nlu.load(path=FOLDER)."
        )


def _at_its_file(source: Source, file: RegistryFile) -> Source:
    """A folder named in a registry file starts at that file."""
    if isinstance(source, FolderSource):
        return source.model_copy(update={"path": str(file.path.parent / Path(source.path).expanduser())})
    return source
