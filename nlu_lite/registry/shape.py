"""How large and how fast a model is by its shape, for models that nobody has looked at."""

from __future__ import annotations

import re

from nlu_lite.registry.entry import Entry
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, MULTILINGUAL

# Layers and dimension of MiniLM, with whose speed the others are compared.
MINILM_SHAPE = (6, 384)
_BYTES_OF_NUMBER = 4
# Square matrices of a layer, each dimension x dimension: 4 of attention, 8 of the two linear layers
# behind it, which are four times as wide. Longformer has 3 more, XLNet 1.
_MATRICES = 12
_MORE_MATRICES = {"longformer": 3, "xlnet": 1}
# Biases and norms of a layer, each as long as the dimension.
_VECTORS = 13
# Pieces of the usual vocabulary of each architecture; of its models for many languages below.
_PIECES = {
    "albert": 30_000,
    "camembert": 32_005,
    "deberta-v2": 128_100,
    "longformer": 50_265,
    "mpnet": 30_527,
    "roberta": 50_265,
    "xlm-roberta": 250_002,
    "xlnet": 32_000,
}
_PIECES_OF_MANY_LANGUAGES = {"deberta-v2": 251_000, "mpnet": 250_002}
_WORDPIECE_ARCHITECTURES = ("bert", "distilbert", "electra")
_WORDPIECE_PIECES = 31_000
_WORDPIECE_PIECES_OF = {
    (DEFAULT_LANGUAGE, True): 30_522,
    (DEFAULT_LANGUAGE, False): 28_996,
    (MULTILINGUAL, True): 105_879,
    (MULTILINGUAL, False): 119_547,
}
# ALBERT's layers share their weights, and its vectors of pieces are narrower than its layers.
_SHARES_LAYERS = "albert"
_ALBERT_PIECE_WIDTH = 128
# So are those of the small ELECTRA; those of a generator are as wide as its discriminator.
_ELECTRA_PIECE_WIDTHS = {"small": 128, "base": 768, "large": 1024}


def compute_size_mb(entry: Entry) -> float | None:
    """The size of a model's weights by its shape, in units of 10**6 bytes; None where that is open.

    Layers and dimension are the entry's; the vocabulary is the usual one of the architecture, and
    numbers are float32.

    Example:
        >>> from nlu_lite import registry
        >>> round(compute_size_mb(registry.current().find("en.embed.bert.small_L2_128")), 1)
        17.5
    """
    layers, width, pieces = entry.layers, entry.dimension, _count_pieces(entry)
    piece_width = _find_piece_width(entry)
    if layers is None or width is None or pieces is None or piece_width is None:
        return None
    matrices = _MATRICES + _MORE_MATRICES.get(str(entry.architecture), 0)
    layer = matrices * width * width + _VECTORS * width
    stored_layers = 1 if entry.architecture == _SHARES_LAYERS else layers
    pooler = width * width
    projection = 0 if piece_width == width else piece_width * width
    positions = (entry.max_length or 0) * piece_width
    numbers = stored_layers * layer + pieces * piece_width + projection + positions + pooler
    return numbers * _BYTES_OF_NUMBER / 1e6


def compute_speed(entry: Entry) -> float | None:
    """How fast a model reads a text beside MiniLM by its shape; None where that is unknown.

    A layer multiplies each piece with matrices that grow with the square of the dimension, so the
    work of a piece is layers x dimension x dimension. Left out are what is done once a text or a
    batch, and how many pieces the vocabulary makes of a text.

    Example:
        >>> from nlu_lite import registry
        >>> compute_speed(registry.current().find("en.embed.minilm_l6"))
        1.0
    """
    if entry.layers is None or entry.dimension is None:
        return None
    layers, width = MINILM_SHAPE
    return layers * width * width / (entry.layers * entry.dimension * entry.dimension)


def _count_pieces(entry: Entry) -> int | None:
    """Pieces of the usual vocabulary; None for an architecture that has none."""
    # Some were made for one language out of a model for many, and keep its vocabulary.
    is_multilingual = "multilingual" in entry.model_name.lower()
    language = MULTILINGUAL if is_multilingual else entry.language
    if entry.architecture in _WORDPIECE_ARCHITECTURES:
        key = (str(language), bool(entry.lowercase))
        return _WORDPIECE_PIECES_OF.get(key, _WORDPIECE_PIECES)
    architecture = str(entry.architecture)
    if language == MULTILINGUAL and architecture in _PIECES_OF_MANY_LANGUAGES:
        return _PIECES_OF_MANY_LANGUAGES[architecture]
    return _PIECES.get(architecture)


def _find_piece_width(entry: Entry) -> int | None:
    """Width of the vectors of pieces before the first layer; None where the names do not tell."""
    if entry.architecture == _SHARES_LAYERS:
        return _ALBERT_PIECE_WIDTH
    if entry.architecture != "electra" or entry.dimension not in (None, 256):
        return entry.dimension
    words = re.split(r"[^a-z0-9]+", entry.model_name.lower())
    widths = (width for name, width in _ELECTRA_PIECE_WIDTHS.items() if name in words)
    return next(widths, None)
