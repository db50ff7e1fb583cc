"""How one component reads text and makes vectors: options resolved against its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.encoder.backends.library_backend import LibraryEncoder
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.translate import Translator
from nlu_lite.encoder.models.cache import LoadedModel
from nlu_lite.encoder.models.sentence_steps import scale_to_length_one
from nlu_lite.encoder.models.sentence_transformers import SentenceModules, read_modules
from nlu_lite.encoder.spark_pieces import LONGEST, SparkPieces
from nlu_lite.encoder.windows import Windows, cut_windows
from nlu_lite.errors import ModelError, OptionError
from nlu_lite.options import Options, quarter, without_vectors

if TYPE_CHECKING:
    from nlu_lite.registry import Entry


# Architectures that Spark NLP reads with its BertEmbeddings.
_SPARK_ARCHITECTURES = ("bert", "electra")
# The mean of a layer before the last, where the last was made for what the model was taught.
SECOND_TO_LAST = "second_to_last"


@dataclass(frozen=True)
class Plan:
    """How one component reads text and makes vectors, resolved against its model.

    Attributes:
        reference: As in the request.
        loaded: The model.
        options: As in the request, without those of vectors where the model gives labels.
        room: Pieces that fit a window, special ones not counted; None if nothing bounds it.
        overlap: Pieces that two windows share.
        layers: Layers from 0 to the model's number, in the order of the request.
        poolings: How the positions of a text become its vector (sentence references), several side
            by side; ``label`` where the first one holds the probabilities of its labels, ``whole``
            where every one holds the text's vector.
        dimensions: How many numbers of a vector are kept; None for all.
        normalized: Whether vectors get length one in the end.
        modules: What the folder says about sentences.
        prompt: Put in front of every text (sentence references).
        spark: How words become pieces where ``spark_input`` asks for Spark NLP's way; else the
            tokenizer's.
        entailment: For zero-shot: the number of the model's label that says that the second text
            follows from the first.
    """

    reference: str
    loaded: LoadedModel
    options: Options
    room: int | None
    overlap: int
    layers: tuple[int, ...]
    poolings: tuple[str, ...]
    dimensions: int | None
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
        if loaded.names is not None:
            options = without_vectors(options)
        is_of_sentences = _is_of_sentences(entry)
        folder_modules = read_modules(loaded.folder) if is_of_sentences else SentenceModules()
        if folder_modules.cuts_front and options.long == "cut":
            raise OptionError(
                f"long='cut' keeps the beginning of a text; {loaded.folder} says that its end is "
                f"kept (truncation_side). Leave long= out: all of the text is read in windows."
            )
        spark = _make_spark_pieces(loaded, entry) if options.spark_input else None
        longest = entry.max_length or folder_modules.max_length
        room = _resolve_room(loaded, options, [longest, LONGEST if spark else None])
        overlap = _resolve_overlap(options, room)
        pooling = (options.sentence_pooling or entry.pooling) if is_of_sentences else None
        layers = _resolve_layers(_name_layers(options, pooling), loaded.encoder)
        poolings, modules = _resolve_pooling(loaded, entry, options, folder_modules)
        modules, normalized = _resolve_normalized(entry, options, modules)
        plan = cls(
            reference=entry.request,
            loaded=loaded,
            options=options,
            room=room,
            overlap=overlap,
            layers=layers,
            poolings=poolings,
            dimensions=options.dimensions or modules.dimensions,
            normalized=normalized,
            modules=modules,
            prompt=_resolve_prompt(loaded, entry, options, modules),
            spark=spark,
            entailment=_find_entailment(loaded) if entry.task == "zero_shot" else None,
        )
        plan._check_widths()
        return plan

    def _check_widths(self) -> None:
        """Raise where the folder's modules or ``dimensions`` do not fit the vectors."""
        width = self._made_width
        dimensions = self.options.dimensions
        if dimensions is not None and dimensions > width:
            raise OptionError(f"dimensions is {dimensions}; the vectors have {width} numbers.")
        if self._prompt_pieces >= (self.room or np.inf) and not self.modules.includes_prompt:
            raise OptionError(
                f"The prompt {self.prompt!r:.100} has as many pieces as fit a window, {self.room}, "
                f"and {self.loaded.folder} leaves its pieces out: nothing is left for text."
            )

    def cut_windows(self, counts: Ints) -> Windows:
        """How texts are read: in windows, or only their beginning where ``long="cut"``.

        Args:
            counts: Shape (texts,): pieces of each text, special ones not counted.
        """
        room = self.room if self.room is not None else max(int(counts.max(initial=1)), 1)
        if self.options.long == "cut":
            counts = np.minimum(counts, room)
        return cut_windows(counts, room=room, overlap=min(self.overlap, room - 1))

    def finish(self, matrix: Floats) -> Floats:
        """What follows pooling: the folder's modules in order, ``dimensions``, and length one.

        Args:
            matrix: Shape (vectors, width); may be changed.

        Returns:
            Shape (vectors, final_width).
        """
        for step in self.modules.steps:
            matrix = step(matrix)
        matrix = matrix[:, : self.final_width]
        return scale_to_length_one(matrix) if self.normalized else matrix

    @property
    def pooling(self) -> str:
        """How the positions of a text become its vector, as a person reads it."""
        return "+".join(self.poolings)

    @cached_property
    def skipped(self) -> int:
        """Positions left out of the pooling: those of the prompt, and special ones before it."""
        return 0 if self.modules.includes_prompt else self._prompt_pieces

    @cached_property
    def prompted_encoder(self) -> Encoder:
        """The encoder for texts behind the prompt, where it runs the folder's modules itself."""
        encoder = self.loaded.encoder
        if isinstance(encoder, LibraryEncoder):
            return encoder.behind_prompt(self.skipped)
        return encoder

    @cached_property
    def _prompt_pieces(self) -> int:
        """Positions of the prompt as sentence-transformers counts them.

        Of the special pieces behind a prompt that is read alone it leaves out the last only.
        """
        if not self.prompt:
            return 0
        tokenizer = self.loaded.tokenizer
        behind = max(len(tokenizer.suffix) - 1, 0)
        return len(tokenizer([self.prompt]).ids) + len(tokenizer.prefix) + behind

    @property
    def names(self) -> tuple[str, ...]:
        """The labels of a classifier as the caller gets them, in the order of its probabilities."""
        labels = self.options.labels
        if self.entailment is not None and isinstance(labels, tuple):
            return labels
        new_names = labels if isinstance(labels, Mapping) else {}
        return tuple(new_names.get(name, name) for name in self.loaded.names or ())

    @property
    def final_width(self) -> int:
        """Width of a vector as the caller gets it."""
        return min(self.dimensions or self._made_width, self._made_width)

    @cached_property
    def _made_width(self) -> int:
        """Width of a vector behind the folder's modules."""
        vector = np.zeros((1, self.width * len(self.poolings)), dtype=np.float32)
        for step in self.modules.steps:
            vector = step(vector)
        return vector.shape[1]

    @property
    def width(self) -> int:
        """Width of a vector as the encoder returns it."""
        layers = len(self.layers) if self.options.layer_pooling == "concat" else 1
        return self.loaded.encoder.dimension * layers


def _is_of_sentences(entry: Entry) -> bool:
    return entry.task == "embed_sentence"


def _resolve_room(loaded: LoadedModel, options: Options, limits: list[int | None]) -> int | None:
    """Pieces of text that fit a window; None if nothing bounds it.

    Args:
        loaded: The model.
        options: Of the component.
        limits: Longest sequences, special pieces counted, that hold beside the model's own where
            ``max_length`` is not given.
    """
    most, longest = loaded.max_length, options.max_length
    if longest is None:
        longest = min(filter(None, (most, *limits)), default=None)
    elif most is not None and longest > most:
        raise OptionError(f"max_length is {longest}; this model takes at most {most} pieces.")
    if longest is None:
        return None
    room = longest - loaded.tokenizer.specials
    if room < 1:
        raise OptionError(
            f"max_length is {longest}; {loaded.tokenizer.specials} of these pieces are special, so "
            f"nothing is left for text."
        )
    return room


def _resolve_overlap(options: Options, room: int | None) -> int:
    """Pieces that two windows share."""
    if options.stride is None:
        return quarter(room or 0)
    if room is not None and options.stride >= room:
        raise OptionError(
            f"stride is {options.stride}; it must be below the {room} pieces of text that fit a "
            f"window."
        )
    return options.stride


def _name_layers(options: Options, pooling: str | None) -> Options:
    """The options, with the layer that the pooling reads."""
    if pooling != SECOND_TO_LAST:
        return options
    if options.layers != -1:
        raise OptionError(
            f"The sentence pooling {SECOND_TO_LAST!r} says which layer is read; leave layers= out, "
            f"or choose sentence_pooling='mean'."
        )
    return replace(options, layers=-2)


def _resolve_layers(options: Options, encoder: Encoder) -> tuple[int, ...]:
    """Layers from 0 to the last; negative numbers count from it."""
    count = encoder.layers
    outside = [layer for layer in options.layer_list if not -count - 1 <= layer <= count]
    if outside:
        raise OptionError(
            f"layers names {outside}; this model has layers 0 to {count}, or {-count - 1} to -1."
        )
    layers = tuple(layer % (count + 1) for layer in options.layer_list)
    hidden = [layer for layer in layers if layer not in encoder.served_layers]
    if hidden:
        raise OptionError(
            f"layers names {hidden}; this architecture gives a vector for every piece in layer "
            f"{count} only, the last."
        )
    return layers


def _resolve_pooling(
    loaded: LoadedModel, entry: Entry, options: Options, modules: SentenceModules
) -> tuple[tuple[str, ...], SentenceModules]:
    """The poolings, and the folder's modules that follow them."""
    if loaded.names is not None:
        return ("label",), modules
    stated = options.sentence_pooling or entry.pooling
    if modules.run_whole:
        if stated is not None:
            raise OptionError(
                f"The sentence pooling {stated!r} cannot be chosen: in {loaded.folder} other "
                f"modules than a pooling make the vector, and they are run as they are."
            )
        return ("whole",), modules
    if stated is None and not modules.makes_vector:
        raise ModelError(
            f"{loaded.folder} lists modules, of which none makes a sentence's vector (a Pooling, "
            f"for one). Choose how it is made with sentence_pooling=, for example 'mean'."
        )
    if stated == SECOND_TO_LAST:
        return ("mean",), modules
    poolings = (stated,) if stated else modules.poolings
    if poolings != ("pooler",):
        return poolings or ("mean",), modules
    if modules.holds_the_pooler:
        return ("cls",), modules
    if _is_of_sentences(entry) and loaded.pooler is None:
        raise ModelError(
            f"The sentence pooling of {entry.request!r} is 'pooler', and the weights in "
            f"{loaded.folder} hold none; another would be random numbers. Choose one with "
            "sentence_pooling=, for example 'mean'."
        )
    steps = tuple(step for step in modules.steps if step.kind == "Normalize")
    return poolings, replace(modules, steps=steps)


def _resolve_normalized(
    entry: Entry, options: Options, modules: SentenceModules
) -> tuple[SentenceModules, bool]:
    """The modules, and whether vectors get length one in the end.

    As options, else entry, else folder say. ``dimensions`` cuts before that: what the folder ends
    with is done behind it. A width that the folder itself asks for is cut off last, as
    sentence-transformers does.
    """
    stated = options.normalize
    if stated is None and _is_of_sentences(entry):
        stated = entry.normalize
    if not modules.ends_normalized:
        return modules, bool(stated)
    keeps_order = modules.dimensions is not None and options.dimensions is None
    if stated is None and keeps_order:
        return modules, False
    return replace(modules, steps=modules.steps[:-1]), stated is not False


def _resolve_prompt(
    loaded: LoadedModel, entry: Entry, options: Options, modules: SentenceModules
) -> str:
    """The text to put in front: a prompt that entry or folder names, else ``prompt`` as it is.

    Where none is asked for, it is the folder's default; of a reference, the entry says all. For a
    translator it is the code of a language.
    """
    if isinstance(loaded.encoder, Translator):
        return loaded.encoder.find_code(options.prompt)
    if options.prompt is None:
        follows_entry = entry.reference is not None and entry.origin != "path"
        return "" if follows_entry else modules.default_prompt
    if not _is_of_sentences(entry):
        raise OptionError(
            f"prompt= is for sentence references; {entry.request!r} gives word vectors."
        )
    prompts = {**modules.prompts, **(entry.prompts or {})}
    return prompts.get(options.prompt, options.prompt)


def _find_entailment(loaded: LoadedModel) -> int:
    """The label that transformers' zero-shot pipeline takes, but never a guess.

    Source: ``zero_shot_classification.py``, 5.23.
    """
    names = loaded.names or ()
    for number, name in enumerate(names):
        if name.lower().startswith("entail"):
            return number
    raise ModelError(
        f"Zero-shot needs a model that was trained to tell whether a text implies another; the "
        f"labels of {loaded.folder} are {list(names)[:10]}, of which none begins with 'entail'."
    )


def _make_spark_pieces(loaded: LoadedModel, entry: Entry) -> SparkPieces:
    """Spark NLP's way to pieces, of models that its BertEmbeddings reads."""
    vocabulary = loaded.tokenizer.read_wordpiece_vocabulary()
    if _is_of_sentences(entry):
        reason = "gives vectors of sentences, not of words"
    elif loaded.architecture not in _SPARK_ARCHITECTURES:
        names = " or ".join(map(repr, _SPARK_ARCHITECTURES))
        reason = f"has the architecture {loaded.architecture!r}, not {names}"
    elif vocabulary is None:
        reason = "has no WordPiece vocabulary with [UNK] between [CLS] and [SEP]"
    else:
        return SparkPieces(vocabulary, cased=not loaded.tokenizer.lowercases)
    raise ModelError(
        f"spark_input=True is what Spark NLP gives its BertEmbeddings, and {entry.request!r} "
        f"{reason}. Load it without spark_input, or apart from the references that take it."
    )
