"""``distil``: a small model learns what a larger one says about texts without labels."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

import numpy as np
import torch

from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.flow import is_blank, named_rows
from nlu_lite.inputs import read
from nlu_lite.loading import load
from nlu_lite.options import refuse_unknown
from nlu_lite.train.finetune import OPTIONS, base, text_of, written
from nlu_lite.train.teacher import probabilities
from nlu_lite.train.trainer import Schedule, classifier_of, result_folder, tokenizer_of, train

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline


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
    """Teach a small model to say what a larger one says, by transformers' Trainer (extra ``train``); no labels are needed.

    The student learns the teacher's probabilities of all classes, both made softer by the
    temperature (Hinton, Vinyals and Dean, 2015, https://arxiv.org/abs/1503.02531): the divergence
    of the two, times the square of the temperature.

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
        epochs: As in ``finetune``, and so are the others.
        learning_rate: See there.
        batch_size: See there.
        max_length: See there.
        seed: See there.
        device: See there.
        offline: See there.
        progress: See there.
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
        >>> df = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": ["+", "+", "-", "-"]})
        >>> teacher = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(df)
        >>> texts = ["good", "great", "bad", "awful", "very good", "very bad"]
        >>> student = "en.embed_sentence.minilm_l6"
        >>> small = nlu.distil(student, teacher, texts, layers=1, epochs=15, batch_size=3, learning_rate=1e-3)
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
    if (
        isinstance(temperature, bool)
        or not isinstance(temperature, (int, float))
        or not 0 < temperature < float("inf")
    ):
        raise OptionError(
            f"temperature is {temperature!r:.80}; valid are numbers above 0, most use 1 to 5."
        )
    read_in = read(texts, text)
    if blank := [place for place, document in enumerate(read_in.documents) if is_blank(document)]:
        rows = named_rows(blank, read_in.index)
        raise InputValueError(
            f"{len(blank)} of {len(read_in.documents)} texts are null or blank: {rows}. Leave them "
            f"out."
        )
    if not read_in.documents:
        raise InputValueError("There is no text to learn from.")
    wanted = [text_of(document) for document in read_in.documents]
    with result_folder(folder, "distilled") as (draft, target, keep):
        model_of_teacher = (
            load(teacher, device=device, offline=offline) if isinstance(teacher, str) else teacher
        )
        names, likely = probabilities(model_of_teacher, read_in.documents, progress)
        entry, files = base(student, offline)
        model = classifier_of(files, entry, names, layers=layers, seed=seed)
        tokenizer = tokenizer_of(files, entry)
        train(
            model,
            tokenizer,
            wanted,
            softened(likely, temperature).tolist(),
            schedule,
            room=draft,
            loss=Divergence(temperature),
            progress=progress,
            label="distilling",
        )
        return written(model, tokenizer, draft, target, keep, device)


def softened(likely: Any, temperature: float) -> Any:  # noqa: ANN401 - arrays of float64
    """Probabilities as a softmax of the same scores divided by the temperature would give them.

    Args:
        likely: Shape (texts, classes).
        temperature: Above 0.

    Example:
        >>> softened(np.array([[0.8, 0.2]]), 2.0).round(3).tolist()
        [[0.667, 0.333]]
    """
    logs = np.log(np.maximum(likely, np.finfo(np.float32).tiny)) / temperature
    logs -= logs.max(axis=1, keepdims=True)
    powers = np.exp(logs)
    return powers / powers.sum(axis=1, keepdims=True)


class Divergence:
    """How far a student's softened probabilities are from its teacher's: Kullback-Leibler, times the squared temperature.

    Args:
        temperature: Above 0.
    """

    def __init__(self, temperature: float) -> None:
        self._temperature = temperature

    def __call__(self, scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """The mean over a batch.

        Args:
            scores: Shape (batch, classes): the student's.
            wanted: The same shape: the teacher's softened probabilities.
        """
        own = torch.log_softmax(scores.float() / self._temperature, dim=-1)
        return (
            torch.nn.functional.kl_div(own, wanted.to(own), reduction="batchmean")
            * self._temperature**2
        )
