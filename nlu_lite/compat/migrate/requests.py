"""What a request of NLU means here: which of its references are served, and why each other one is not.

Sources: the registry for embeddings; for NLU's other tasks its families of names (spellbook of NLU
5.4.1), and the hub models behind some of them, as Spark NLP's model cards name them
(``other_tasks.csv``).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from nlu_lite import registry
from nlu_lite.errors import OptionError, UnknownReferenceError, UnservedReferenceError
from nlu_lite.registry import (
    EMBED_TASKS,
    TRAINABLE_CLASSIFIERS,
    Entry,
    common_language,
    split_trainable,
    trainable_entry,
)

_SPLIT = "spaCy or Stanza for this, and its words to `predict` as lists, one list a text: then the rows are the same"
_HUB = "a model of the hub for this by transformers itself"
_TRAIN = "nlu_lite.load('en.embed.minilm_l6 train.pos').fit(df) from lists of words and lists of labels, or train.classifier"
_NONE = "nothing in this package"
# Part of a reference -> what it does, and the nearest thing that does it. The first part that is
# listed counts.
ACTIONS: dict[str, tuple[str, str]] = {
    "train": ("trains a model", _TRAIN),
    "translate_to": ("translates", _HUB),
    "marian": ("translates", _HUB),
    "m2m100_418M": ("translates", _HUB),
    "zero_shot_classifier": ("classifies by given labels", _HUB),
    "answer_question": ("answers questions", _HUB),
    "speech2text": ("reads speech", _HUB),
    "asr": ("reads speech", _HUB),
    "classify_image": ("classifies pictures", _HUB),
    "classify": ("classifies texts", _HUB),
    "ner": ("finds named entities", _HUB),
    "med_ner": ("finds clinical entities with a licensed model", _NONE),
    "pos": ("tags parts of speech", _SPLIT),
    "lemma": ("finds lemmas", _SPLIT),
    "stem": ("cuts words to their stems", "NLTK's PorterStemmer on the column `token`"),
    "norm": ("normalises words", "pandas' string methods on the column `token`"),
    "clean": ("cleans words", "pandas' string methods on the column `token`"),
    "norm_document": ("cleans documents", "pandas' string methods on the text before `predict`"),
    "stopwords": ("drops stop words", "a list of stop words and `isin` on the column `token`"),
    "explain": ("is a pipeline of several steps", _SPLIT),
    "explain_document": ("is a pipeline of several steps", _SPLIT),
    "sentiment": ("judges sentiment", _HUB),
    "emotion": ("names emotions", _HUB),
    "sarcasm": ("finds sarcasm", _HUB),
    "toxic": ("finds toxic texts", _HUB),
    "cyberbullying": ("finds cyberbullying", _HUB),
    "fakenews": ("finds fake news", _HUB),
    "spam": ("finds spam", _HUB),
    "e2e": ("classifies texts", _HUB),
    "questions": ("classifies questions", _HUB),
    "lang": ("finds the language", _HUB),
    "t5": ("makes text", _HUB),
    "seq2seq": ("makes text", _HUB),
    "gpt2": ("makes text", _HUB),
    "bart": ("makes text", _HUB),
    "generate": ("makes text", _HUB),
    "summarize": ("summarises", _HUB),
    "grammar_correctness": ("judges grammar", _HUB),
    "segment_words": (
        "cuts text without spaces into words",
        'words="unicode", or a segmenter as words= of nlu_lite.load',
    ),
    "dep": ("finds the dependency tree", _SPLIT),
    "dependency": ("finds the dependency tree", _SPLIT),
    "spell": ("corrects spelling", "a spelling corrector on the text before `predict`"),
    "match": (
        "matches patterns",
        'output_level="chunk" of nlu_lite.load(...).predict, with chunks= for the phrases or a '
        "function",
    ),
    "chunk": (
        "finds noun phrases",
        'output_level="chunk" of nlu_lite.load(...).predict, with chunks= for the phrases or a '
        "function",
    ),
    "ngram": (
        "makes n-grams",
        'output_level="chunk" of nlu_lite.load(...).predict, with chunks= for a function',
    ),
    "yake": (
        "finds keywords",
        'output_level="chunk" of nlu_lite.load(...).predict, with chunks= for the phrases',
    ),
    "openai": ("calls a paid service", "a served reference, such as 'en.embed_sentence.e5_small'"),
    "resolve": ("maps to clinical codes with a licensed model", _NONE),
    "resolve_chunk": ("maps to clinical codes with a licensed model", _NONE),
    "relation": ("finds relations with a licensed model", _NONE),
    "assert": ("judges assertions with a licensed model", _NONE),
    "de_identify": ("masks clinical texts with a licensed model", _NONE),
    "pdf2text": ("reads documents with licensed OCR", _NONE),
    "img2text": ("reads documents with licensed OCR", _NONE),
    "ppt2text": ("reads documents with licensed OCR", _NONE),
    "doc2text": ("reads documents with licensed OCR", _NONE),
    "pdf2table": ("reads documents with licensed OCR", _NONE),
    "ppt2table": ("reads documents with licensed OCR", _NONE),
    "doc2table": ("reads documents with licensed OCR", _NONE),
}
# What every result has without being asked for.
GIVEN = ("tokenize", "token", "detect_sentence", "sentence_detector")
# They say what a reference does wherever in it they stand.
_LAST_WORD = ("translate_to", "zero_shot_classifier")
# What NLU called the columns of a task beside the word in the reference.
_COLUMNS = {
    "ner": ("entities", "ner_tag", "ner"),
    "sentiment": ("sentiment", "sentiment_confidence"),
    "emotion": ("emotion", "emotion_confidence", "emotion_confidence_confidence"),
    "spell": ("spell", "checked"),
    "explain": ("pos", "lemma", "entities", "checked", "stem", "spell"),
    "norm": ("norm", "normalized"),
    "match": ("match", "entities"),
}
# Parts of a reference that do not tell its model.
_KINDS = frozenset(
    {
        *(
            "embed",
            "embed_sentence",
            "embed_chunk",
            "ner",
            "med_ner",
            "classify",
            "sentiment",
            "pos",
            "train",
            "dl",
            "match",
        ),
        *(
            "clean",
            "explain",
            "spell",
            "resolve",
            "resolve_chunk",
            "ner_converter",
            "ner_to_chunk_converter",
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One reference of a request: the entry that serves it, or why none does and what is nearest.

    ``task`` is that of an embedding which is not served, ``columns`` what the columns of the result
    that go with it are called, ``is_given`` where nothing is lost without.
    """

    name: str
    entry: Entry | None = None
    why: str = ""
    columns: tuple[str, ...] = ()
    is_given: bool = False
    task: str | None = None


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A request: its parts, and what is against loading the served ones together."""

    parts: tuple[Part, ...]
    fault: str = ""

    @property
    def served(self) -> tuple[Part, ...]:
        """The parts with an entry, in the request's order."""
        return tuple(part for part in self.parts if part.entry is not None)

    @property
    def lost(self) -> tuple[Part, ...]:
        """The parts that are missed in the result."""
        return tuple(part for part in self.parts if part.entry is None and not part.is_given)

    @property
    def names_change(self) -> bool:
        """Whether a served column would be called otherwise in a request without the embeddings that are not served."""
        all_of_it = [
            (part.entry.task if part.entry else part.task, part.name) for part in self.parts
        ]
        both = [(task, name) for task, name in all_of_it if task is not None]
        names = dict(zip((name for _, name in both), _column_names(both), strict=True))
        return [names[part.name] for part in self.served] != nlu_columns(
            tuple(p.entry for p in self.served if p.entry)
        )

    @property
    def request(self) -> str:
        """The request that can be served, or an empty text."""
        return " ".join(part.name for part in self.served)


@cache
def meaning(request: str) -> Meaning:
    """What a request of NLU means here.

    Args:
        request: As in NLU code: references separated by spaces.

    Example:
        >>> found = meaning("bert pos")
        >>> found.request, [part.name for part in found.lost]
        ('bert', ['pos'])
    """
    parts = tuple(part(name) for name in registry.current().split(request))
    if not parts:
        return Meaning(
            parts=(), fault="the request is empty; name a reference such as 'en.embed.minilm_l6'"
        )
    fault = ""
    try:
        common_language([found.entry for found in parts if found.entry is not None], None)
    except OptionError as error:
        fault = f"{error} Load one language at a time"
    if not fault and any(found.name in TRAINABLE_CLASSIFIERS for found in parts):
        fault = _training_fault(parts)
    return Meaning(parts=parts, fault=fault)


def _training_fault(parts: tuple[Part, ...]) -> str:
    try:
        split_trainable([found.name for found in parts if found.entry is not None])
    except OptionError as error:
        return str(error).rstrip(".")
    return ""


def part(name: str) -> Part:
    """What one reference means here.

    Args:
        name: As typed, without a request's other names.
    """
    if name in TRAINABLE_CLASSIFIERS:
        return Part(name=name, entry=trainable_entry(name))
    try:
        return Part(name=name, entry=registry.current().find(name))
    except UnservedReferenceError as error:
        record = registry.unserved_name(name)
        if record is not None and not record.is_embedding:
            return replace(_of_other_task(name) or Part(name=name), why=str(error).rstrip("."))
        task = record.task if record else None
        return Part(name=name, why=str(error).rstrip("."), columns=_vector_columns(name), task=task)
    except UnknownReferenceError as error:
        return _of_other_task(name) or Part(
            name=name, why=str(error).rstrip("."), columns=_vector_columns(name)
        )


def _of_other_task(name: str) -> Part | None:
    pieces = name.split(".")
    if pieces[-1] in GIVEN and len(pieces) <= 2:
        return Part(
            name=name,
            is_given=True,
            why=f"{name!r} is not needed: words and sentences are always found",
        )
    action = next(
        (piece for piece in (*_LAST_WORD, *pieces) if piece in pieces and piece in ACTIONS), None
    )
    hub = hub_models().get(name) or hub_models().get(f"en.{name}")
    if action is None and hub is None:
        return None
    does, nearest = ACTIONS[action] if action else ("is not an embedding", _HUB)
    if hub:
        nearest = f"the model {hub[0]!r} of the hub ({hub[1]}) by transformers itself"
    word = action or pieces[-1]
    columns = dict.fromkeys((*_COLUMNS.get(word, (word,)), _first_part(name)))
    return Part(
        name=name,
        why=f"{name!r} {does}, and is not served. Nearest: {nearest}",
        columns=tuple(columns),
    )


@cache
def hub_models() -> dict[str, tuple[str, str]]:
    """Reference of another task -> hub id and the hub's word for the task."""
    text = resources.files(__package__).joinpath("other_tasks.csv").read_text(encoding="utf-8")
    return {
        row["reference"]: (row["hub_id"], row["task"]) for row in csv.DictReader(text.splitlines())
    }


def _first_part(name: str) -> str:
    return (_telling(name) or [name])[0]


def _telling(name: str) -> list[str]:
    """The parts of a reference without those that NLU leaves out of column names."""
    pieces = name.split(".")
    while len(pieces) > 1 and (pieces[0] in _KINDS or pieces[0] in _languages()):
        del pieces[0]
    return pieces


@cache
def _languages() -> frozenset[str]:
    names = (
        name.split(".") for name in (*registry.current().references, *registry.unserved_names())
    )
    return frozenset(pieces[0] for pieces in names if pieces[1:] and pieces[1].startswith("embed"))


def _vector_columns(name: str) -> tuple[str, ...]:
    ours = name.replace(".", "_")
    both = (f"{kind}_embedding_{_first_part(name)}" for kind in ("word", "sentence", "chunk"))
    return (f"{ours}_embeddings".replace("_embeddings_embeddings", "_embeddings"), *both)


def nlu_columns(entries: tuple[Entry, ...]) -> list[str]:
    """What NLU calls the vector columns since 3.0.1: one part of the reference, more where two would be called the same.

    Args:
        entries: The components of one request.

    Example:
        >>> nlu_columns(tuple(found.entry for found in meaning("bert en.embed.bert.small_L8_128").served))
        ['word_embedding_bert', 'word_embedding_bert_small_L8_128']
    """
    return _column_names([(entry.task, entry.request) for entry in entries])


def _column_names(components: Sequence[tuple[str | None, str]]) -> list[str]:
    """Of embeddings as NLU names them; of labels as ``nlu_lite.compat`` does."""
    vectors = [pair for pair in components if pair[0] in (None, *EMBED_TASKS)]
    named = dict(zip(vectors, _vector_names(vectors), strict=True))
    if len(vectors) == len(components):
        return [named[pair] for pair in components]
    # Here, since it imports pandas.
    from nlu_lite.compat.names import label_name

    return [named.get(pair) or label_name(pair[1]) for pair in components]


def _vector_names(components: Sequence[tuple[str | None, str]]) -> list[str]:
    kinds = ["sentence" if task == "embed_sentence" else "word" for task, _ in components]
    told = [_telling(name) for _, name in components]
    names = []
    for place, (kind, pieces) in enumerate(zip(kinds, told, strict=True)):
        others = [told[k] for k in range(len(told)) if k != place and kinds[k] == kind]
        length = next(
            (n for n in range(1, len(pieces) + 1) if all(o[:n] != pieces[:n] for o in others)),
            len(pieces),
        )
        names.append(f"{kind}_embedding_{'_'.join(pieces[:length])}")
    return names


def old_columns(entries: tuple[Entry, ...]) -> list[str]:
    """What NLU called them up to 3.0.0, and what ``nlu_lite.load`` does: the reference as typed.

    Args:
        entries: The components of one request.
    """
    return [
        entry.request.replace(".", "_")
        if entry.task not in EMBED_TASKS
        else f"{entry.request.replace('.', '_')}_embeddings".replace(
            "_embeddings_embeddings", "_embeddings"
        )
        for entry in entries
    ]
