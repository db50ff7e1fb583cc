"""Pieces -> texts of another language: Marian's tokenizer, and transformers' own ``generate``."""

from __future__ import annotations

import copy
import importlib.util
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Never

import numpy as np
import torch

from nlu_lite.common import Ints, ranges
from nlu_lite.encoder.backends.out_of_memory import run_in_halves
from nlu_lite.encoder.backends.sequences import Sequences, choose_budget, make_padded_batches
from nlu_lite.encoder.backends.transfers import to_device
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.encoder.models.pieces import Pieces, PieceTokenizer
from nlu_lite.errors import MissingExtraError, ModelError, NotFiniteError, OptionError, brief
from nlu_lite.weights import REPAIR_HINT, refuse_pointer

# Argument of transformers' class -> the file that it reads.
FILES = {"source_spm": "source.spm", "target_spm": "target.spm", "vocab": "vocab.json"}
_TARGET_VOCABULARY = "target_vocab.json"
MOST_LISTED_CODES = 20


class TranslationTokenizer(PieceTokenizer):
    """Marian's pieces of the source language, which tell no offsets.

    Args:
        library: transformers' ``MarianTokenizer``, shared and not changed.

    Attributes:
        codes: What may stand in front of a text to choose the language that is written, such as
            ``>>fra<<``.
    """

    def __init__(self, library: Any) -> None:  # noqa: ANN401 - transformers.MarianTokenizer
        self.library = library
        self.prefix = ()
        self.suffix = (int(library.eos_token_id),)
        self.pad_id = int(library.pad_token_id)
        self.unknown_id = int(library.unk_token_id)
        self.codes: tuple[str, ...] = tuple(library.supported_language_codes)

    @property
    def size(self) -> int:
        """One more than the largest id in the vocabulary."""
        return int(max(self.library.get_vocab().values())) + 1

    @property
    def lowercases(self) -> bool:
        """Never by a rule of its own."""
        return False

    def __call__(self, texts: Sequence[str]) -> Pieces:
        """Cut texts into pieces; ``begin`` and ``end`` are -1, since they are not known."""
        ids = [np.array(self._read_ids(text), dtype=np.int64) for text in texts]
        joined = np.concatenate([np.zeros(0, dtype=np.int64), *ids])
        nowhere = np.full_like(joined, -1)
        starts = np.concatenate([[0], np.cumsum([len(part) for part in ids], dtype=np.int64)])
        return Pieces(ids=joined, begin=nowhere, end=nowhere, starts=starts)

    def _read_ids(self, text: str) -> list[int]:
        # Without transformers' remark on long texts, which are cut into parts later.
        encoding = self.library(text, add_special_tokens=False, verbose=False)
        ids: list[int] = encoding["input_ids"]
        return ids

    def split_words(self, _text: str) -> Never:
        """Refused.

        Raises:
            OptionError: Always.
        """
        raise OptionError(
            "words='model' needs a tokenizer that tells where in the text its pieces stand; that "
            "of a translator does not. Leave words= out."
        )

    def equals(self, tokenizer: PieceTokenizer) -> bool:
        """Whether it is the same object."""
        return self is tokenizer


def read_translation_tokenizer(
    folder: Path, vocabulary_size: int | None = None
) -> TranslationTokenizer:
    """Read the tokenizer of a Marian model, from files of its folder and no others.

    Args:
        folder: The model's.
        vocabulary_size: How many pieces the model has vectors for; None leaves that unchecked.

    Raises:
        MissingExtraError: sentencepiece is not installed.
        ModelError: Files are missing, cannot be read, or are those of another model.
    """
    if importlib.util.find_spec("sentencepiece") is None:
        raise MissingExtraError(
            f"{folder / 'source.spm'} is read with sentencepiece: pip install "
            f"'nlu-lite[sentencepiece]'."
        )
    missing = [name for name in FILES.values() if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder} has no {' and no '.join(missing)}; a translator of the Marian family is "
            f"read from {', '.join(FILES.values())}, and others are not served. {REPAIR_HINT}"
        )
    # Named one by one: settings of the folder could name files outside of it.
    paths: dict[str, Any] = {role: str(folder / name) for role, name in FILES.items()}
    target = folder / _TARGET_VOCABULARY
    paths["target_vocab_file"] = str(target) if target.is_file() else None
    for path in filter(None, paths.values()):
        refuse_pointer(Path(path))
    library = _make_library_tokenizer(folder, paths)
    tokenizer = TranslationTokenizer(library)
    if vocabulary_size is not None and tokenizer.size > vocabulary_size:
        raise ModelError(
            f"The vocabulary in {folder} has {tokenizer.size} pieces, the model vectors for "
            f"{vocabulary_size}: they are not of one model. {REPAIR_HINT}"
        )
    return tokenizer


def _make_library_tokenizer(folder: Path, paths: dict[str, Any]) -> Any:  # noqa: ANN401
    from transformers import MarianTokenizer

    make: Any = MarianTokenizer.from_pretrained
    try:
        with quiet_transformers(), warnings.catch_warnings():
            # sacremoses, which transformers recommends there, is asked for and never used.
            warnings.simplefilter("ignore")
            return make(
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                sp_model_kwargs={},
                **paths,
            )
    except Exception as error:  # whatever transformers and sentencepiece raise for faulty files
        raise ModelError(
            f"The tokenizer files in {folder} cannot be read: {error!s:.500}. {REPAIR_HINT}"
        ) from error


class Translator:
    """A model that writes texts; it has no vectors, and one layer 0 in place of them.

    Args:
        model: transformers' ``MarianMTModel`` in evaluation mode.
        tokenizer: Its own.
        device: Where it lies.
        longest: Positions that it has; None if nothing bounds it.

    Raises:
        NotFiniteError: Its weights hold NaN or infinity, of which texts show nothing.
    """

    dimension = 0
    layers = 0
    served_layers = (0,)

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
        *,
        tokenizer: TranslationTokenizer,
        device: torch.device,
        longest: int | None,
    ) -> None:
        _refuse_not_finite(model)
        self.model = model
        self.tokenizer = tokenizer
        self._device = device
        self._settings = _choose_settings(model, longest)
        beams = int(self._settings.num_beams or 1)
        self._budget = max(choose_budget(device) // beams, 1)

    def headed(self, _head: object) -> Never:
        """Refused: there are no vectors for a head."""
        raise NotImplementedError("a translator has no vectors")

    def __call__(self, *_request: object, **_options: object) -> Never:
        """Refused: there are no vectors."""
        raise NotImplementedError("a translator has no vectors")

    def find_code(self, prompt: str | None) -> str:
        """The code of the language to write, as it stands in front of a text; empty for none.

        Args:
            prompt: As the caller gave it: ``fra`` or ``>>fra<<``; an empty text where texts bring
                their own.

        Raises:
            OptionError: There is no such code, or the model needs one.
        """
        codes = self.tokenizer.codes
        listed = _list_codes(codes)
        if prompt is None:
            if len(codes) > 1:
                raise OptionError(
                    f"This model writes several languages and has to be told which: give prompt= "
                    f"one of {listed}, such as prompt={codes[0][2:-2]!r}."
                )
            return ""
        code = prompt.strip()
        if not code:
            return ""
        if not code.startswith(">>"):
            code = f">>{code}<<"
        if code not in codes:
            raise OptionError(
                f"prompt is {brief(prompt)}; for a translator it is the code of the language to "
                f"write, and this model knows {listed or 'none: leave prompt= out'}."
            )
        return code

    def translate(self, sequences: Sequences) -> list[str]:
        """Translate sequences of pieces with the special ones, in batches sorted by length."""
        texts = [""] * len(sequences.lengths)

        def work(batch: Ints) -> None:
            for number, text in zip(batch.tolist(), self._generate(sequences, batch), strict=True):
                texts[number] = text

        batches = make_padded_batches(sequences.lengths, budget=self._budget)
        architecture = self.model.config.model_type
        run_in_halves(batches, work, sequences.lengths, self._device, architecture)
        return texts

    @torch.inference_mode()
    def _generate(self, sequences: Sequences, batch: Ints) -> list[str]:
        lengths = sequences.lengths[batch]
        mask = np.arange(int(lengths.max())) < lengths[:, None]
        ids = np.full(mask.shape, self.tokenizer.pad_id, dtype=np.int64)
        ids[mask] = sequences.ids[ranges(sequences.starts[batch], lengths)]
        output = self.model.generate(
            input_ids=to_device(ids, self._device),
            attention_mask=to_device(mask.astype(np.int64), self._device),
            generation_config=self._settings,
        )
        texts: list[str] = self.tokenizer.library.batch_decode(
            output.cpu().tolist(), skip_special_tokens=True
        )
        return texts


def _refuse_not_finite(model: Any) -> None:  # noqa: ANN401 - transformers.PreTrainedModel
    for name, part in model.named_parameters():
        if not bool(torch.isfinite(part).all()):
            raise NotFiniteError(
                f"The weights of the translator hold NaN or infinity, in {name}: it would write "
                f"anything. {REPAIR_HINT}"
            )


def _choose_settings(model: Any, longest: int | None) -> Any:  # noqa: ANN401 - GenerationConfig
    """The model's own settings of ``generate``, without chance and within its positions."""
    settings = copy.deepcopy(model.generation_config)
    settings.do_sample = False
    settings.num_return_sequences = 1
    settings.return_dict_in_generate = False
    if longest is not None and settings.max_new_tokens is None:
        # transformers' own 20 tokens, where nothing is stated, would cut translations off.
        settings.max_length = min(settings.max_length or longest, longest)
    return settings


def _list_codes(codes: Sequence[str]) -> str:
    names = [code[2:-2] for code in codes]
    listed = ", ".join(names[:MOST_LISTED_CODES])
    more = len(names) - MOST_LISTED_CODES
    return f"{listed} and {more} more" if more > 0 else listed
