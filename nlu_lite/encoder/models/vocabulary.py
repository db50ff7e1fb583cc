"""Tokenizer files -> a tokenizer: the complete file, or the vocabularies of older folders."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from nlu_lite.errors import MissingExtraError, ModelError, NluLiteError
from nlu_lite.weights import (
    COMPLETE_TOKENIZER,
    CONFIG_FILE,
    REPAIR_HINT,
    TOKENIZER_FILES,
    read_json,
)

if TYPE_CHECKING:
    from nlu_lite.registry import Entry


def read_plain_tokenizer(folder: Path, entry: Entry) -> Any:  # noqa: ANN401
    """A transformers tokenizer with the vocabulary and rules of a folder, read anew.

    Raises:
        ModelError: There are no usable files.
    """
    from transformers import PreTrainedTokenizerFast

    tokenizer = read_tokenizer(folder, entry)
    names = {
        role: next((name for name in names if tokenizer.token_to_id(name) is not None), None)
        for role, names in _SPECIAL_NAMES.items()
    }
    specials = {role: name for role, name in names.items() if name is not None}
    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=tokenizer, **specials)


# The largest that are published have 35 MB; what is larger is not read into memory.
MOST_BYTES = 500_000_000
# What vocabularies call their special pieces.
_SPECIAL_NAMES = {
    "unk_token": ("[UNK]", "<unk>"),
    "pad_token": ("[PAD]", "<pad>"),
    "cls_token": ("[CLS]", "<s>", "<cls>"),
    "sep_token": ("[SEP]", "</s>", "<sep>"),
    "mask_token": ("[MASK]", "<mask>"),
}


def read_tokenizer(folder: Path, entry: Entry) -> Tokenizer:
    """Read a folder's tokenizer: its complete file, or what folder and entry say about the others.

    Args:
        folder: The model's folder.
        entry: Says which kind of tokenizer it is, and whether it lower-cases, where the folder does
            not.

    Raises:
        ModelError: There are no usable files, or the tokenizer is of a kind that gives no offsets.
        MissingExtraError: The files need the optional packages of the extra ``sentencepiece``.
    """
    complete = folder / COMPLETE_TOKENIZER
    _refuse_huge(folder)
    _refuse_without_offsets(folder, entry)
    try:
        if complete.is_file():
            return Tokenizer.from_file(str(complete))
        if (folder / "vocab.txt").is_file() and entry.tokenizer in (None, "wordpiece"):
            return _wordpiece(folder, entry)
        if (folder / "merges.txt").is_file() and entry.tokenizer in (None, "bpe"):
            return _byte_level(folder)
        if (model := _sentencepiece_file(folder)) is not None and entry.tokenizer in (
            None,
            "sentencepiece",
        ):
            return _sentencepiece(folder, entry, model)
    except NluLiteError:
        raise
    except Exception as error:  # the tokenizers library raises bare Exception for a faulty file
        raise ModelError(
            f"The tokenizer files in {folder} cannot be read: {error!s:.500}. {REPAIR_HINT}"
        ) from error
    names = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_file()))
    raise ModelError(
        f"No tokenizer of kind {entry.tokenizer or 'unknown'} in {folder}: there must be a "
        f"tokenizer.json, or a vocab.txt "
        f"for kind 'wordpiece', or a vocab.json with a merges.txt for kind 'bpe', or a "
        f"{' or '.join(_SENTENCEPIECE_FILES)} for "
        f"kind 'sentencepiece'. Found: {names}."
    )


def _refuse_huge(folder: Path) -> None:
    for name in (name for kind in TOKENIZER_FILES for name in kind if (folder / name).is_file()):
        if (size := (folder / name).stat().st_size) > MOST_BYTES:
            raise ModelError(
                f"{folder / name} has {size:,} bytes; a tokenizer has {MOST_BYTES:,} at most. "
                f"{REPAIR_HINT}"
            )


def _wordpiece(folder: Path, entry: Entry) -> Tokenizer:
    from tokenizers import BertWordPieceTokenizer

    vocabulary = folder / "vocab.txt"
    settings = _flags(folder)
    wordpiece: Any = BertWordPieceTokenizer(
        str(vocabulary),
        lowercase=_lowercase(settings, entry, vocabulary),
        strip_accents=settings.get("strip_accents"),  # None: where it lower-cases
        handle_chinese_chars=settings.get("tokenize_chinese_chars", True),
    )
    return Tokenizer.from_str(wordpiece.to_str())


def _flags(folder: Path) -> dict[str, bool]:
    """What a folder says about its tokenizer with yes or no."""
    path = folder / "tokenizer_config.json"
    settings = read_json(path) if path.is_file() else {}
    return {name: value for name, value in settings.items() if isinstance(value, bool)}


def _byte_level(folder: Path) -> Tokenizer:
    from tokenizers import ByteLevelBPETokenizer
    from tokenizers.processors import RobertaProcessing

    bpe: Any = ByteLevelBPETokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), trim_offsets=True
    )
    begin, end = (
        next(name for name in names if bpe.token_to_id(name) is not None)
        for names in _SEQUENCE_ENDS
    )
    bpe.post_processor = RobertaProcessing(
        (end, bpe.token_to_id(end)),
        (begin, bpe.token_to_id(begin)),
        trim_offsets=True,
        add_prefix_space=False,
    )
    # As in the complete files: where they stand in a text they are one piece each.
    bpe.add_special_tokens([name for name in _SPECIALS if bpe.token_to_id(name) is not None])
    return Tokenizer.from_str(bpe.to_str())


# How byte-level vocabularies call the pieces around a sequence: as RoBERTa does, or as BERT does.
_SEQUENCE_ENDS = (("<s>", "[CLS]"), ("</s>", "[SEP]"))
_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


_SENTENCEPIECE_FILES = ("spiece.model", "sentencepiece.bpe.model", "spm.model")
# transformers' classes that know how each architecture numbers the pieces of such a file.
_SENTENCEPIECE_CLASSES = {
    "albert": "AlbertTokenizer",
    "camembert": "CamembertTokenizer",
    "deberta-v2": "DebertaV2Tokenizer",
    "t5": "T5Tokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
    "xlnet": "XLNetTokenizer",
}


def _sentencepiece_file(folder: Path) -> Path | None:
    return next((folder / name for name in _SENTENCEPIECE_FILES if (folder / name).is_file()), None)


def _sentencepiece(folder: Path, entry: Entry, model: Path) -> Tokenizer:
    import transformers

    architecture = entry.architecture or read_json(folder / CONFIG_FILE).get("model_type")
    if architecture not in _SENTENCEPIECE_CLASSES:
        raise ModelError(
            f"How a model of architecture {architecture!r} numbers the pieces of {model} is not "
            f"known; known are "
            f"{', '.join(_SENTENCEPIECE_CLASSES)}. A tokenizer.json in the folder says it."
        )
    for package in ("sentencepiece", "google.protobuf"):
        if not _is_installed(package):
            raise MissingExtraError(
                f"{model} is read with sentencepiece and protobuf: pip install "
                f"'nlu-lite[sentencepiece]'."
            )
    kind: Any = getattr(transformers, _SENTENCEPIECE_CLASSES[architecture])
    tokenizer: Tokenizer = kind.from_pretrained(
        str(folder), local_files_only=True
    ).backend_tokenizer
    return tokenizer


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # the parent package is missing
        return False


# Kinds that find words by programs of their own, with a vocab.txt that looks like WordPiece's; they
# tell no offsets.
_WITHOUT_OFFSETS = ("BertJapaneseTokenizer", "BertweetTokenizer", "PhobertTokenizer")


def _refuse_without_offsets(folder: Path, entry: Entry) -> None:
    if (folder / COMPLETE_TOKENIZER).is_file():
        return
    path = folder / "tokenizer_config.json"
    kind = read_json(path).get("tokenizer_class") if path.is_file() else None
    if entry.tokenizer == "bert_japanese" or (entry.tokenizer is None and kind in _WITHOUT_OFFSETS):
        raise ModelError(
            f"The tokenizer of {folder} is a {kind or 'BertJapaneseTokenizer'}, which does not "
            f"tell where in the text its "
            "pieces stand. Vectors could be given to words by counting only, and would be wrong "
            "without a word, so the model "
            "is not served. Multilingual models (xx.embed.bert, xx.embed.xlm_roberta_large) read "
            "its language."
        )


def _lowercase(settings: dict[str, bool], entry: Entry, vocabulary: Path) -> bool:
    """Whether the tokenizer lower-cases: as folder, else entry, else vocabulary says."""
    if "do_lower_case" in settings:
        return settings["do_lower_case"]
    if entry.lowercase is not None:
        return entry.lowercase
    entries = vocabulary.read_text(encoding="utf-8").splitlines()
    return not any(piece != piece.lower() for piece in entries if not piece.startswith("["))
