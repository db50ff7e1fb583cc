"""Which encoder reads a classifier: the fast one with the classifier's head, or the model whole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats
from nlu_lite.encoder.backends.choose import agree, as_fault, choose_encoder, trial_sequences
from nlu_lite.encoder.backends.classifier_backend import WholeClassifier
from nlu_lite.encoder.backends.out_of_memory import FAULTS
from nlu_lite.encoder.backends.protocol import Encoder, EncoderHead
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.models.heads import ClassifierHead, add_activation, choose_activation
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.encoder.models.pieces import PieceTokenizer

log = logging.getLogger("nlu_lite")

# Known to look at more than single positions for a text's class: the last position (XLNet), a first
# one that attends to all (Longformer), a decoder (BART).
_RUN_WHOLE = ("xlnet", "longformer", "bart")


def choose_classifier(
    read: Callable[[], Any],
    task: str,
    *,
    tokenizer: PieceTokenizer,
    device: torch.device,
    longest: int | None,
) -> Encoder:
    """An encoder whose vectors are label probabilities of each position, or for texts of the first.

    The encoder with the head apart is taken where a trial gives the scores of the whole model.

    Args:
        read: Reads the classifier anew.
        task: ``token_classification`` or ``text_classification``.
        tokenizer: The classifier's.
        device: Where it is put.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.

    Raises:
        ModelError: The model has no classes.
    """
    model = read()
    activation = choose_activation(model.config, task)
    whole = partial(
        WholeClassifier,
        tokenizer=tokenizer,
        device=device,
        activation=activation,
        # Decoders look for a text's last piece by the padding id, and refuse batches where they
        # have none.
        budget=None if model.config.pad_token_id is not None else 1,
    )
    if model.config.model_type in _RUN_WHOLE:
        return whole(model)
    try:
        trial = trial_sequences(model.config, pad_id=tokenizer.pad_id, longest=longest)
        expected = _score(whole(model, activation=None, budget=1), trial, task)
    except FAULTS:
        return whole(model)  # which its user will see soon enough
    labels, is_exact = int(model.config.num_labels), model.dtype == torch.float32
    encoder = choose_encoder(
        model.base_model, pad_id=tokenizer.pad_id, device=device, longest=longest
    )
    head = ClassifierHead(model)
    try:
        scores = _score(encoder.headed(EncoderHead(head, labels)), trial, task)
        if agree(scores, expected, exact=is_exact):
            return encoder.headed(EncoderHead(add_activation(head, activation), labels))
        fault = "the scores of its labels are not those of the plain model"
    except FAULTS as error:
        fault = as_fault(error)
    log.warning(
        "%s is run whole, which is slower: with its head apart, %s.", type(model).__name__, fault
    )
    return whole(read())


def _score(encoder: Encoder, sequences: Sequences, task: str) -> Floats:
    """The scores of every position, or for texts of the first."""
    rows = RowRequest.all_tokens(sequences)
    if task != "token_classification":
        numbers = np.arange(len(sequences.lengths))
        rows = RowRequest.single(numbers, np.zeros_like(numbers))
    with quiet_transformers():
        return encoder(
            sequences,
            rows,
            layers=(encoder.layers,),
            layer_pooling="mean",
            reduce="sum",
            progress=lambda _rows: None,
        )
