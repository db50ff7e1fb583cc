"""A small transformers model taught by transformers' Trainer: quietly, from a seed, nothing written but the result."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nlu_lite.common import progress_bar
from nlu_lite.encoder import (
    choose_device,
    find_longest_sequence,
    quiet_transformers,
    read_config,
    read_plain_tokenizer,
)
from nlu_lite.errors import MissingExtraError, ModelError, OptionError, OutOfMemoryError

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline
    from nlu_lite.registry import Entry

Loss = Callable[[Any, Any], torch.Tensor]
# Part of the steps in which the learning rate rises, as BERT's authors fine-tuned it.
WARM_UP = 0.1


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast a model learns.

    Raises:
        OptionError: A value outside what is valid.
    """

    epochs: float
    learning_rate: float
    batch_size: int
    max_length: int
    seed: int
    device: str

    def __post_init__(self) -> None:
        for name in ("batch_size", "max_length", "seed"):
            value, least = getattr(self, name), 0 if name == "seed" else 1
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise OptionError(
                    f"{name} is {value!r:.80}; valid are whole numbers from {least} on."
                )
        for name in ("epochs", "learning_rate"):
            value = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not 0 < value < float("inf")
            ):
                raise OptionError(f"{name} is {value!r:.80}; valid are numbers above 0.")


@contextlib.contextmanager
def result_folder(
    folder: str | Path | None, name: str
) -> Iterator[tuple[Path, Path, Callable[[Pipeline], None]]]:
    """Where a new model goes: it is complete when it appears under its name, or not there at all.

    Args:
        folder: A folder that does not exist yet; None: a temporary one, removed when the pipeline
            on it is.
        name: What the temporary one is called.

    Yields:
        The folder to write into, where it will be afterwards, and what to call with the pipeline
        that uses it.

    Raises:
        OptionError: The folder exists.
    """
    if folder is not None and Path(folder).exists():
        raise OptionError(f"{folder} exists already; name a new folder, or remove it first.")
    if folder is None:
        room = Path(tempfile.mkdtemp(prefix="nlu_lite_"))
        target = room / name
    else:
        target = Path(folder).absolute()
        target.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    keeps = False

    def keep(pipeline: Pipeline) -> None:
        nonlocal keeps
        keeps = folder is None
        if keeps:
            weakref.finalize(pipeline, shutil.rmtree, room, ignore_errors=True)

    draft = room / "draft"
    draft.mkdir()
    try:
        yield draft, target, keep
    finally:
        if not keeps:
            shutil.rmtree(room, ignore_errors=True)


def classifier_of(
    folder: Path, entry: Entry, names: Sequence[str], *, layers: int | None, seed: int
) -> Any:  # noqa: ANN401
    """The model of a folder with a head for some classes, in float32 on the CPU; the head random unless the folder has it.

    Args:
        folder: The model's files.
        entry: What the registry says about them.
        names: Of the classes.
        layers: Only its first so many.
        seed: Of what is random.

    Raises:
        ModelError: The files do not make the model, or transformers has no classifier of its
            architecture.
        OptionError: The model has fewer layers.
        OutOfMemoryError: The weights do not fit.
    """
    from transformers import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING

    config = read_config(folder, entry)
    if type(config) not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING:
        raise ModelError(
            f"{entry.request!r} is a {config.model_type}, of which transformers makes no "
            f"classifier of texts."
        )
    _shorten(config, layers, entry)
    config.id2label = dict(enumerate(names))
    config.label2id = {name: number for number, name in enumerate(names)}
    config.problem_type = "single_label_classification"
    kind: Any = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
    try:
        with quiet_transformers(), seeded(seed):
            model, report = kind.from_pretrained(
                str(folder),
                config=config,
                dtype=torch.float32,
                local_files_only=True,
                weights_only=True,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
    except MemoryError as error:
        raise OutOfMemoryError(
            f"The weights in {folder} do not fit into the memory. Use a smaller model."
        ) from error
    except Exception as error:
        raise ModelError(
            f"The weights in {folder} cannot be read as {kind.__name__}: {error}."
        ) from error
    body = [
        name
        for name in report["missing_keys"]
        if name.startswith(f"{model.base_model_prefix}.") and "pooler" not in name
    ]
    if body:
        raise ModelError(
            f"The weights in {folder} lack {len(body)} parts of {kind.__name__}, such as "
            f"{sorted(body)[0]}."
        )
    return model


def _shorten(config: Any, layers: int | None, entry: Entry) -> None:  # noqa: ANN401
    if layers is None:
        return
    has = config.num_hidden_layers
    if isinstance(layers, bool) or not isinstance(layers, int) or not 1 <= layers <= has:
        raise OptionError(
            f"layers is {layers!r}; {entry.request!r} has {has}, of which the first 1 to {has} can "
            f"be kept."
        )
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]


def tokenizer_of(folder: Path, entry: Entry) -> Any:  # noqa: ANN401
    """The folder's tokenizer, which can pad."""
    tokenizer = read_plain_tokenizer(folder, entry)
    if tokenizer.pad_token is None:
        raise ModelError(
            f"The tokenizer of {entry.request!r} has no piece to pad with, which training in "
            f"batches needs."
        )
    return tokenizer


def train(
    model: Any,  # noqa: ANN401 - a transformers model
    tokenizer: Any,  # noqa: ANN401
    texts: Sequence[str],
    targets: Sequence[Any],
    schedule: Schedule,
    *,
    room: Path,
    loss: Loss | None,
    progress: bool | None,
    label: str,
) -> None:
    """Teach a model in place.

    Args:
        model: With a head for classes.
        tokenizer: Its own.
        texts: To learn from.
        targets: Of each text, what ``labels`` are to the loss.
        schedule: How long and how fast.
        room: A folder for what the Trainer may write; it is left empty.
        loss: From the scores of a batch and its targets to a number; None: the model's own.
        progress: As in ``Pipeline.predict``.
        label: Stands in front of the bar.

    Raises:
        MissingExtraError: accelerate is not installed.
        OptionError: The device does not exist.
    """
    try:
        import accelerate  # noqa: F401 - the Trainer needs it, and says so less plainly
    except ImportError as error:
        raise MissingExtraError(
            "Training a model needs accelerate: pip install 'nlu-lite[train]'."
        ) from error
    from transformers import (
        DataCollatorWithPadding,
        PrinterCallback,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    device = choose_device(schedule.device)
    read = tokenizer(
        list(texts), truncation=True, max_length=_longest(model, schedule), add_special_tokens=True
    )
    examples = [
        {"input_ids": ids, "attention_mask": mask, "labels": target}
        for ids, mask, target in zip(
            read["input_ids"], read["attention_mask"], targets, strict=True
        )
    ]
    batches = -(-len(examples) // schedule.batch_size)
    steps = max(1, round(batches * schedule.epochs))
    arguments = TrainingArguments(
        output_dir=str(room),
        max_steps=steps,
        per_device_train_batch_size=schedule.batch_size,
        learning_rate=schedule.learning_rate,
        warmup_steps=round(steps * WARM_UP),
        weight_decay=0.01,
        seed=schedule.seed,
        use_cpu=device.type == "cpu",
        dataloader_pin_memory=device.type != "cpu",
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
    )

    class Steps(TrainerCallback):
        def on_step_end(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401
            done(1)

    def loss_of(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> torch.Tensor:  # noqa: ANN401
        assert loss is not None
        return loss(outputs.logits, labels)

    with (
        progress_bar(steps, unit="steps", show=progress, label=label) as done,
        seeded(schedule.seed),
    ):
        trainer: Any = Trainer(
            model=model,
            args=arguments,
            train_dataset=examples,
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_loss_func=None if loss is None else loss_of,
            callbacks=[Steps()],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    model.to("cpu").eval()


def _longest(model: Any, schedule: Schedule) -> int:  # noqa: ANN401
    longest = find_longest_sequence(model.config)
    return schedule.max_length if longest is None else min(longest, schedule.max_length)


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random numbers from a seed for what is done inside; afterwards the caller's own go on where they were."""
    python, numpy = random.getstate(), np.random.get_state()
    devices = list(range(torch.cuda.device_count()))
    with torch.random.fork_rng(devices=devices):
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)
