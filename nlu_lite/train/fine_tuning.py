"""``finetune``: a whole small model and a head for classes, taught from texts and labels."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from nlu_lite.common import refuse_unknown
from nlu_lite.errors import InputValueError
from nlu_lite.flow import read_examples
from nlu_lite.train.classifier import find_model, read_classifier, read_padding_tokenizer
from nlu_lite.train.new_model import NewModel
from nlu_lite.train.trainer import Schedule, train

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline

OPTIONS = (
    "text",
    "folder",
    "layers",
    "epochs",
    "learning_rate",
    "batch_size",
    "max_length",
    "seed",
    "device",
    "offline",
)


def finetune(
    ref: str | Path,
    data: Any,  # noqa: ANN401 - a table of any accepted kind
    *,
    text: Hashable | None = None,
    y: Hashable = "y",
    folder: str | Path | None = None,
    layers: int | None = None,
    epochs: float = 3,
    learning_rate: float = 5e-5,
    batch_size: int = 16,
    max_length: int = 128,
    seed: int = 0,
    device: str = "auto",
    offline: bool | None = None,
    progress: bool | None = None,
    **unknown: Never,
) -> Pipeline:
    """Teach a whole model classes of texts, by transformers' Trainer (extra ``train``).

    Args:
        ref: A reference, a hub id, or a folder with a model's files. It is not changed.
        data: A table with a column of texts and one of labels.
        text: The column of texts; without it a column named ``text``, else the only text column but
            ``y``.
        y: The column of labels. They are the names of the result's classes, as texts.
        folder: Where the new model goes, a folder that does not exist yet; without it a temporary
            one, which is removed with the pipeline.
        layers: Keep only the model's first so many layers, which makes it smaller and faster.
        epochs: How often every example is seen.
        learning_rate: Of AdamW at its highest, after a tenth of the steps; then it falls to 0.
        batch_size: Texts of a step.
        max_length: Pieces of a text that is learnt from, special ones counted; the rest is left
            out. ``predict`` reads all.
        seed: The same seed, data and machine give the same model. The caller's own random numbers
            are not touched.
        device: As in ``load``.
        offline: As in ``load``.
        progress: As in ``Pipeline.predict``.
        **unknown: Refused.

    Returns:
        A pipeline of the new model, a text classifier; ``nlu.load(path=folder,
        task="text_classification")`` reads it again.

    Raises:
        InputValueError: Texts or labels are missing, named by their rows, or there is one class
            only.
        OptionError: An option is outside what is valid, or ``folder`` exists.
        ModelError: The model cannot be made a classifier.
        WeightsNotFoundError: Its files are not on this machine.
        MissingExtraError: accelerate (extra ``train``) is not installed.

    Example:
        >>> import nlu_lite as nlu, pandas as pd
        >>> texts = ["good", "great", "bad", "awful"]
        >>> df = pd.DataFrame({"text": texts, "y": ["+", "+", "-", "-"]})
        >>> pipe = nlu.finetune("en.embed_sentence.minilm_l6", df, epochs=10, learning_rate=2e-4)
        >>> pipe.predict(["good", "awful"])["finetuned"].tolist()
        ['+', '-']
    """
    refuse_unknown(unknown, ("y", "progress", *OPTIONS), where="finetune")
    schedule = Schedule(
        epochs=epochs,
        learning_rate=learning_rate,
        batch_size=batch_size,
        max_length=max_length,
        seed=seed,
        device=device,
    )
    labelled = read_examples(data, text, y)
    classes, targets = labelled.text_classes()
    if len(classes.values) < 2:
        raise InputValueError(
            f"All labels are {classes.values[0]!r:.80}; there must be two classes at least to tell "
            f"apart."
        )
    with NewModel(folder, "finetuned") as new_model:
        entry, files = find_model(ref, offline)
        model = read_classifier(files, entry, classes.names, layers=layers, seed=seed)
        tokenizer = read_padding_tokenizer(files, entry, model)
        train(
            model,
            tokenizer,
            labelled.documents,
            targets.tolist(),
            schedule,
            scratch=new_model.draft,
            loss=None,
            progress=progress,
            label="fine-tuning",
        )
        return new_model.publish(model, tokenizer, device)
