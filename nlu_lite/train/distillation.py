"""``distil``: a small model learns what a larger one says about texts without labels."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

import numpy as np
import torch

from nlu_lite.common import refuse_unknown
from nlu_lite.errors import InputValueError
from nlu_lite.flow import is_blank, named_rows
from nlu_lite.inputs import read
from nlu_lite.loading import load
from nlu_lite.train.classifier import find_model, read_classifier, read_padding_tokenizer
from nlu_lite.train.fine_tuning import OPTIONS
from nlu_lite.train.new_model import NewModel
from nlu_lite.train.teacher import Probabilities, ask_teacher
from nlu_lite.train.trainer import Schedule, check_positive, train

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline
    from nlu_lite.text import Document


def distil(
    student: str | Path,
    teacher: Pipeline | str,
    texts: Any,  # noqa: ANN401 - many kinds, see nlu_lite.inputs
    *,
    text: Hashable | None = None,
    folder: str | Path | None = None,
    layers: int | None = None,
    temperature: float = 2.0,
    epochs: float = 3,
    learning_rate: float = 1e-4,
    batch_size: int = 16,
    max_length: int = 128,
    seed: int = 0,
    device: str = "auto",
    offline: bool | None = None,
    progress: bool | None = None,
    **unknown: Never,
) -> Pipeline:
    """Teach a small model to say what a larger one says about texts; no labels are needed.

    Needs the extra ``train``, for transformers' Trainer. The student learns the teacher's
    probabilities of all classes, both made softer by the temperature (Hinton, Vinyals and Dean,
    2015, https://arxiv.org/abs/1503.02531): the divergence of the two, times the square of the
    temperature.

    Args:
        student: A reference, a hub id, or a folder with a model's files, such as the teacher's own.
            It is not changed.
        teacher: A pipeline with one text classifier or a fitted ``train.classifier``, or the
            request of one.
        texts: What ``Pipeline.predict`` takes.
        text: The column of texts, where ``texts`` is a table.
        folder: Where the new model goes, a folder that does not exist yet; without it a temporary
            one, which is removed with the pipeline.
        layers: Keep only the student's first so many layers: ``layers=2`` of a model of six is
            about three times as fast.
        temperature: 1 leaves the probabilities as they are; above, the unlikely classes count for
            more.
        epochs: How often every text is seen.
        learning_rate: Of AdamW at its highest, after a tenth of the steps; then it falls to 0.
        batch_size: Texts of a step.
        max_length: Pieces of a text that is learnt from, special ones counted; the rest is left
            out.
        seed: The same seed, texts and machine give the same model.
        device: As in ``load``.
        offline: As in ``load``.
        progress: As in ``Pipeline.predict``.
        **unknown: Refused.

    Returns:
        A pipeline of the student, a text classifier with the teacher's classes.

    Raises:
        InputValueError: Texts are missing, named by their rows.
        OptionError: The teacher gives no probabilities of classes for whole texts, or several do;
            an option is outside what is valid, or ``folder`` exists.
        NotFittedError: The teacher was not fitted.
        ModelError: The student cannot be made a classifier.
        WeightsNotFoundError: Its files are not on this machine.
        MissingExtraError: accelerate (extra ``train``) is not installed.

    Example:
        >>> import nlu_lite as nlu, pandas as pd
        >>> texts = ["good", "great", "bad", "awful"]
        >>> df = pd.DataFrame({"text": texts, "y": ["+", "+", "-", "-"]})
        >>> teacher = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(df)
        >>> student, more = "en.embed_sentence.minilm_l6", [*texts, "very good", "very bad"]
        >>> schedule = {"epochs": 15, "batch_size": 3, "learning_rate": 1e-3}
        >>> small = nlu.distil(student, teacher, more, layers=1, **schedule)
        >>> small.predict(["very good", "awful"])["distilled"].tolist()
        ['+', '-']
    """
    refuse_unknown(unknown, ("temperature", "progress", *OPTIONS), where="distil")
    schedule = Schedule(
        epochs=epochs,
        learning_rate=learning_rate,
        batch_size=batch_size,
        max_length=max_length,
        seed=seed,
        device=device,
    )
    check_positive("temperature", temperature, ", most use 1 to 5")
    documents = _read_documents(texts, text)
    with NewModel(folder, "distilled") as new_model:
        if isinstance(teacher, str):
            teacher = load(teacher, device=device, offline=offline)
        names, probabilities = ask_teacher(teacher, documents, progress)
        entry, files = find_model(student, offline)
        model = read_classifier(files, entry, names, layers=layers, seed=seed)
        tokenizer = read_padding_tokenizer(files, entry, model)
        train(
            model,
            tokenizer,
            documents,
            soften(probabilities, temperature).tolist(),
            schedule,
            scratch=new_model.draft,
            loss=Divergence(temperature),
            progress=progress,
            label="distilling",
        )
        return new_model.publish(model, tokenizer, device)


def _read_documents(texts: Any, column: Hashable | None) -> list[Document]:  # noqa: ANN401
    inputs = read(texts, column)
    blank = [row for row, document in enumerate(inputs.documents) if is_blank(document)]
    if blank:
        rows = named_rows(blank, inputs.index)
        raise InputValueError(
            f"{len(blank)} of {len(inputs.documents)} texts are null or blank: {rows}. Leave them "
            f"out."
        )
    if not inputs.documents:
        raise InputValueError("There is no text to learn from.")
    return inputs.documents


def soften(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Probabilities as a softmax of the same scores divided by the temperature would give them.

    Args:
        probabilities: Shape (texts, classes).
        temperature: Above 0.

    Example:
        >>> soften(np.array([[0.8, 0.2]]), 2.0).round(3).tolist()
        [[0.667, 0.333]]
    """
    logs = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)) / temperature
    logs -= logs.max(axis=1, keepdims=True)
    powers = np.exp(logs)
    softened: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return softened


class Divergence:
    """How far a student's softened probabilities are from its teacher's.

    Kullback and Leibler's divergence, times the square of the temperature.

    Args:
        temperature: Above 0.
    """

    def __init__(self, temperature: float) -> None:
        self._temperature = temperature

    def __call__(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The mean over a batch.

        Args:
            scores: Shape (batch, classes): the student's.
            targets: Shape (batch, classes): the teacher's softened probabilities.
        """
        logs = torch.log_softmax(scores.float() / self._temperature, dim=-1)
        divergence = torch.nn.functional.kl_div(logs, targets.to(logs), reduction="batchmean")
        return divergence * self._temperature**2
