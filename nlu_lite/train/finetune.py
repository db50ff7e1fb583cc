"""``finetune``: a whole small model and a head for classes, taught from texts and labels."""

from __future__ import annotations

import os
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from nlu_lite import registry, weights
from nlu_lite.encoder import quiet_transformers
from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.flow import examples
from nlu_lite.loading import load
from nlu_lite.options import refuse_unknown
from nlu_lite.registry import resolve
from nlu_lite.text import replace_surrogates
from nlu_lite.train.trainer import Schedule, classifier_of, result_folder, tokenizer_of, train
from nlu_lite.weights import refuse_spark_nlp

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline
    from nlu_lite.registry import Entry
    from nlu_lite.text import Document

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
    """Teach a whole model to tell classes of texts apart, by transformers' Trainer (extra ``train``).

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
        >>> df = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": ["+", "+", "-", "-"]})
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
    found = examples(data, text, y)
    classes, targets = found.numbered()
    if len(classes.values) < 2:
        raise InputValueError(
            f"All labels are {classes.values[0]!r:.80}; there must be two classes at least to tell "
            f"apart."
        )
    texts = [text_of(document) for document in found.documents]
    with result_folder(folder, "finetuned") as (draft, target, keep):
        entry, files = base(ref, offline)
        model = classifier_of(files, entry, classes.names, layers=layers, seed=seed)
        tokenizer = tokenizer_of(files, entry)
        train(
            model,
            tokenizer,
            texts,
            targets.tolist(),
            schedule,
            room=draft,
            loss=None,
            progress=progress,
            label="fine-tuning",
        )
        return written(model, tokenizer, draft, target, keep, device)


def base(ref: str | Path, offline: bool | None) -> tuple[Entry, Path]:
    """What a model is made from: its entry and its files.

    Args:
        ref: A reference, a hub id, or a folder; a text is one if it has a separator and exists.
        offline: As in ``load``.

    Raises:
        OptionError: It names several models, or none.
        NluLiteError: As ``load`` does.
    """
    if not isinstance(ref, (str, Path)):
        raise OptionError(
            f"The model is {ref!r:.60}; valid is a reference, a hub id, or a folder with a model's "
            f"files."
        )
    separators = {"/", os.sep, os.altsep or "/"}
    is_folder = isinstance(ref, Path) or (
        any(sign in ref for sign in separators) and Path(ref).is_dir()
    )
    if is_folder:
        refuse_spark_nlp(Path(ref))
    entries = resolve(
        None if is_folder else str(ref), path=ref if is_folder else None, task=None, language=None
    )
    if len(entries) != 1:
        raise OptionError(f"{ref!r} names {len(entries)} models; one is trained at a time.")
    return entries[0], weights.locate(
        entries[0], registry.current(), offline=offline, revision=None
    )


def text_of(document: Document) -> str:
    """A text as the tokenizer takes it; words that are split already joined by a space."""
    return replace_surrogates(
        " ".join(document) if isinstance(document, tuple) else str(document)
    ).strip()


def written(
    model: Any, tokenizer: Any, draft: Path, target: Path, keep: Any, device: str
) -> Pipeline:
    """The trained model in its folder, and a pipeline on it.

    Args:
        model: Trained.
        tokenizer: Its own.
        draft: Where it is written.
        target: Where it is then.
        keep: Called with the pipeline, see ``result_folder``.
        device: As in ``load``.
    """
    with quiet_transformers():
        model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    draft.rename(target)
    pipeline = load(path=target, task="text_classification", device=device)
    keep(pipeline)
    return pipeline
