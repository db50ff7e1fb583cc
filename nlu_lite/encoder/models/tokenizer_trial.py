"""Whether a tokenizer is the model's: tried on hard texts, and its size compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlu_lite.errors import ModelError, brief

# A tokenizer that knows less than half of the ids that the model was trained with was not made for
# it.
FEWEST_ENTRIES = 0.5
# Entries that a tokenizer may have beyond the model's vocabulary: those that somebody added without
# teaching them, and the hundred of T5. More are another model's, whose other ids mean other pieces.
MOST_MORE_ENTRIES = 256
MOST_MORE_SHARE = 0.05
# Where readings of the same files come apart: letters with marks, composed or not, scripts without
# spaces, signs, white space of all kinds and at both ends, what looks like a special piece.
HARD_TEXTS = (
    "",
    " ",
    "The naïve café's Straße, ÄRGER in coöperation",
    "cafe\u0301 n\u0303 \ufb01 \u00bd \u2460 \uff21\uff22 \u0130\u0131",
    "北京に行った。 서울 ภาษาไทย नमस्ते שלום مرحبا Ελλάδας Москва",
    "“curly” ‘quotes’ «guillemets» — dash… 😀👍🏽 👨\u200d👩\u200d👧 €5,000.00 50% #tag @name a_b",
    "  two  spaces   three\n\nlines\r\n\tand tabs\u00a0\u3000\u200b end \n",
    "don't WE'LL It's I'm you're 1234567 3.14 http://a.b/c?d=e&f",
    "[CLS] a [MASK] b[SEP] <s>c</s> <mask> <unk> <pad> [UNK]x <|endoftext|>",
    "\u2581a \u2581 b\u2581",
    "ꙮ 𓀀 \u0000\u0001\ufffd\ufeff x",
)
# Added pieces that are tried beside them.
_MOST_ADDED = 50


def refuse_other_ids(folder: Path, encode: Callable[[str], list[int]], library: Any) -> None:  # noqa: ANN401
    """See that a tokenizer gives the ids of the tokenizer of transformers that it was taken from.

    Args:
        folder: The model's folder.
        encode: From a text to ids with the special ones.
        library: Of transformers; what it does around the rules for pieces, only it knows.

    Raises:
        ModelError: They differ for a text, or it takes more than a text.
    """
    added = list(map(str, library.get_added_vocab()))
    texts = [*HARD_TEXTS, *(f"a{name}b {name} c" for name in added[:_MOST_ADDED])]
    try:
        ids = library(texts)["input_ids"]
    except Exception as error:  # whatever a class asks for, such as boxes on a page
        raise ModelError(
            f"The tokenizer of {folder} is a {type(library).__name__}, which does not take a plain "
            f"text: {error!s:.300} A model of plain text is needed; take another."
        ) from error
    for text, expected in zip(texts, ids, strict=True):
        if encode(text) != list(expected):
            raise ModelError(
                f"The tokenizer of {folder} is a {type(library).__name__}, which turns "
                f"{brief(text)} into other pieces than its own rules say. What it does beside them "
                f"is not known here, so the model is not served. Save the rules as a "
                f"tokenizer.json in a folder without other files of the tokenizer."
            )


def refuse_other_size(
    folder: Path, size: int, special_ids: Sequence[int], vocabulary_size: int
) -> None:
    """See that a tokenizer and a model belong together.

    Args:
        folder: The model's folder.
        size: Entries of the tokenizer.
        special_ids: What it puts around every text.
        vocabulary_size: How many ids the model has vectors for.

    Raises:
        ModelError: They do not.
    """
    # A special piece has a number of its own in the file, which need not be in the vocabulary.
    around = max(special_ids, default=-1) + 1
    size = max(size, around)
    most = vocabulary_size + max(MOST_MORE_ENTRIES, int(MOST_MORE_SHARE * vocabulary_size))
    if FEWEST_ENTRIES * vocabulary_size <= size <= most and around <= vocabulary_size:
        return
    raise ModelError(
        f"The tokenizer in {folder} has {size} entries, the model's vocabulary "
        f"{vocabulary_size}: they do not belong together, and vectors would be wrong without a "
        "word. Compare the folder's tokenizer files with its config.json."
    )
