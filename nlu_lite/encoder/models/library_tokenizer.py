"""Tokenizer files -> a tokenizer of transformers: of the class that it chooses, or an entry says.

Local files only; code that a folder brings is never run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nlu_lite.encoder.models.complete_tokenizer import BERT_TYPES
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.encoder.models.tokenizer_files import TokenizerFolder
from nlu_lite.errors import ModelError, NluLiteError, brief
from nlu_lite.registry import is_inside

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

# Classes that find words by programs of their own and tell no offsets, some with a vocab.txt that
# looks like WordPiece's. They are refused before their programs are asked for.
_WITHOUT_OFFSETS = ("BertJapaneseTokenizer", "BertweetTokenizer", "PhobertTokenizer")
# transformers' classes that know how each architecture numbers the pieces of SentencePiece's file.
_SENTENCEPIECE_CLASSES = {
    "albert": "AlbertTokenizer",
    "camembert": "CamembertTokenizer",
    "deberta-v2": "DebertaV2Tokenizer",
    "t5": "T5Tokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
    "xlnet": "XLNetTokenizer",
}
# Files that a class cannot do without where there is no tokenizer.json. transformers makes a
# tokenizer of five entries where they are missing, without a word.
_NEEDED = ("vocab_file", "merges_file", "spm_file")
# What transformers takes in place of them.
_SUBSTITUTES = {"tokenizer.model", "tiktoken.model", "tekken.json"}
# One entry with capitals in so many is no accident.
_ENTRIES_A_CAPITAL = 100


def make_auto_tokenizer(files: TokenizerFolder, entry: Entry) -> Any:  # noqa: ANN401
    """What ``AutoTokenizer`` makes of a folder.

    Args:
        files: The folder.
        entry: Says the architecture and whether it lower-cases, where the folder does not.

    Raises:
        ModelError: It tells no offsets, the files of its class are not there, or the folder does
            not say whether capitals count.
    """
    from transformers import AutoTokenizer

    extra: dict[str, Any] = {"config": _make_config(files, entry)}
    has_wordpiece = "vocab.txt" in files.names or files.model_type in BERT_TYPES
    if has_wordpiece and entry.lowercase is not None:
        extra["do_lower_case"] = files.settings.get("do_lower_case", entry.lowercase)
    try:
        tokenizer = _read(files, AutoTokenizer, **extra)
    except NluLiteError:
        raise
    except Exception as error:  # whatever the classes raise for files that they cannot use
        reason = _explain(files, error)
        if reason is None:
            raise
        raise reason from error
    if not getattr(tokenizer, "is_fast", False):
        raise _make_offsets_error(files, type(tokenizer).__name__)
    _check_files(files, type(tokenizer))
    if extra.keys() == {"config"}:
        _refuse_lost_capitals(files, tokenizer)
    return tokenizer


def make_described_tokenizer(files: TokenizerFolder, entry: Entry) -> Any:  # noqa: ANN401
    """The tokenizer of a folder of 2020, which does not say of which class it is.

    Args:
        files: The folder.
        entry: Describes it.

    Raises:
        ModelError: There are no files of the kind that it describes.
    """
    import transformers

    kind = entry.tokenizer
    extra = {}
    if "vocab.txt" in files.names and kind in (None, "wordpiece"):
        pieces = (files.path / "vocab.txt").read_text(encoding="utf-8").splitlines()
        # MPNet's own vocabulary has RoBERTa's special pieces; folders with BERT's exist.
        is_mpnet = entry.architecture == "mpnet" and "<s>" in pieces
        name = "MPNetTokenizer" if is_mpnet else "BertTokenizer"
        extra["do_lower_case"] = _lowercases(files, entry, pieces)
    elif "merges.txt" in files.names and kind in (None, "bpe"):
        name = "RobertaTokenizer"
    elif files.sentencepiece_names and kind in (None, "sentencepiece"):
        name = _find_sentencepiece_class(files, entry)
    else:
        raise ModelError(
            f"No tokenizer of kind {kind or 'unknown'} in {files.path}: there must be a "
            f"tokenizer.json, or a vocab.txt for kind 'wordpiece', or a vocab.json with a "
            f"merges.txt for kind 'bpe', or a file of SentencePiece such as spiece.model for kind "
            f"'sentencepiece'. Found: {_list_files(files)}."
        )
    tokenizer_class = getattr(transformers, name)
    _check_files(files, tokenizer_class)
    return _read(files, tokenizer_class, **extra)


def refuse_without_offsets(files: TokenizerFolder, entry: Entry) -> None:
    """Refuse the classes that are known not to tell where a piece stands in the text.

    Raises:
        ModelError: The folder or the entry names one of them.
    """
    if files.class_name in _WITHOUT_OFFSETS:
        raise _make_offsets_error(files, str(files.class_name))
    if entry.tokenizer == "bert_japanese" and not files.is_complete:
        raise _make_offsets_error(files, "BertJapaneseTokenizer")


def _is_without_offsets(class_name: str | None) -> bool:
    """Whether a class of transformers is known to have no part of the tokenizers library inside."""
    import transformers

    named: Any = getattr(transformers, class_name or "", None)
    return isinstance(named, type) and not issubclass(named, transformers.PreTrainedTokenizerFast)


def _make_offsets_error(files: TokenizerFolder, kind: str) -> ModelError:
    return ModelError(
        f"The tokenizer of {files.path} is a {kind}, which does not tell where in the text its "
        f"pieces stand. Vectors could be given to words by counting only, and would be wrong "
        f"without a word, so the model is not served. Multilingual models (xx.embed.bert, "
        f"xx.embed.xlm_roberta_large) read most languages."
    )


def _explain(files: TokenizerFolder, error: Exception) -> ModelError | None:
    """What it means that transformers cannot read a folder, where that is known."""
    import transformers

    name = files.class_name
    if _is_without_offsets(name):
        return _make_offsets_error(files, str(name))
    if "vocab.json" in files.names and "merges.txt" not in files.names:
        return ModelError(
            f"{files.path} holds vocab.json without merges.txt, which says how its pieces are "
            f"joined, and no tokenizer.json. Add the file from where the model was published."
        )
    if isinstance(error, ImportError):
        return ModelError(
            f"The tokenizer of {files.path} is of a kind that transformers reads with another "
            f"package: {error!s:.300} Such tokenizers do not tell where in the text their pieces "
            f"stand, so installing it would not help. Take another model."
        )
    if "auto_map" in files.settings and not hasattr(transformers, name or ""):
        return ModelError(
            f"The tokenizer of {files.path} is a {brief(name)}, made by code that lies in the "
            f"folder. Such code is never run. Save it as a tokenizer.json, which needs no code."
        )
    return None


def _make_config(files: TokenizerFolder, entry: Entry) -> Any:  # noqa: ANN401
    """What of the model's configuration bears on the choice of a class."""
    from transformers import CONFIG_MAPPING, PreTrainedConfig

    architecture = files.model_type or entry.architecture or ""
    with quiet_transformers():
        is_known = architecture in CONFIG_MAPPING
        config = CONFIG_MAPPING[architecture]() if is_known else PreTrainedConfig()
    config.tokenizer_class = files.config.get("tokenizer_class")
    if isinstance(files.config.get("model_name"), str):
        config.model_name = files.config["model_name"]
    return config


def _read(files: TokenizerFolder, maker: Any, **extra: Any) -> Any:  # noqa: ANN401
    """What a class of transformers makes of a folder, of files in it and no others."""
    _refuse_paths(files)
    named = [name for name in files.settings if name.endswith("_file")]
    with quiet_transformers():
        return maker.from_pretrained(
            str(files.path),
            local_files_only=True,
            trust_remote_code=False,
            **dict.fromkeys(named),
            **extra,
        )


def _refuse_paths(files: TokenizerFolder) -> None:
    """Raise ModelError where a setting is a path of a file to be read."""
    paths = [name for name in ("vocab", "merges") if isinstance(files.settings.get(name), str)]
    if files.settings.get("init_inputs"):
        paths.append("init_inputs")
    versions = files.settings.get("fast_tokenizer_files") or []
    if not isinstance(versions, list) or not all(map(_is_plain_name, versions)):
        paths.append("fast_tokenizer_files")
    if paths:
        raise ModelError(
            f"{files.path / 'tokenizer_config.json'} says {paths[0]} "
            f"{brief(files.settings[paths[0]])}, which may be a path outside of the folder. It is "
            f"refused; take it out of the file."
        )


def _is_plain_name(name: Any) -> bool:  # noqa: ANN401 - of a file
    return isinstance(name, str) and "/" not in name and is_inside(name)


def _check_files(files: TokenizerFolder, tokenizer_class: Any) -> None:  # noqa: ANN401
    """Raise ModelError where the files that a class of transformers reads are not there."""
    if files.is_complete:
        return
    roles = tokenizer_class.vocab_files_names
    needed = [roles[role] for role in _NEEDED if role in roles]
    missing = [name for name in needed if name not in files.names]
    if not missing or files.names & _SUBSTITUTES:
        return
    raise ModelError(
        f"The tokenizer of {files.path} is a {tokenizer_class.__name__}, which is read from "
        f"{' and '.join(needed)} or a tokenizer.json; {' and '.join(missing)} is not there. Found: "
        f"{_list_files(files)}. Name the right class as tokenizer_class in tokenizer_config.json, "
        f"or add the file."
    )


def _list_files(files: TokenizerFolder) -> str:
    return ", ".join(sorted(path.name for path in files.path.iterdir() if path.is_file()))


def _find_sentencepiece_class(files: TokenizerFolder, entry: Entry) -> str:
    architecture = entry.architecture or files.model_type
    if architecture not in _SENTENCEPIECE_CLASSES:
        raise ModelError(
            f"How a model of architecture {architecture!r} numbers the pieces of "
            f"{files.path / files.sentencepiece_names[0]} is not known; known are "
            f"{', '.join(_SENTENCEPIECE_CLASSES)}. A tokenizer.json in the folder says it."
        )
    return _SENTENCEPIECE_CLASSES[architecture]


def _lowercases(files: TokenizerFolder, entry: Entry, pieces: list[str]) -> bool:
    """Whether WordPiece lower-cases: as folder, else entry, else vocabulary says."""
    if isinstance(files.settings.get("do_lower_case"), bool):
        return bool(files.settings["do_lower_case"])
    if entry.lowercase is not None:
        return entry.lowercase
    return not any(piece != piece.lower() for piece in pieces if not piece.startswith("["))


def _refuse_lost_capitals(files: TokenizerFolder, tokenizer: Any) -> None:  # noqa: ANN401
    """Raise ModelError where a cased vocabulary would be read in small letters.

    That is what transformers does where a folder does not say it; the vectors would be those of
    other words.
    """
    is_wordpiece = type(tokenizer.backend_tokenizer.model).__name__ == "WordPiece"
    is_lower = is_wordpiece and getattr(tokenizer, "do_lower_case", False)
    if "do_lower_case" in files.settings or not is_lower:
        return
    pieces = tokenizer.backend_tokenizer.get_vocab(with_added_tokens=False)
    capitals = [piece for piece in pieces if piece != piece.lower() and not piece.startswith("[")]
    if len(capitals) * _ENTRIES_A_CAPITAL > len(pieces):
        raise ModelError(
            f"The vocabulary in {files.path} has {len(capitals)} entries with capitals, such as "
            f"{sorted(capitals)[:3]}, and nothing says whether capitals count; transformers would "
            f"read all text in small letters. Say do_lower_case in tokenizer_config.json (false "
            f"where capitals count), or lowercase in a registry entry of your own."
        )
