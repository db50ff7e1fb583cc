"""Which entry a name means: references, aliases, the ``en.`` retry, Spark NLP names, hub ids."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nlu_lite.errors import RegistryError, UnknownReferenceError, UnservedReferenceError, brief
from nlu_lite.registry.entry import Entry
from nlu_lite.registry.near_names import LONGEST_NAME, near_names
from nlu_lite.registry.nlu_names import names_with_spaces
from nlu_lite.registry.same_task import nearest_of_task
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, MULTILINGUAL, FolderSource, HubSource
from nlu_lite.registry.task_kinds import TASK_KINDS, TEXT_VECTORS, TRANSLATION, WORD_VECTORS
from nlu_lite.registry.translations import (
    is_about_translation,
    translator_entries,
    translator_entry,
    translator_names,
)
from nlu_lite.registry.unserved import UnservedName, unserved_name, unserved_names

if TYPE_CHECKING:
    from nlu_lite.registry.reader import RegistryFile
    from nlu_lite.registry.schema import Model, Reference, Source

NEAREST_COUNT = 3
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


class _Record(NamedTuple):
    """A reference and its model, each with the file that it stands in."""

    reference: Reference
    file: RegistryFile
    model: Model
    model_file: RegistryFile


class Registry:
    """Layered registry files behind one look-up; an earlier file wins over a later one.

    Args:
        files: The files, the user's own first, the built-in one last.

    Raises:
        RegistryError: A reference names a model that no file has.
    """

    def __init__(self, files: Iterable[RegistryFile]) -> None:
        self.files = tuple(files)
        self._records: dict[str, _Record] = {}
        faults = []
        for file in self.files:
            for name, reference in file.references.items():
                owner = self._file_of_model(reference.model, file)
                if owner is None:
                    faults.append(
                        f"{file.path}: reference {name!r} names the model {reference.model!r}, "
                        f"which no registry file has"
                    )
                    continue
                model = owner.models[reference.model]
                self._records.setdefault(name, _Record(reference, file, model, owner))
        if faults:
            raise RegistryError("\n".join(faults))

    def _file_of_model(self, model_name: str, file: RegistryFile) -> RegistryFile | None:
        """The file of the model that a reference of ``file`` means; its own counts first."""
        candidates = (file, *self.files)
        return next((owner for owner in candidates if model_name in owner.models), None)

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Every reference, sorted."""
        return tuple(sorted(self._records))

    @cached_property
    def _spark_names(self) -> dict[str, dict[str, str]]:
        """Spark NLP name -> language -> reference.

        Where two tasks share a name it means the word-level one, and a reference that starts with
        its language comes before the short aliases of the same model.
        """
        names: dict[str, dict[str, str]] = {}
        for name in sorted(self._records, key=self._rank):
            reference = self._records[name].reference
            if reference.spark_name:
                names.setdefault(reference.spark_name, {}).setdefault(reference.language, name)
        return names

    def _rank(self, name: str) -> tuple[bool, bool, str]:
        reference = self._records[name].reference
        is_alias = not name.startswith(f"{reference.language}.")
        return TASK_KINDS[reference.task] is not WORD_VECTORS, is_alias, name

    @cached_property
    def _most_words(self) -> int:
        return max((name.count(" ") + 1 for name in self._records), default=1)

    def split(self, request: str) -> list[str]:
        """Cut a request at its spaces into names, in their order, each once.

        Where a reference holds a space, the longest that exists wins.

        Args:
            request: One or more references, separated by any number of spaces.
        """
        words = request.split()
        names: dict[str, None] = {}
        start = 0
        while start < len(words):
            name_words = self._longest_name(words[start : start + self._most_words])
            names[" ".join(name_words)] = None
            start += len(name_words)
        return list(names)

    def _longest_name(self, words: list[str]) -> list[str]:
        """The first words, as many as make a reference; one where none do."""
        for count in range(len(words), 1, -1):
            name = " ".join(words[:count])
            if self._has(name):
                return words[:count]
        if len(words) == 1 or self._has(words[0]):
            return words[:1]
        # A name of NLU that is not served; few of those hold a space.
        spaced = (words[:count] for count in range(2, len(words) + 1))
        return next((name for name in spaced if " ".join(name) in names_with_spaces()), words[:1])

    def _has(self, name: str) -> bool:
        """Whether a name is served."""
        return name in self._records or f"{DEFAULT_LANGUAGE}.{name}" in self._records

    def find(self, name: str, *, language: str | None = None) -> Entry:
        """The entry that a name means.

        A name is the reference, the same without its ``en.``, a Spark NLP name, or a hub id. The
        order is NLU's own, traps included: ``bert`` is another model than ``en.embed.bert``. An own
        registry file may serve a name that the built-in one does not. A hub id that stands in a
        registry file has the sources and facts of that model, and no task yet.

        Args:
            name: A reference, alias or Spark NLP model name, as typed.
            language: For a Spark NLP name that several languages share; English if not given.

        Raises:
            UnservedReferenceError: NLU knows the name and it is not served here; the message has
                the reason and the nearest that is.
            UnknownReferenceError: No such name; the message has the nearest three and how to
                search.
        """
        for reference in (name, f"{DEFAULT_LANGUAGE}.{name}"):
            if reference in self._records:
                return self.entry(reference, request=name)
            if (translator := translator_entry(reference)) is not None:
                return replace(translator, request=name)
            if reference in unserved_names():
                raise UnservedReferenceError(unserved_names()[reference].explain(name))
        # NLU has ``en.albert`` beside ``en.embed.albert``, for the same model.
        language_part, _, rest = name.partition(".")
        reference = f"{language_part}.{WORD_VECTORS.name}.{rest}"
        if rest and reference in self._records:
            return self.entry(reference, request=name)
        if _HUB_ID.fullmatch(name):
            return self._find_hub_model(name)
        return self.entry(self._find_spark_name(name, language), request=name)

    def _find_spark_name(self, name: str, language: str | None) -> str:
        """The reference that a Spark NLP name means."""
        by_language = self._spark_names.get(name, {})
        if language in by_language:
            return by_language[language]
        record = None if language is None and by_language else self.unserved(name, language)
        if record is not None and (not by_language or record.language == language):
            # NLU has several names for some models, and one of them may be served.
            served = self._spark_names.get(record.spark_name, {}).get(record.language)
            if served is not None:
                return served
            raise UnservedReferenceError(record.explain(name))
        if not by_language:
            raise UnknownReferenceError(self._unknown_message(name))
        if len(by_language) == 1:
            # With one model there is nothing to choose; the language is then that of the text.
            return next(iter(by_language.values()))
        if language is None and DEFAULT_LANGUAGE in by_language:
            return by_language[DEFAULT_LANGUAGE]
        raise UnknownReferenceError(
            f"{name!r} is the Spark NLP name of models in several languages: "
            f"{', '.join(sorted(by_language))}. "
            f"Say which: nlu.load({name!r}, language={min(by_language)!r})"
        )

    @cached_property
    def _hub_models(self) -> dict[str, tuple[RegistryFile, str]]:
        """Hub id -> the model that lies there, by its file and its name in it."""
        models: dict[str, tuple[RegistryFile, str]] = {}
        for file in self.files:
            for name, model in file.models.items():
                for source in model.sources:
                    if isinstance(source, HubSource):
                        models.setdefault(source.hub, (file, name))
        return models

    def _find_hub_model(self, hub_id: str) -> Entry:
        """The entry of a hub id: that of the registry's model, where it has one from there.

        How texts are pooled is that of the one reference that does so, where there is exactly one;
        `nlu_lite.weights` follows the model's folder instead, if that says it. Of language and
        proof it has what all references on the model share.
        """
        if hub_id not in self._hub_models:
            return _hub_entry(hub_id)
        file, name = self._hub_models[hub_id]
        references = [
            record.reference
            for record in self._records.values()
            if record.reference.model == name and record.model_file is file
        ]
        of_texts = [
            reference for reference in references if TASK_KINDS[reference.task] is TEXT_VECTORS
        ]
        languages = {reference.language for reference in references}
        proofs = {reference.verified for reference in references}
        return Entry(
            request=hub_id,
            reference=None,
            task=None,
            language=languages.pop() if len(languages) == 1 else None,
            model_name=name,
            sources=_resolve_folders(file.models[name], file),
            verified=proofs.pop() if len(proofs) == 1 else "unverified",
            pooling=of_texts[0].pooling if len(of_texts) == 1 else None,
            normalize=of_texts[0].normalize if len(of_texts) == 1 else None,
            origin=file.origin,
            **file.models[name].model_dump(exclude={"sources"}),
        )

    def unserved(self, name: str, language: str | None = None) -> UnservedName | None:
        """What is known about a name of NLU that is not served; None for one that NLU lacks.

        Args:
            name: As typed.
            language: For a Spark NLP name that several languages share; English if not given.
        """
        record = unserved_name(name, language)
        if record is None or record.nearest or record.is_needless:
            return record
        nearest = record.served_substitute or nearest_of_task(
            record, map(self.entry, self.references)
        )
        return dataclasses.replace(record, nearest=nearest)

    def entry(self, reference: str, *, request: str | None = None) -> Entry:
        """The entry of a reference.

        Args:
            reference: A name out of ``references``.
            request: What the user typed, if it was another name.
        """
        record = self._records[reference]
        facts = record.model.model_dump(exclude={"sources"})
        # What a reference says of its own overrides its model.
        facts |= record.reference.model_dump(exclude={"model"}, exclude_none=True)
        return Entry(
            request=request or reference,
            reference=reference,
            model_name=record.reference.model,
            sources=_resolve_folders(record.model, record.model_file),
            origin=record.file.origin,
            **facts,
        )

    def files_of(self, reference: str) -> tuple[RegistryFile, RegistryFile]:
        """The files that hold a reference and its model."""
        record = self._records[reference]
        return record.file, record.model_file

    def near(self, name: str, count: int = NEAREST_COUNT) -> list[str]:
        """The references and Spark NLP names that are near to a wrong one; often none is."""
        names = [*self.references, *self._spark_names]
        if is_about_translation(name):
            name = name.removeprefix(f"{MULTILINGUAL}.")
            names += translator_names()
        return near_names(name, names, count)

    def entries_for_search(self, text: str, task: str | None = None) -> list[Entry]:
        """The entries that a search looks through: translators only where it is about them.

        Args:
            text: What is searched for.
            task: The only task of interest.
        """
        entries = [self.entry(name) for name in self.references]
        if task == TRANSLATION.name or (task is None and is_about_translation(text)):
            entries += translator_entries()
        return entries

    def _unknown_message(self, name: str) -> str:
        near = ", ".join(map(repr, self.near(name)))
        nearest = f"Nearest: {near}. " if near else "NLU does not know it either. "
        # A whole text may stand where a name should.
        search = name[:LONGEST_NAME].replace(".", " ").replace("_", " ")
        return (
            f"{brief(name, LONGEST_NAME)} is not a known reference. {nearest}Search "
            f"with nlu.search({search!r}) or "
            f"`nlu-lite search {search}`; a model folder on this machine loads with "
            f"nlu.load(path=FOLDER)."
        )


def _hub_entry(name: str) -> Entry:
    """The entry of a hub id, of which nothing else is known."""
    return Entry(
        request=name,
        reference=None,
        task=None,
        language=None,
        model_name=name,
        sources=(HubSource(hub=name),),
        origin="hub",
    )


def _resolve_folders(model: Model, file: RegistryFile) -> tuple[Source, ...]:
    """The sources of a model, its folders as paths from the root."""
    return tuple(_resolve_folder(source, file) for source in model.sources)


def _resolve_folder(source: Source, file: RegistryFile) -> Source:
    """The source; a folder named in a registry file starts at that file."""
    if not isinstance(source, FolderSource):
        return source
    folder = file.path.parent / Path(source.path).expanduser()
    return source.model_copy(update={"path": str(folder)})
