"""Which encoder reads a classifier: the fast one with the classifier's own head where a trial agrees, else the whole model."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats, ranges
from nlu_lite.encoder.backends.choose import agree, as_fault, choose_encoder, trial_sequences
from nlu_lite.encoder.backends.classifier_backend import WholeClassifier
from nlu_lite.encoder.backends.encoder import Encoder, EncoderHead
from nlu_lite.encoder.backends.out_of_memory import FAULTS
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.models.heads import OwnHead, activated, activation_of
from nlu_lite.encoder.models.loading import quiet
from nlu_lite.encoder.models.pieces import PieceTokenizer

log = logging.getLogger("nlu_lite")

# Known to look at more than single positions for a text's class: the last position (XLNet), a first
# one that attends to all (Longformer), a decoder (BART).
_WHOLE = ("xlnet", "longformer", "bart")


def choose_classifier(
    read: Callable[[], Any],
    task: str,
    *,
    tokenizer: PieceTokenizer,
    device: torch.device,
    longest: int | None,
) -> Encoder:
    """An encoder whose vectors are probabilities of labels, one of each position or, for texts, of the first.

    Args:
        read: Reads the classifier anew.
        task: ``token_classification`` or ``text_classification``.
        tokenizer: Its own.
        device: Where it is put.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.

    Raises:
        ModelError: The model has no classes.
    """
    model = read()
    how = activation_of(model.config, task)
    # Decoders look for a text's last piece by the padding id, and refuse batches where they have
    # none.
    given = {
        "tokenizer": tokenizer,
        "device": device,
        "budget": None if model.config.pad_token_id is not None else 1,
    }

    def whole(other: Any, **changed: Any) -> WholeClassifier:  # noqa: ANN401 - a model; what differs
        return WholeClassifier(other, **{**given, "activation": how, **changed})

    if model.config.model_type in _WHOLE:
        return whole(model)
    try:
        trial = trial_sequences(model.config, pad_id=tokenizer.pad_id, longest=longest)
        wanted = _scores(whole(model, activation=None, budget=1), trial, task)
    except FAULTS:
        return whole(model)  # which its user will see soon enough
    labels, is_exact = int(model.config.num_labels), model.dtype == torch.float32
    encoder = choose_encoder(
        model.base_model, pad_id=tokenizer.pad_id, device=device, longest=longest
    )
    head = OwnHead(model)
    try:
        found = _scores(encoder.headed(EncoderHead(head, labels)), trial, task)
        if agree(found, wanted, exact=is_exact):
            return encoder.headed(EncoderHead(activated(head, how), labels))
        fault = "the scores of its labels are not those of the plain model"
    except FAULTS as error:
        fault = as_fault(error)
    log.warning(
        "%s is run whole, which is slower: with its head apart, %s.", type(model).__name__, fault
    )
    return whole(read())


def _scores(encoder: Encoder, sequences: Sequences, task: str) -> Floats:
    """The scores of every position, or for texts of the first."""
    lengths = sequences.lengths
    numbers = np.arange(len(lengths))
    every = RowRequest.single(np.repeat(numbers, lengths), ranges(np.zeros_like(lengths), lengths))
    wanted = (
        every
        if task == "token_classification"
        else RowRequest.single(numbers, np.zeros_like(lengths))
    )
    with quiet():
        return encoder(
            sequences,
            wanted,
            layers=(encoder.layers,),
            layer_pooling="mean",
            reduce="sum",
            progress=lambda _rows: None,
        )
