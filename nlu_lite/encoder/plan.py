"""How one component reads text and makes vectors: options resolved against its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.encoder.models.cache import LoadedModel
from nlu_lite.encoder.models.sentence_transformers import SentenceModules, read_modules
from nlu_lite.encoder.spark_pieces import LONGEST, SparkPieces
from nlu_lite.encoder.windows import Windows, windows
from nlu_lite.errors import ModelError, OptionError
from nlu_lite.options import Options, quarter, without_vectors

if TYPE_CHECKING:
    from nlu_lite.registry import Entry


# Architectures that Spark NLP reads with its BertEmbeddings.
_BERT = ("bert", "electra")


@dataclass(frozen=True)
class Plan:
    """How one component reads text and makes vectors, resolved against its model.

    Attributes:
        reference: As asked for.
        loaded: The model.
        options: As asked for.
        room: Pieces that fit a window, special ones not counted; None if nothing bounds it.
        overlap: Pieces that two windows share.
        layers: Layers from 0 to the model's number, in the order asked for.
        pooling: How the positions of a text become its vector (sentence references); ``label``
            where the first one holds the probabilities of its labels.
        normalized: Whether vectors get length one.
        modules: What the folder says about sentences.
        prompt: Put in front of every text (sentence references).
        entailment: For zero-shot: the number of the model's label that says that the second text
            follows from the first.
        spark: How words become pieces where ``spark_input`` asks for Spark NLP's way; else the
            tokenizer's.
    """

    reference: str
    loaded: LoadedModel
    options: Options
    room: int | None
    overlap: int
    layers: tuple[int, ...]
    pooling: str
    normalized: bool
    modules: SentenceModules
    prompt: str
    spark: SparkPieces | None
    entailment: int | None = None

    @classmethod
    def make(cls, loaded: LoadedModel, entry: Entry, options: Options) -> Plan:
        """Resolve options against a model and its entry.

        Raises:
            OptionError: A length, layer or width that the model does not have.
            ModelError: The entry asks for a pooling that is not served, or the model is none for
                ``spark_input``.
        """
        sentences = entry.task == "embed_sentence"
        if loaded.names is not None:
            options = without_vectors(options)
        modules = read_modules(loaded.folder) if sentences else SentenceModules()
        spark = _spark_pieces(loaded, entry) if options.spark_input else None
        said = entry.max_length if entry.max_length is not None else modules.max_length
        room, shared = _room_and_overlap(loaded, options, said, LONGEST if spark else None)
        count = loaded.encoder.layers
        if outside := [layer for layer in options.layer_list if not -count - 1 <= layer <= count]:
            raise OptionError(
                f"layers names {outside}; this model has layers 0 to {count}, or {-count - 1} to "
                f"-1."
            )
        layers = tuple(layer if layer >= 0 else layer + count + 1 for layer in options.layer_list)
        pooling = options.sentence_pooling or entry.pooling or modules.pooling or "mean"
        pooling = "label" if loaded.names is not None else pooling
        if pooling == "pooler" and modules.holds_the_pooler:
            pooling = "cls"
        elif pooling == "pooler":
            modules = replace(modules, dense=())
            if sentences and loaded.pooler is None:
                raise ModelError(
                    f"The sentence pooling of {entry.request!r} is 'pooler', and the weights in "
                    f"{loaded.folder} hold none; "
                    "another would be random numbers. Choose one with sentence_pooling=, for "
                    "example 'mean'."
                )
        given = (options.normalize, entry.normalize if sentences else None)
        normalized = next((value for value in given if value is not None), modules.normalize)
        prompt, entailment = (
            _prompt(entry, options, modules),
            _entailment(loaded) if entry.task == "zero_shot" else None,
        )
        ends = (modules, prompt, spark, entailment)
        plan = cls(entry.request, loaded, options, room, shared, layers, pooling, normalized, *ends)
        plan._check_dense()
        if options.dimensions is not None and options.dimensions > plan.final_width:
            raise OptionError(
                f"dimensions is {options.dimensions}; the vectors have {plan.final_width} numbers."
            )
        return plan

    def _check_dense(self) -> None:
        """Raise ModelError where a linear layer of the folder does not take what comes before it."""
        width = self.width
        for layer in self.modules.dense:
            if layer.weight.shape[1] != width:
                raise ModelError(
                    f"{self.loaded.folder} has a linear layer that takes {layer.weight.shape[1]} "
                    f"numbers, and what comes "
                    f"before it gives {width}."
                )
            width = layer.weight.shape[0]

    def windows(self, counts: Ints) -> Windows:
        """How texts are read: in windows, or only their beginning where ``long="cut"``.

        Args:
            counts: Shape (texts,): pieces of each text, special ones not counted.
        """
        room = self.room if self.room is not None else max(int(counts.max(initial=1)), 1)
        counts = np.minimum(counts, room) if self.options.long == "cut" else counts
        return windows(counts, room=room, overlap=min(self.overlap, room - 1))

    def finish(self, matrix: Floats) -> Floats:
        """What comes after pooling: the folder's linear layers, the first ``dimensions`` numbers, and length one if asked for.

        Args:
            matrix: Shape (vectors, width); may be changed.

        Returns:
            Shape (vectors, final_width).
        """
        for layer in self.modules.dense:
            matrix = layer(matrix)
        matrix = matrix[:, : self.final_width]
        if self.normalized:
            lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
            # A vector of zeros has no direction; it stays as it is, as in
            # torch.nn.functional.normalize.
            matrix = matrix / np.maximum(lengths, 1e-12)[:, None].astype(np.float32)
        return matrix

    @property
    def names(self) -> tuple[str, ...]:
        """The labels of a classifier as the caller gets them, in the order of its probabilities."""
        given = self.options.labels
        if self.entailment is not None and isinstance(given, tuple):
            return given
        renamed = given if isinstance(given, Mapping) else {}
        return tuple(renamed.get(name, name) for name in self.loaded.names or ())

    @property
    def final_width(self) -> int:
        """Width of a vector as the caller gets it."""
        width = self.modules.dense[-1].weight.shape[0] if self.modules.dense else self.width
        return min(self.options.dimensions or width, width)

    @property
    def width(self) -> int:
        """Width of a vector as the encoder returns it."""
        return self.loaded.encoder.dimension * (
            len(self.layers) if self.options.layer_pooling == "concat" else 1
        )


def _entailment(loaded: LoadedModel) -> int:
    """The label that transformers' zero-shot pipeline takes (``zero_shot_classification.py``, 5.23), but never a guess."""
    names = loaded.names or ()
    found = next(
        (number for number, name in enumerate(names) if name.lower().startswith("entail")), None
    )
    if found is None:
        raise ModelError(
            f"Zero-shot needs a model that was trained to tell whether a text implies another; the "
            f"labels of {loaded.folder} "
            f"are {list(names)[:10]}, of which none begins with 'entail'."
        )
    return found


def _prompt(entry: Entry, options: Options, modules: SentenceModules) -> str:
    """The text to put in front: a prompt that the entry or the folder names, else the words as given."""
    if options.prompt is None:
        return ""
    if entry.task != "embed_sentence":
        raise OptionError(
            f"prompt= is for sentence references; {entry.request!r} gives word vectors."
        )
    return {**modules.prompts, **(entry.prompts or {})}.get(options.prompt, options.prompt)


def _room_and_overlap(
    loaded: LoadedModel, options: Options, *given: int | None
) -> tuple[int | None, int]:
    """Pieces of text that fit a window, and that two windows share.

    Args:
        reference: As asked for.
        loaded: The model.
        options: As asked for.
        given: Longest sequences, where ``max_length`` is not asked for, beside the model's own.
    """
    longest = min((n for n in (loaded.max_length, *given) if n is not None), default=None)
    if options.max_length is not None:
        most = loaded.max_length
        if most is not None and options.max_length > most:
            raise OptionError(
                f"max_length is {options.max_length}; this model takes at most {most} pieces."
            )
        longest = options.max_length
    room = None if longest is None else longest - loaded.tokenizer.specials
    if room is not None and room < 1:
        raise OptionError(
            f"max_length is {longest}; {loaded.tokenizer.specials} of these pieces are special, so "
            f"nothing is left for text."
        )
    shared = options.stride if options.stride is not None else quarter(room or 0)
    if room is not None and shared >= room:
        raise OptionError(
            f"stride is {shared}; it must be below the {room} pieces of text that fit a window."
        )
    return room, shared


def _spark_pieces(loaded: LoadedModel, entry: Entry) -> SparkPieces:
    """Spark NLP's way to pieces, of models that its BertEmbeddings reads."""
    if entry.task == "embed_sentence":
        reason = "gives vectors of sentences, not of words"
    elif loaded.architecture not in _BERT:
        reason = (
            f"has the architecture {loaded.architecture!r}, not {' or '.join(map(repr, _BERT))}"
        )
    elif (vocabulary := loaded.tokenizer.wordpieces()) is None:
        reason = "has no WordPiece vocabulary with [UNK] between [CLS] and [SEP]"
    else:
        return SparkPieces(vocabulary, cased=not loaded.tokenizer.lowercases)
    raise ModelError(
        f"spark_input=True is what Spark NLP gives its BertEmbeddings, and {entry.request!r} "
        f"{reason}. Load it without "
        "spark_input, or apart from the references that take it."
    )
