"""transformers' Trainer: quiet, from a seed, and nothing written but the result."""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nlu_lite.common import progress_bar
from nlu_lite.encoder import FAULTS, choose_device, find_longest_sequence, is_out_of_memory
from nlu_lite.errors import MissingExtraError, ModelError, OptionError, OutOfMemoryError
from nlu_lite.text import replace_surrogates

if TYPE_CHECKING:
    from transformers import TrainingArguments

    from nlu_lite.text import Document

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
        for name, minimum in (("batch_size", 1), ("max_length", 1), ("seed", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < minimum:
                raise OptionError(
                    f"{name} is {value!r:.80}; valid are whole numbers from {minimum} on."
                )
        check_positive("epochs", self.epochs)
        check_positive("learning_rate", self.learning_rate)


def check_positive(name: str, value: float, advice: str = "") -> None:
    """Refuse what is no number above 0, or is infinite.

    Raises:
        OptionError: It is.
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (is_number and 0 < value < math.inf):
        raise OptionError(f"{name} is {value!r:.80}; valid are numbers above 0{advice}.")


def train(
    model: Any,  # noqa: ANN401 - a transformers model
    tokenizer: Any,  # noqa: ANN401 - of transformers
    documents: Sequence[Document],
    targets: Sequence[Any],
    schedule: Schedule,
    *,
    scratch: Path,
    loss: Loss | None,
    progress: bool | None,
    label: str,
) -> None:
    """Teach a model in place.

    Args:
        model: With a head for classes.
        tokenizer: The model's, which can pad.
        documents: To learn from; none is null.
        targets: Of each document, what ``labels`` are to the loss.
        schedule: How long and how fast.
        scratch: A folder for what the Trainer may write; it is left empty.
        loss: From the scores of a batch and its targets to a number; None: the model's own.
        progress: As in ``Pipeline.predict``.
        label: Stands in front of the bar.

    Raises:
        MissingExtraError: accelerate is not installed.
        OptionError: The device does not exist.
        ModelError: The model's own code fails.
        OutOfMemoryError: A batch does not fit into the memory.
    """
    try:
        import accelerate  # noqa: F401 - the Trainer needs it, and says so less plainly
    except ImportError as error:
        raise MissingExtraError(
            "Training a model needs accelerate: pip install 'nlu-lite[train]'."
        ) from error
    from transformers import DataCollatorWithPadding, PrinterCallback, Trainer, TrainerCallback

    device = choose_device(schedule.device)
    examples = _tokenize(model, tokenizer, documents, targets, schedule)
    steps = max(1, round(math.ceil(len(examples) / schedule.batch_size) * schedule.epochs))

    class Steps(TrainerCallback):
        def on_step_end(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401
            advance(1)

    def loss_of(outputs: Any, labels: Any, **_count: Any) -> torch.Tensor:  # noqa: ANN401
        assert loss is not None
        return loss(outputs.logits, labels)

    with (
        progress_bar(steps, unit="steps", show=progress, label=label) as advance,
        seeded(schedule.seed),
    ):
        trainer: Any = Trainer(
            model=model,
            args=_training_arguments(schedule, steps, device, scratch),
            train_dataset=examples,
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_loss_func=None if loss is None else loss_of,
            callbacks=[Steps()],
        )
        trainer.remove_callback(PrinterCallback)
        _run(trainer, model)
    model.to("cpu").eval()


def _run(trainer: Any, model: Any) -> None:  # noqa: ANN401 - of transformers
    """Train; what a model's own code raises is told as ours."""
    try:
        trainer.train()
    except (MemoryError, *FAULTS) as error:
        if is_out_of_memory(error):
            raise OutOfMemoryError(
                "A batch does not fit into the memory; train with a smaller batch_size= or "
                "max_length=."
            ) from error
        raise ModelError(
            f"A {type(model).__name__} cannot be trained on these texts: {type(error).__name__}: "
            f"{error!s:.300}."
        ) from error


def _tokenize(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    documents: Sequence[Document],
    targets: Sequence[Any],
    schedule: Schedule,
) -> list[dict[str, Any]]:
    limits = [schedule.max_length, find_longest_sequence(model)]
    encoding = tokenizer(
        [plain_text(document) for document in documents],
        truncation=True,
        max_length=min(limit for limit in limits if limit is not None),
        add_special_tokens=True,
    )
    rows = zip(encoding["input_ids"], encoding["attention_mask"], targets, strict=True)
    return [
        {"input_ids": ids, "attention_mask": mask, "labels": target} for ids, mask, target in rows
    ]


def plain_text(document: Document) -> str:
    """A text as the tokenizer takes it; words that are split already joined by a space."""
    text = " ".join(document) if isinstance(document, tuple) else str(document)
    return replace_surrogates(text).strip()


def _training_arguments(
    schedule: Schedule, steps: int, device: torch.device, scratch: Path
) -> TrainingArguments:
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=str(scratch),
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


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random numbers from a seed inside; afterwards the caller's go on where they were."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    devices = list(range(torch.cuda.device_count()))
    with torch.random.fork_rng(devices=devices):
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)
