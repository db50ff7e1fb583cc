"""What ``to_parquet`` is asked for beside the frame, checked."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from nlu_lite.errors import OptionError
from nlu_lite.flow import FrameArguments
from nlu_lite.inputs import FileArguments, OnError

VECTORS = ("float32", "float16")


@dataclass(frozen=True, kw_only=True)
class Settings(FileArguments):
    """How a dataset is written.

    Attributes:
        text: The column that holds the text.
        part_rows: Texts of a part.
        vectors: Number format of the vectors, lists of one length: ``float32`` or ``float16``.
        key: The column that says which text is which, for ``reuse``.
        reuse: Another dataset, written with the same ``key``: rows whose key and text are unchanged
            are copied.
        shard: ``(number, count)``: only every count-th part from this one on; each machine has its
            own number.
        device: Several devices that share the parts, such as ``["cuda:0", "cuda:1"]``.
        errors: ``raise`` for a text that cannot be used, or take it as ``null`` and count it in the
            report.
        filesystem: Where ``folder`` and ``reuse`` are paths on a file system of Arrow.
        progress: True always shows a bar, False never, None when the work is long.

    Raises:
        OptionError: A value outside what is valid.
    """

    text: Hashable | None = None
    part_rows: int = 10_000
    vectors: str = "float32"
    key: Hashable | None = None
    reuse: str | Path | None = None
    shard: tuple[int, int] | None = None
    device: str | Sequence[str] | None = None
    errors: OnError = "raise"
    filesystem: Any = None
    progress: bool | None = None

    def __post_init__(self) -> None:
        if self.device is not None:
            names = (self.device,) if isinstance(self.device, str) else tuple(self.device)
            object.__setattr__(self, "device", names)
        checks = {
            "part_rows": (
                type(self.part_rows) is int and self.part_rows >= 1,
                "are whole numbers from 1 on: texts of a part",
            ),
            "vectors": (self.vectors in VECTORS, f"are {', '.join(VECTORS)}"),
            "errors": (self.errors in get_args(OnError), f"are {', '.join(get_args(OnError))}"),
            "shard": (
                _is_shard_or_none(self.shard),
                "is (number, count), numbers from 0 on: (0, 4) to (3, 4)",
            ),
            "device": (
                self.device is None or _are_names(self.device),
                'is a list of devices such as ["cuda:0", "cuda:1"]',
            ),
        }
        for name, (is_valid, valid) in checks.items():
            if not is_valid:
                raise OptionError(f"{name} is {getattr(self, name)!r}; valid {valid}.")
        if self.reuse is not None and self.key is None:
            raise OptionError(
                f"reuse={str(self.reuse)!r} needs key=, the column that says which text is which."
            )


@dataclass(frozen=True)
class FolderArguments:
    """Where a dataset is written.

    Attributes:
        folder: On this machine, or an address such as ``s3://bucket/folder``; new, or begun by the
            same call.
    """

    folder: str | Path


@dataclass(frozen=True, kw_only=True)
class ParquetArguments(Settings, FrameArguments, FolderArguments):
    """What ``to_parquet`` is asked for: where, which frame, and how it is written."""

    positions: bool = True


def _is_shard_or_none(value: object) -> bool:
    match value:
        case None:
            return True
        case [bool(), _] | [_, bool()]:
            return False
        case [int(number), int(count)]:
            return 0 <= number < count
    return False


def _are_names(value: Sequence[object]) -> bool:
    return len(value) > 0 and all(isinstance(name, str) for name in value)
