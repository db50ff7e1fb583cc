"""What a registry file may say: frozen, strict records, unknown keys refused."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
)

from nlu_lite.registry.task_kinds import TASK_KINDS, TEXT_VECTORS, WORD_VECTORS

Architecture = Literal[
    "albert",
    "bart",
    "bert",
    "camembert",
    "deberta",
    "deberta-v2",
    "distilbert",
    "electra",
    "gemma3_text",
    "longformer",
    "modernbert",
    "mpnet",
    "qwen3",
    "roberta",
    "t5",
    "xlm-roberta",
    "xlnet",
]
TokenizerKind = Literal["wordpiece", "bpe", "sentencepiece", "bert_japanese"]
Task = Literal[
    "embed",
    "embed_sentence",
    "token_classification",
    "text_classification",
    "zero_shot",
    "question_answering",
    "translation",
]
Pooling = Literal["mean", "cls", "pooler", "last", "max", "weighted", "mean_text", "second_to_last"]
Verified = Literal["golden", "opened", "unverified"]

ARCHITECTURES: tuple[str, ...] = get_args(Architecture)
TOKENIZER_KINDS: tuple[str, ...] = get_args(TokenizerKind)
TASK_NAMES: tuple[str, ...] = get_args(Task)
DEFAULT_LANGUAGE = "en"
# NLU\'s code for models of several languages; it says nothing about the text\'s own.
MULTILINGUAL = "xx"

Text = Annotated[str, StringConstraints(min_length=1, strict=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]


def is_inside(path: str) -> bool:
    """Whether a relative path written with ``/`` stays inside the folder it is joined to."""
    parts = PurePosixPath(path)
    return (
        bool(path)
        and not parts.is_absolute()
        and ".." not in parts.parts
        and not re.search(r"[\\:\x00]", path)
    )


class Record(BaseModel):
    """Base of all records: frozen, strict types, unknown keys refused."""

    # Names that begin with "model_" are ours, of which older versions of pydantic warn.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", protected_namespaces=())


class _Files(Record):
    sha256: dict[Text, Sha256] = Field(default_factory=dict)

    @field_validator("sha256")
    @classmethod
    def _names_stay_inside(cls, value: dict[str, str]) -> dict[str, str]:
        if outside := [name for name in value if not is_inside(name)]:
            raise ValueError(
                f"file names must be relative and stay inside the folder, not {outside}"
            )
        return value


class PackageSource(_Files):
    """An installed Python package that carries the files; found by its metadata, never imported."""

    package: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+_-]+$", strict=True),
    ]
    folder: Text

    @field_validator("folder")
    @classmethod
    def _folder_stays_inside(cls, value: str) -> str:
        if not is_inside(value):
            raise ValueError(f"must be a relative path inside the package, not {value!r}")
        return value

    @field_validator("sha256")
    @classmethod
    def _weights_are_pinned(cls, value: dict[str, str]) -> dict[str, str]:
        if not any(name.endswith((".safetensors", ".bin")) for name in value):
            raise ValueError("a package source needs the sha256 of its weights file")
        return value

    @property
    def name(self) -> str:
        """Name of the distribution, without the version."""
        return self.package.partition("==")[0]

    @property
    def version(self) -> str:
        """Version the sha256 values belong to."""
        return self.package.partition("==")[2]


class FolderSource(_Files):
    """A folder on this machine; a relative path starts at the registry file, ``~`` is home."""

    path: Text


class HubSource(_Files):
    """A model of the Hugging Face hub, at a revision if one is named."""

    hub: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?$", strict=True)
    ]
    revision: Text | None = None


def _source_kind(value: Any) -> str | None:  # noqa: ANN401 - whatever the file holds
    keys = ("package", "path", "hub")
    if isinstance(value, dict):
        return next((key for key in keys if key in value), None)
    return next((key for key in keys if hasattr(value, key)), None)


Source = Annotated[
    Annotated[PackageSource, Tag("package")]
    | Annotated[FolderSource, Tag("path")]
    | Annotated[HubSource, Tag("hub")],
    Discriminator(
        _source_kind,
        custom_error_type="source_kind",
        custom_error_message="a source is {package: ..., folder: ...}, {path: ...} or {hub: ...}",
    ),
]


class Model(Record):
    """Where a model's files lie and what is known about it; a fact that is absent is unknown.

    ``dimension`` is the width of one vector, ``layers`` the number of transformer layers,
    ``max_length`` the longest sequence in pieces, special ones counted, ``size_mb`` the size of the
    weights file in units of 10**6 bytes.
    """

    sources: Annotated[tuple[Source, ...], Field(strict=False, min_length=1)]
    architecture: Architecture
    tokenizer: TokenizerKind | None = None
    dimension: Count | None = None
    layers: Count | None = None
    max_length: Count | None = None
    lowercase: bool | None = None
    license: Text | None = None
    size_mb: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class Reference(Record):
    """One name users load: a model, what is done with it, and how far that is proven.

    ``max_length`` (pieces) and the three facts about sentences override the model's, since two
    references on one model may differ in them.
    """

    model: Text
    task: Task
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$", strict=True)]
    spark_name: Text | None = None
    verified: Verified = "unverified"
    pooling: Pooling | None = None
    normalize: bool | None = None
    prompts: dict[Text, Annotated[str, StringConstraints(strict=True)]] | None = None
    max_length: Count | None = None

    @field_validator("pooling", "normalize", "prompts")
    @classmethod
    def _only_for_sentences(cls, value: object, info: Any) -> object:  # noqa: ANN401 - pydantic's ValidationInfo
        kind, name = TASK_KINDS.get(str(info.data.get("task"))), info.field_name
        if value is None or kind is TEXT_VECTORS:
            return value
        if kind is WORD_VECTORS and name != "pooling":
            return value
        raise ValueError(f"{name} belongs to references of task embed_sentence")


class EntryFacts(Record):
    """What a saved pipeline says of an entry: all but its sources."""

    request: Text
    model_name: Text
    reference: Text | None = None
    task: Task | None = None
    language: Text | None = None
    architecture: Text | None = None
    tokenizer: TokenizerKind | None = None
    dimension: Count | None = None
    layers: Count | None = None
    max_length: Count | None = None
    lowercase: bool | None = None
    license: Text | None = None
    size_mb: float | None = None
    spark_name: Text | None = None
    verified: Verified = "unverified"
    pooling: Pooling | None = None
    normalize: bool | None = None
    prompts: dict[Text, str] | None = None
    origin: str
