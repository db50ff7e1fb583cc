"""A file that has its name only when it is complete."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from nlu_lite.errors import NluLiteError, OutputError


@contextlib.contextmanager
def draft_file(target: Path) -> Iterator[Path]:
    """A file beside another to write to, which takes its name when all went well.

    Args:
        target: The other; what it held before is replaced then.

    Yields:
        The path to write to; a file is there.

    Raises:
        OutputError: The file cannot be written.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.touch()  # before the work that fills it
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    except NluLiteError:
        raise
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written: {error}. Nothing is there under that name that was not "
            f"before."
        ) from error
    finally:
        with contextlib.suppress(OSError):  # such as a folder that is none, which is said already
            draft.unlink(missing_ok=True)
