"""What ``to_parquet`` is asked for beside the frame, checked."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from nlu_lite.errors import OptionError
from nlu_lite.inputs import OnError
from nlu_lite.parquet.layout import VECTORS


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a dataset is written; the fields are described at ``Pipeline.to_parquet``.

    Raises:
        OptionError: A value outside what is valid.
    """

    text: Hashable | None = None
    part_rows: int = 10_000
    vectors: str = "float32"
    key: Hashable | None = None
    reuse: str | Path | None = None
    shard: tuple[int, int] | None = None
    device: tuple[str, ...] | None = None
    errors: OnError = "raise"
    filesystem: Any = None
    progress: bool | None = None

    def __post_init__(self) -> None:
        if (
            isinstance(self.part_rows, bool)
            or not isinstance(self.part_rows, int)
            or self.part_rows < 1
        ):
            raise OptionError(
                f"part_rows is {self.part_rows!r}; valid are whole numbers from 1 on: texts of a "
                f"part."
            )
        if self.vectors not in VECTORS:
            raise OptionError(f"vectors is {self.vectors!r}; valid are {', '.join(VECTORS)}.")
        if self.errors not in get_args(OnError):
            raise OptionError(
                f"errors is {self.errors!r}; valid are {', '.join(get_args(OnError))}."
            )
        if self.reuse is not None and self.key is None:
            raise OptionError(
                f"reuse={str(self.reuse)!r} needs key=, the column that says which text is which."
            )
        self._check_shard()
        if self.device is not None and (
            not self.device or not all(isinstance(name, str) for name in self.device)
        ):
            raise OptionError(
                f'device is {self.device!r}; valid is a list of devices such as ["cuda:0", '
                f'"cuda:1"].'
            )

    def _check_shard(self) -> None:
        if self.shard is None:
            return
        numbers = self.shard if isinstance(self.shard, (tuple, list)) else ()
        is_pair = len(numbers) == 2 and all(
            isinstance(n, int) and not isinstance(n, bool) for n in numbers
        )
        if not is_pair or not 0 <= numbers[0] < numbers[1]:
            raise OptionError(
                f"shard is {self.shard!r}; valid is (number, count), numbers from 0 on: (0, 4) to "
                f"(3, 4)."
            )

    @property
    def lane(self) -> tuple[int, int]:
        """Number and count of the shard; the whole is the only one."""
        return (0, 1) if self.shard is None else (self.shard[0], self.shard[1])
