"""What is remembered of a proof that takes a night, so that the next run goes on from there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.errors import RegistryError

if TYPE_CHECKING:
    from nlu_lite.verification.checks import Finding

FORMAT = 1
SUFFIX = ".proof.json"


@dataclass(kw_only=True)
class Night:
    """The models that are done, and those of the hub that were fetched for it.

    Attributes:
        path: Where it is kept.
        writes: Whether what is proven is written; what was done without that is done anew with it.
        models: Model -> the rows of its report.
        fetched: Id on the hub -> bytes in the cache; only what was not there before, the oldest
            first.
    """

    path: Path
    writes: bool
    models: dict[str, list[list[Any]]] = field(default_factory=dict)
    fetched: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, *, writes: bool) -> Night:
        """What a run before this one left; nothing is done yet where it left nothing.

        Raises:
            RegistryError: The file is no such state.
        """
        night = cls(path=path, writes=writes)
        if not path.exists():
            return night
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ValueError(f"the format {content['format']!r}")
            night.fetched = {str(name): int(size) for name, size in content["fetched"].items()}
            models = {str(name): list(rows) for name, rows in content["models"].items()}
            has_all = bool(content["writes"]) or not writes
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RegistryError(
                f"{path} is not what a proof left: {error!r:.200}. Delete it to begin anew."
            ) from error
        night.models = models if has_all else {}
        night.writes = writes or bool(content["writes"])
        return night

    def add_model(self, name: str, findings: Sequence[Finding]) -> None:
        """Remember that a model is done."""
        self.models[name] = as_rows(findings)
        self.save()

    def save(self) -> None:
        """Write it down.

        Raises:
            RegistryError: The file cannot be written.
        """
        content = {
            "format": FORMAT,
            "writes": self.writes,
            "fetched": self.fetched,
            "models": self.models,
        }
        draft = self.path.with_name(f"{self.path.name}.tmp")
        try:
            draft.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise RegistryError(f"{self.path} cannot be written: {error}") from error

    def end(self) -> None:
        """Forget it: all models are done."""
        self.path.unlink(missing_ok=True)


def as_rows(findings: Sequence[Finding]) -> list[list[Any]]:
    """The findings as rows of a report, of values that JSON has."""
    rows = [astuple(finding) for finding in findings]
    plain: list[list[Any]] = json.loads(json.dumps(rows, default=str))
    return plain
