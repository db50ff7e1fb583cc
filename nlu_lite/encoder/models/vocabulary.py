"""A model's folder -> its tokenizer: a file that says all by itself, or transformers' reading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from nlu_lite.encoder.models.complete_tokenizer import stands_for_itself
from nlu_lite.encoder.models.library_tokenizer import (
    make_auto_tokenizer,
    make_described_tokenizer,
    refuse_without_offsets,
)
from nlu_lite.encoder.models.tokenizer_files import (
    TokenizerFolder,
    check_sentencepiece,
    read_tokenizer_folder,
)
from nlu_lite.errors import ModelError, NluLiteError
from nlu_lite.weights import COMPLETE_TOKENIZER, REPAIR_HINT

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

# What vocabularies call their special pieces.
_SPECIAL_NAMES = {
    "unk_token": ("[UNK]", "<unk>"),
    "pad_token": ("[PAD]", "<pad>"),
    "cls_token": ("[CLS]", "<s>", "<cls>"),
    "sep_token": ("[SEP]", "</s>", "<sep>"),
    "mask_token": ("[MASK]", "<mask>"),
}


@dataclass(frozen=True)
class ReadTokenizer:
    """A tokenizer as it was read.

    Attributes:
        backend: Text to pieces.
        library: The object of transformers that it belongs to; None where the folder's
            ``tokenizer.json`` was enough.
    """

    backend: Tokenizer
    library: Any = None

    def find_special(self, role: str) -> int | None:
        """The id of a special piece; None if there is none.

        Args:
            role: ``unk_token`` or another word of transformers for it.
        """
        if self.library is not None:
            name = getattr(self.library, role)
            return None if name is None else self.backend.token_to_id(str(name))
        if role == "unk_token":
            # Unigram does not say it.
            name = getattr(self.backend.model, "unk_token", None)
            if name is not None:
                return self.backend.token_to_id(name)
        ids = map(self.backend.token_to_id, _SPECIAL_NAMES[role])
        return next((number for number in ids if number is not None), None)


def read_plain_tokenizer(folder: Path, entry: Entry) -> Any:  # noqa: ANN401
    """A transformers tokenizer with the vocabulary and rules of a folder, read anew.

    Raises:
        ModelError: There are no usable files.
    """
    from transformers import PreTrainedTokenizerFast

    tokenizer = read_tokenizer_objects(folder, entry)
    if tokenizer.library is not None:
        return tokenizer.library
    names = {
        role: next(
            (name for name in names if tokenizer.backend.token_to_id(name) is not None), None
        )
        for role, names in _SPECIAL_NAMES.items()
    }
    specials = {role: name for role, name in names.items() if name is not None}
    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=tokenizer.backend, **specials)


def read_tokenizer(folder: Path, entry: Entry) -> Tokenizer:
    """The tokenizer of a folder, as the tokenizers library has it.

    Args:
        folder: As for ``read_tokenizer_objects``.
        entry: As there.

    Raises:
        ModelError: As there.
        MissingExtraError: As there.
    """
    return read_tokenizer_objects(folder, entry).backend


def read_tokenizer_objects(folder: Path, entry: Entry) -> ReadTokenizer:
    """Read a folder's tokenizer.

    A ``tokenizer.json`` that says all by itself is read as it stands. Everything else is
    transformers' business: its ``AutoTokenizer`` decides, or, for a folder of 2020 that says too
    little for it, the class that the entry describes.

    Args:
        folder: The model's folder.
        entry: Says which kind of tokenizer it is, and whether it lower-cases, where the folder does
            not.

    Raises:
        ModelError: There are no usable files, or the tokenizer is of a kind that gives no offsets.
        MissingExtraError: The files need the optional packages of the extra ``sentencepiece``.
    """
    files = read_tokenizer_folder(folder)
    refuse_without_offsets(files, entry)
    try:
        if files.is_complete:
            backend = Tokenizer.from_file(str(folder / COMPLETE_TOKENIZER))
            if stands_for_itself(files, backend):
                return ReadTokenizer(backend)
        check_sentencepiece(files)
        library = _make_library_tokenizer(files, entry)
        return ReadTokenizer(library.backend_tokenizer, library)
    except NluLiteError:
        raise
    except Exception as error:  # whatever transformers and tokenizers raise for a faulty file
        raise ModelError(
            f"The tokenizer files in {folder} cannot be read: {error!s:.500}. {REPAIR_HINT}"
        ) from error


def _make_library_tokenizer(files: TokenizerFolder, entry: Entry) -> Any:  # noqa: ANN401
    if not files.is_complete and files.class_name is None:
        is_described = entry.tokenizer is not None or files.model_type is None
        if is_described:
            return make_described_tokenizer(files, entry)
    return make_auto_tokenizer(files, entry)
