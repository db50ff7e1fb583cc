"""Every tokenizer class of the installed transformers that can be made without a download: a tiny
vocabulary, the class, and the folders that hold it."""

from __future__ import annotations

import functools
import importlib
import inspect
import io
import json
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sentencepiece
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import (
    CONFIG_MAPPING,
    AutoTokenizer,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from nlu_lite.encoder.models.pieces import load_tokenizer
from nlu_lite.errors import NluLiteError
from nlu_lite.registry import Entry
from tests.helpers.families import CORPUS

LINES = [line for text in CORPUS for line in text.splitlines() if line.strip()][:400]
ENTRY = Entry(
    request="x",
    reference=None,
    task="embed",
    language=None,
    model_name="x",
    sources=(),
)
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "<pad>", "</s>", "<unk>", "<mask>")


def find_classes() -> dict[str, type]:
    """The tokenizer classes of transformers, by name."""
    classes: dict[str, type] = {}
    for package in pkgutil.iter_modules(transformers.models.__path__):
        folder = importlib.import_module(f"transformers.models.{package.name}")
        for module in pkgutil.iter_modules(getattr(folder, "__path__", [])):
            if not module.name.startswith("tokenization_"):
                continue
            try:
                content = importlib.import_module(f"{folder.__name__}.{module.name}")
            except (ImportError, NameError):  # It needs a package that is not here.
                continue
            for kind in vars(content).values():
                is_class = inspect.isclass(kind) and issubclass(kind, PreTrainedTokenizerBase)
                if is_class and kind.__module__ == content.__name__:
                    classes.setdefault(kind.__name__, kind)
    return dict(sorted(classes.items()))


def special_names(kind: type) -> list[str]:
    """The special pieces that a class has unless it is told otherwise."""
    parameters = inspect.signature(kind.__init__).parameters.values()
    defaults = [item.default for item in parameters if item.name.endswith("_token")]
    return [str(default) for default in defaults if isinstance(default, str)]


@functools.cache
def trained(kind: str, specials: tuple[str, ...]) -> dict[str, Any]:
    """The model of a tokenizer, as tokenizer.json has it."""
    common = {"special_tokens": list(specials), "show_progress": False, "vocab_size": 700}
    if kind == "WordPiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token=specials[0]))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer: Any = trainers.WordPieceTrainer(**common)
    elif kind == "Unigram":
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(**common, unk_token=specials[0])
    elif kind == "WordLevel":
        tokenizer = Tokenizer(models.WordLevel(unk_token=specials[0]))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        trainer = trainers.WordLevelTrainer(**common)
    else:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(**common, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(LINES, trainer)
    model: dict[str, Any] = json.loads(tokenizer.to_str())["model"]
    return model


@functools.cache
def sentencepiece_model(model_type: str) -> bytes:
    content = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES),
        model_writer=content,
        vocab_size=700,
        minloglevel=2,
        model_type=model_type,
        byte_fallback=model_type == "bpe",
        pad_id=3,
        control_symbols=["[CLS]", "[SEP]", "<cls>", "<sep>"],
    )
    return content.getvalue()


def all_specials(kind: type) -> tuple[str, ...]:
    own = special_names(kind)
    unknown = [name for name in own if "unk" in name.lower()]
    return tuple(dict.fromkeys([*unknown, *own, *SPECIALS]))


def make_of_vocabulary(kind: Any) -> Any:
    """An object of a class with the tokenizers library inside."""
    model_name = getattr(kind.model, "__name__", "BPE") if kind.model is not None else "BPE"
    model = trained(model_name, all_specials(kind))
    if model_name == "BPE":
        merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in model["merges"]]
        return kind(vocab=dict(model["vocab"]), merges=merges)
    if model_name == "Unigram":
        return kind(vocab=[tuple(item) for item in model["vocab"]])
    return kind(vocab=dict(model["vocab"]))


def write_vocabulary_files(kind: Any, folder: Path) -> None:
    """The files that a class names, all made of the same corpus."""
    names = kind.vocab_files_names
    model_name = getattr(getattr(kind, "model", None), "__name__", None)
    specials = all_specials(kind)
    for role, name in names.items():
        if role in ("tokenizer_file", "tokenizer_config_file"):
            continue
        path = folder / name
        if name.endswith(".model") or role in ("spm_file", "source_spm", "target_spm"):
            path.write_bytes(sentencepiece_model("bpe" if model_name == "BPE" else "unigram"))
        elif name == "merges.txt" or role == "merges_file":
            merges = trained("BPE", specials)["merges"]
            pairs = (merge if isinstance(merge, str) else " ".join(merge) for merge in merges)
            path.write_text("#version: 0.2\n" + "\n".join(pairs) + "\n", encoding="utf-8")
        elif name.endswith(".json"):
            vocabulary = trained("BPE", specials)["vocab"]
            path.write_text(json.dumps(vocabulary), encoding="utf-8")
        else:
            vocabulary = trained("WordPiece", specials)["vocab"]
            lines = sorted(vocabulary, key=vocabulary.get)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def model_type_of(kind: type) -> str:
    """The architecture of the class's own package; BERT's where it is none."""
    package = kind.__module__.split(".")[2]
    names = (package, package.replace("_", "-"))
    return next((name for name in names if name in CONFIG_MAPPING), "bert")


def saved(kind: Any, folder: Path) -> None:
    """As the class itself saves it."""
    if issubclass(kind, PreTrainedTokenizerFast):
        tokenizer = make_of_vocabulary(kind)
    else:
        tokenizer = make_of_files(kind, folder)
    tokenizer.save_pretrained(folder)


def make_of_files(kind: Any, folder: Path) -> Any:
    write_vocabulary_files(kind, folder)
    files = {role: str(folder / name) for role, name in kind.vocab_files_names.items()}
    parameters = inspect.signature(kind.__init__).parameters
    return kind(**{role: path for role, path in files.items() if role in parameters})


def vocabulary_files(kind: Any, folder: Path) -> None:
    """As the hub has older ones: vocabulary files, and the class's name."""
    write_vocabulary_files(kind, folder)
    settings = {"tokenizer_class": kind.__name__}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def fast_file_alone(kind: Any, folder: Path) -> None:
    """A tokenizer.json, and the class's name."""
    saved(kind, folder)
    for path in folder.iterdir():
        if path.name != "tokenizer.json":
            path.unlink()
    settings = {"tokenizer_class": kind.__name__}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def with_added(kind: Any, folder: Path) -> None:
    """As the class saves it, with pieces added by a user."""
    if issubclass(kind, PreTrainedTokenizerFast):
        tokenizer = make_of_vocabulary(kind)
    else:
        tokenizer = make_of_files(kind, folder)
    tokenizer.add_tokens(["covid19", "zz top"])
    tokenizer.add_special_tokens({"additional_special_tokens": ["<ent>"]})
    tokenizer.save_pretrained(folder)


LAYOUTS: dict[str, Callable[[Any, Path], None]] = {
    "saved": saved,
    "vocabulary files": vocabulary_files,
    "tokenizer.json and a class": fast_file_alone,
    "with added pieces": with_added,
}


def make_folders(root: Path) -> Iterator[tuple[str, str, Path | str]]:
    """Folders of all classes: the class's name, the layout, and the folder or why there is none."""
    for name, kind in find_classes().items():
        for layout, write in LAYOUTS.items():
            folder = root / f"{name}-{layout}"
            folder.mkdir()
            try:
                write(kind, folder)
            except Exception as error:  # noqa: BLE001 - whatever a class asks for that is not here
                yield name, layout, f"{type(error).__name__}: {error!s:.200}"
                continue
            config = {"model_type": model_type_of(kind)}
            (folder / "config.json").write_text(json.dumps(config))
            yield name, layout, folder


def compare(folder: Path, texts: list[str]) -> str:
    """What comes of a folder: ``equal`` where the ids of all texts are those of AutoTokenizer,
    ``refused: ...`` with the error's first words, or that transformers itself makes nothing of it;
    everything else fails."""
    try:
        library = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        expected = [list(library(text).input_ids) for text in texts]
        size = len(library)
    except Exception:  # noqa: BLE001 - whatever is wrong with the files, or more than text is wanted
        expected = size = None
    try:
        tokenizer = load_tokenizer(folder, ENTRY, vocabulary_size=size)
        ids = [tokenizer.encode_with_specials(text) for text in texts]
    except NluLiteError as error:
        reason = f"refused: {str(error).replace(str(folder), 'it')}"
        return "not made by transformers" if expected is None else reason
    assert ids == expected, f"{folder} has other ids than AutoTokenizer"
    return "equal"
