"""Which model is meant: references, aliases, the ``en.`` retry, Spark NLP names, near names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nlu_lite.errors import RegistryError, UnknownReferenceError, UnservedReferenceError, brief
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, FolderSource, HubSource
from nlu_lite.registry.unserved import unserved_name, unserved_names

if TYPE_CHECKING:
    from nlu_lite.registry.reader import RegistryFile
    from nlu_lite.registry.schema import Model, Reference, Source

NEAREST = 3
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
# From this ratio of common letters on, a name is taken for a misspelling.
CLOSE = 0.85
# Nobody types a longer name, but a whole text may stand where a name should; comparing takes the
# square of the length.
LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Everything the registry knows about one requested component.

    ``request`` is what the user typed, ``reference`` the registry's name for it (None for a hub id
    or a path). Lengths are in pieces with the special ones, ``size_mb`` in units of 10**6 bytes;
    None means unknown.
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
            self._references.update(
                {name: (reference, file) for name, reference in file.references.items()}
            )
        lost = [
            f"{file.path}: reference {name!r} names the model {reference.model!r}, which no "
            f"registry file has"
            for file in self.files
            for name, reference in file.references.items()
            if self._model(reference.model, file) is None
        ]
        if lost:
            raise RegistryError("\n".join(lost))

    def _model(self, name: str, own: RegistryFile) -> tuple[Model, RegistryFile] | None:
        return next(
            ((file.models[name], file) for file in (own, *self.files) if name in file.models), None
        )

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Every reference, sorted."""
        return tuple(sorted(self._references))

    @cached_property
    def _spark_names(self) -> dict[str, dict[str, str]]:
        """Spark NLP name -> language -> reference; where both tasks share a name, the word-level one; canonical first."""
        names: dict[str, dict[str, str]] = {}
        # A reference that starts with its language comes before the short aliases of the same
        # model.
        for name in sorted(self._references, key=lambda name: (self._rank(name), name)):
            reference = self._references[name][0]
            if reference.spark_name:
                names.setdefault(reference.spark_name, {}).setdefault(reference.language, name)
        return names

    def _rank(self, name: str) -> tuple[bool, bool]:
        reference = self._references[name][0]
        return reference.task != "embed", not name.startswith(f"{reference.language}.")

    @cached_property
    def _most_words(self) -> int:
        return max((name.count(" ") + 1 for name in self._references), default=1)

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
            end, name = start + 1, words[start]
            for further in range(min(len(words), start + self._most_words), start + 1, -1):
                long = " ".join(words[start:further])
                if long in self._references or f"{DEFAULT_LANGUAGE}.{long}" in self._references:
                    end, name = further, long
                    break
            if name not in names:
                names.append(name)
            start = end
        return names

    def find(self, name: str, *, language: str | None = None) -> Entry:
        """The entry that a name means: the reference, the same with ``en.`` in front, a Spark NLP name, or a hub id.

        The order is NLU's own, traps included: ``bert`` is another model than ``en.embed.bert``. An
        own registry file may serve a name that the built-in one does not.

        Args:
            name: A reference, alias or Spark NLP model name, as typed.
            language: For a Spark NLP name that several languages share; English if not given.

        Returns:
            The entry.

        Raises:
            UnservedReferenceError: NLU knows the name and it is not served here; the message has
                the reason and the nearest that is.
            UnknownReferenceError: No such name; the message has the nearest three and how to
                search.
        """
        for candidate in (name, f"{DEFAULT_LANGUAGE}.{name}"):
            if candidate in self._references:
                return self.entry(candidate, request=name)
            if (record := unserved_names().get(candidate)) is not None:
                raise UnservedReferenceError(record.explain(name))
        if _HUB_ID.fullmatch(name):
            return self.entry_of_hub(name)
        return self.entry(self._by_spark_name(name, language), request=name)

    def _by_spark_name(self, name: str, language: str | None) -> str:
        served = self._spark_names.get(name, {})
        if language in served:
            return served[language]
        record = unserved_name(name, language)
        if record is not None and (not served or record.language == language):
            raise UnservedReferenceError(record.explain(name))
        if len(served) == 1:
            # With one model there is nothing to choose; the language is then that of the text.
            return next(iter(served.values()))
        if language is None and DEFAULT_LANGUAGE in served:
            return served[DEFAULT_LANGUAGE]
        if not served:
            raise UnknownReferenceError(self._unknown(name))
        raise UnknownReferenceError(
            f"{name!r} is the Spark NLP name of models in several languages: "
            f"{', '.join(sorted(served))}. "
            f"Say which: nlu.load({name!r}, language={min(served)!r})"
        )

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
        facts = model.model_dump(exclude={"sources"}) | record.model_dump(
            exclude={"model"}, exclude_none=True
        )
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
        """The known names nearest to a wrong one: those that hold all its parts first, then by similarity of letters.

        Of those that hold them, whole parts come before parts of words, short names before long
        ones, English first.
        """
        wanted = name.lower()
        known = {known.lower(): known for known in (*self.references, *self._spark_names)}
        parts = _parts(wanted)
        holding = sorted(
            (low for low in known if parts and all(part in low for part in parts)),
            key=lambda low: (
                len(parts - _parts(low)),
                len(low),
                not low.startswith(f"{DEFAULT_LANGUAGE}."),
            ),
        )
        similar = _similar(wanted, known, count)
        # A close misspelling beats a name that happens to hold the parts; a bare stem has no close
        # misspelling.
        close = [low for ratio, low in similar if ratio >= CLOSE]
        ordered = dict.fromkeys((*close, *holding, *(low for _, low in similar)))
        return [known[low] for low in list(ordered)[:count]]

    def _unknown(self, name: str) -> str:
        nearest = ", ".join(repr(near) for near in self.nearest(name))
        # A whole text may stand where a name should.
        search = name[:LONGEST_NAME].replace(".", " ").replace("_", " ")
        return (
            f"{brief(name, LONGEST_NAME)} is not a known reference. Nearest: {nearest}. Search "
            f"with nlu.search({search!r}) or "
            f"`nlu-lite search {search}`; a model folder on this machine loads with "
            f"nlu.load(path=FOLDER)."
        )


def _at_its_file(source: Source, file: RegistryFile) -> Source:
    """A folder named in a registry file starts at that file."""
    if isinstance(source, FolderSource):
        return source.model_copy(
            update={"path": str(file.path.parent / Path(source.path).expanduser())}
        )
    return source


def _parts(name: str) -> set[str]:
    return set(name.replace(".", " ").replace("_", " ").split())


def _similar(wanted: str, names: Iterable[str], count: int) -> list[tuple[float, str]]:
    """The names most similar to a wanted one with their ratios, the most similar first.

    What ``difflib.get_close_matches`` gives without a cutoff, at a fraction of the time: a ratio is
    worked out only while its upper bound, which costs a tenth, can still beat the worst of the
    best.
    """
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(wanted[:LONGEST_NAME])
    bounds = []
    for name in names:
        matcher.set_seq1(name)
        bounds.append((matcher.quick_ratio(), name))
    best: list[tuple[float, str]] = []
    for bound, name in sorted(bounds, reverse=True):
        if len(best) == count and bound < best[-1][0]:
            break
        matcher.set_seq1(name)
        best = sorted((*best, (matcher.ratio(), name)), reverse=True)[:count]
    return best
