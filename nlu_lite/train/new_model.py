"""The folder of a new model: complete when it appears under its name, or not there at all."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.encoder import quiet_transformers
from nlu_lite.errors import OptionError
from nlu_lite.loading import load
from nlu_lite.registry import TEXT_LABELS

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline


class NewModel:
    """A folder to write a model into; used in ``with``, it leaves nothing half done.

    Attributes:
        draft: Where the model is written, before it is published.

    Args:
        folder: Where the model goes, a folder that does not exist yet; None: a temporary one,
            removed when the pipeline on it is.
        name: What the temporary one is called.

    Raises:
        OptionError: The folder exists.
    """

    def __init__(self, folder: str | Path | None, name: str) -> None:
        if folder is not None and Path(folder).exists():
            raise OptionError(f"{folder} exists already; name a new folder, or remove it first.")
        self._is_temporary = folder is None
        if folder is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="nlu_lite_"))
            self._target = self._scratch / name
        else:
            self._target = Path(folder).absolute()
            parent = self._target.parent
            parent.mkdir(parents=True, exist_ok=True)
            self._scratch = Path(tempfile.mkdtemp(prefix=f".{self._target.name}.", dir=parent))
        self._is_needed = False
        self.draft = self._scratch / "draft"
        self.draft.mkdir()

    def __enter__(self) -> NewModel:
        return self

    def __exit__(self, *_error: object) -> None:
        if not self._is_needed:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def publish(self, model: Any, tokenizer: Any, device: str) -> Pipeline:  # noqa: ANN401
        """Write the model, let its folder appear, and give a pipeline on it.

        Args:
            model: A transformers classifier of texts, on the CPU.
            tokenizer: Of transformers.
            device: As in ``load``.
        """
        with quiet_transformers():
            model.save_pretrained(self.draft)
        tokenizer.save_pretrained(self.draft)
        self.draft.rename(self._target)
        pipeline = load(path=self._target, task=TEXT_LABELS.name, device=device)
        if self._is_temporary:
            self._is_needed = True
            weakref.finalize(pipeline, shutil.rmtree, self._scratch, ignore_errors=True)
        return pipeline
