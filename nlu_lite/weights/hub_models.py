"""Models of the hub as a whole: what the hub says of one, and taking one out of the cache."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from nlu_lite.errors import DownloadError, NluLiteError, WeightsNotFoundError
from nlu_lite.weights.hub import LIST_TIMEOUT, MAIN
from nlu_lite.weights.model_files import SHARD, WEIGHT_FILES, list_model_files, select_model_files
from nlu_lite.weights.module_folders import MODULES_FILE
from nlu_lite.weights.transfer import call_hub

if TYPE_CHECKING:
    from nlu_lite.registry import HubSource

Refusal = Literal["gated", "gone", "unreachable"]
_WEIGHT_SUFFIXES = (".safetensors", ".bin")
_NO_LICENSE = ("other", "unknown")
_LICENSE_TAG = "license:"


@dataclass(frozen=True, kw_only=True)
class HubModel:
    """What the hub says of a model.

    ``name`` is its id today, which differs from the one asked for where it was renamed. ``size`` is
    the bytes to fetch, at most; ``license`` is None where its card names none.
    """

    name: str
    size: int
    license: str | None


def describe_hub_model(source: HubSource) -> HubModel:
    """Ask the hub for the id, size and licence of a model.

    Raises:
        DownloadError: The hub cannot be reached, does not answer, or refuses.
        WeightsNotFoundError: The revision does not exist there.
    """
    from huggingface_hub import HfApi

    subject = f"{source.hub} at revision {source.revision or MAIN!r}"
    info = call_hub(
        lambda: HfApi().model_info(
            source.hub,
            revision=source.revision or MAIN,
            files_metadata=True,
            timeout=LIST_TIMEOUT,
        ),
        subject,
    )
    sizes = {sibling.rfilename: sibling.size or 0 for sibling in info.siblings or ()}
    names = set(select_model_files(sizes))
    if MODULES_FILE in sizes:
        # Which folders its modules lie in is known once the list is fetched.
        names |= {name for name in sizes if _holds_weights(name)}
    size = sum(sizes[name] for name in names)
    return HubModel(name=str(info.id or source.hub), size=size, license=_read_license(info))


def _holds_weights(name: str) -> bool:
    base = PurePosixPath(name).name
    return base in WEIGHT_FILES or SHARD.fullmatch(base) is not None


def _read_license(info: Any) -> str | None:  # noqa: ANN401 - huggingface_hub's ModelInfo
    stated = getattr(info.card_data, "license", None)
    tags = [tag for tag in info.tags or () if str(tag).startswith(_LICENSE_TAG)]
    if not stated and tags:
        stated = tags[0].removeprefix(_LICENSE_TAG)
    is_named = isinstance(stated, str) and bool(stated) and stated not in _NO_LICENSE
    return stated if is_named else None


def classify_refusal(error: NluLiteError) -> Refusal | None:
    """Why a model did not come: its terms, no such model, or a hub that may answer later.

    None where the hub is not the reason.
    """
    cause = type(error.__cause__).__name__
    if cause == "GatedRepoError":
        return "gated"
    if cause in ("RepositoryNotFoundError", "HFValidationError"):
        return "gone"
    if isinstance(error, DownloadError):
        return "unreachable"
    return "gone" if isinstance(error, WeightsNotFoundError) else None


def measure_weights(folder: Path) -> int:
    """The bytes of the weights of a model's folder."""
    names = list_model_files(folder)
    return sum((folder / name).stat().st_size for name in names if name.endswith(_WEIGHT_SUFFIXES))


def is_in_cache(name: str) -> bool:
    """Whether the cache holds anything of a model of the hub."""
    return _store_of(name).is_dir()


def measure_cached(name: str) -> int:
    """The bytes that a model of the hub takes in the cache, links not counted."""
    paths = _store_of(name).rglob("*")
    return sum(path.stat().st_size for path in paths if path.is_file() and not path.is_symlink())


def remove_from_cache(name: str) -> None:
    """Delete all that the cache holds of a model of the hub.

    Raises:
        DownloadError: It cannot be deleted.
    """
    store = _store_of(name)
    for folder in (store, store.parent / ".locks" / store.name):
        try:
            if folder.is_dir():
                shutil.rmtree(folder)
        except OSError as error:
            raise DownloadError(
                f"{folder} cannot be deleted: {error}. Delete it by hand, or choose another place "
                f"with HF_HUB_CACHE."
            ) from error


def _store_of(name: str) -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE, f"models--{name.replace('/', '--')}")
