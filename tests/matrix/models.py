"""Small seeded models in folders, and what transformers itself makes of their texts."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.packed import PackedEncoder
from tests.matrix.configurations import make_configuration

VOCABULARY = 300
# Larger ones cannot be made small by the names of their sizes.
MOST_PARAMETERS = 60_000_000
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
HEADS = {
    "token_classification": "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "text_classification": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
}
LABELS = 3


class NotBuiltError(Exception):
    """No small model can be made of an architecture's configuration; says why."""


def make_words(count: int, seed: int) -> list[str]:
    """Words that are one piece each."""
    numbers = random.Random(seed).choices(range(len(SPECIALS), VOCABULARY), k=count)
    return [f"w{number}" for number in numbers]


def make_tokenizer() -> Tokenizer:
    """A tokenizer whose pieces are words, between ``<s>`` and ``</s>``."""
    words = [*SPECIALS, *(f"w{number}" for number in range(len(SPECIALS), VOCABULARY))]
    tokenizer = Tokenizer(models.WordLevel({word: id_ for id_, word in enumerate(words)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


def make_folder(folder: Path, model_type: str, task: str | None = None) -> Any:
    """Write a seeded small model into a folder.

    Returns:
        The plain model of transformers, as its own class reads the folder; None where transformers
        itself cannot run it on a text alone.

    Raises:
        NotBuiltError: It cannot be made.
    """
    try:
        config = make_configuration(model_type, vocabulary=VOCABULARY)
        if task is not None:
            config.num_labels = LABELS
        model_class = _class_of(config, task)
        with torch.device("meta"):
            size = sum(part.numel() for part in model_class(copy.deepcopy(config)).parameters())
        if size > MOST_PARAMETERS:
            raise NotBuiltError(f"its smallest model has {size:,} numbers")
        torch.manual_seed(7)
        model = model_class(config).eval()
        _spread(model)
        model.save_pretrained(folder)
        make_tokenizer().save(str(folder / "tokenizer.json"))
        model = model_class.from_pretrained(folder).eval()
        return model if task is not None else _read_plain(model, folder)
    except NotBuiltError:
        raise
    except Exception as error:
        raise NotBuiltError(f"{type(error).__name__}: {str(error).splitlines()[0]:.120}") from error


def _read_plain(model: Any, folder: Path) -> Any:
    """What reads texts in transformers' own hands: the model, or its tower for texts."""
    if _runs_alone(model):
        return model
    part = getattr(model.config, "text_config", None)
    tower = getattr(transformers, type(part).__name__.removesuffix("Config") + "Model", None)
    if tower is None:
        return None
    parts = (module for module in model.modules() if type(module) is tower)
    return next(parts, None) or tower.from_pretrained(folder).eval()


def _runs_alone(model: Any) -> bool:
    try:
        plain_states(model, list(range(12)))
    except Exception:
        return False
    return True


def _class_of(config: Any, task: str | None) -> Any:
    mapping = getattr(transformers, "MODEL_MAPPING" if task is None else HEADS[task])
    if type(config) not in mapping:
        raise NotBuiltError("transformers has no such class")
    model_class = mapping[type(config)]
    return model_class[0] if isinstance(model_class, tuple) else model_class


@torch.no_grad()
def _spread(model: Any) -> None:
    """Make what starts as zero differ, so that nothing that is left out goes unseen."""
    for name, part in model.named_parameters():
        if name.endswith("bias") and part.is_floating_point():
            part.normal_(0, 0.2)


@torch.inference_mode()
def plain_states(model: Any, ids: list[int]) -> list[np.ndarray]:
    """The states of one text alone, layer by layer, from a copy that has read nothing before."""
    fresh = copy.deepcopy(model)
    if fresh.config.is_encoder_decoder:
        fresh = fresh.get_encoder()
    output = fresh(input_ids=torch.tensor([ids]), output_hidden_states=True)
    states = [*(getattr(output, "hidden_states", None) or ())[:-1], output.last_hidden_state]
    return [state[0].float().numpy()[: len(ids)] for state in states]


@torch.inference_mode()
def plain_probabilities(model: Any, ids: list[int]) -> np.ndarray:
    """The probabilities of labels for one text alone: shape (pieces, labels) or (1, labels)."""
    logits = copy.deepcopy(model)(input_ids=torch.tensor([ids])).logits
    return torch.softmax(logits, -1).reshape(-1, LABELS).numpy()


def describe_reading(encoder: Any) -> str:
    """How an encoder reads texts, in the words of docs/models.md."""
    if isinstance(encoder, PackedEncoder):
        return "packed"
    assert isinstance(encoder, BatchedEncoder), encoder
    return encoder.batching.value
