"""Every architecture, tokenizer kind and pooling that the registry holds: served by a hub, loaded
by a reference."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from transformers import AutoModel, T5EncoderModel

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.encoder.models import vocabulary
from nlu_lite.errors import ModelError
from nlu_lite.registry import TASK_KINDS
from tests.helpers import families
from tests.helpers.equal import assert_equal

TEXTS = ["I love NLP", "The grammar of the language, “defined” here: 50% of it!", "one"]


@dataclasses.dataclass(frozen=True)
class Kind:
    """What references of the registry may differ in; the size of the model is not among it."""

    architecture: str
    tokenizer: str | None
    task: str
    pooling: str | None
    normalize: bool | None

    def __str__(self) -> str:
        return "-".join(str(value) for value in dataclasses.astuple(self) if value is not None)


def kinds() -> list[Kind]:
    entries = (registry.current().entry(name) for name in registry.current().references)
    kinds = {Kind(e.architecture, e.tokenizer, e.task, e.pooling, e.normalize) for e in entries}
    return sorted(kinds, key=str)


# The name of each architecture's file, and how it is trained.
SENTENCEPIECE = {
    "albert": (
        "spiece.model",
        {
            "pad_id": 0,
            "unk_id": 1,
            "bos_id": -1,
            "eos_id": -1,
            "control_symbols": ["[CLS]", "[SEP]"],
        },
    ),
    "xlm-roberta": ("sentencepiece.bpe.model", {}),
    "camembert": ("sentencepiece.bpe.model", {}),
    "xlnet": ("spiece.model", {"control_symbols": ["<cls>", "<sep>", "<pad>"]}),
    "t5": ("spiece.model", {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}),
    "deberta-v2": (
        "spm.model",
        {
            "pad_id": 0,
            "bos_id": 1,
            "eos_id": 2,
            "unk_id": 3,
            "bos_piece": "[CLS]",
            "eos_piece": "[SEP]",
            "unk_piece": "[UNK]",
        },
    ),
}


def vocabulary_files(kind: Kind, folder: Path) -> None:
    """Put the tokenizer files of the kind in place of tokenizer.json, as older folders have
    them."""
    complete = folder / "tokenizer.json"
    if kind.tokenizer == "sentencepiece":
        name, settings = SENTENCEPIECE[kind.architecture]
        content = io.BytesIO()
        lines = (line for text in families.CORPUS for line in text.splitlines() if line.strip())
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines, model_writer=content, vocab_size=800, minloglevel=2, **settings
        )
        (folder / name).write_bytes(content.getvalue())
        complete.unlink()
        return
    model = json.loads(complete.read_text())["model"]
    if kind.tokenizer in ("wordpiece", "bert_japanese"):
        (folder / "vocab.txt").write_text(
            "\n".join(sorted(model["vocab"], key=model["vocab"].get)) + "\n"
        )
        complete.unlink()
    elif kind.tokenizer == "bpe":
        (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
        merges = (" ".join(pair) if isinstance(pair, list) else pair for pair in model["merges"])
        (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
        complete.unlink()


def entry_of(kind: Kind):
    facts = {"request": "x", "reference": None, "language": None, "model_name": "x", "sources": ()}
    return registry.Entry(**facts | dataclasses.asdict(kind))


@torch.inference_mode()
def direct(
    kind: Kind, folder: Path, text: str
) -> tuple[np.ndarray, np.ndarray | None, list[tuple[int, int] | None]]:
    """The model's own forward over one text: (pieces, dimension), its pooler's output, the pieces'
    spans."""
    model = (
        (T5EncoderModel if kind.architecture == "t5" else AutoModel).from_pretrained(folder).eval()
    )
    tokenizer = vocabulary.read_tokenizer(folder, entry_of(kind))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encoding = tokenizer.encode(text)
    output = model(
        input_ids=torch.tensor([encoding.ids]),
        attention_mask=torch.ones(1, len(encoding.ids), dtype=torch.long),
    )
    pooled = output.pooler_output[0].numpy() if kind.pooling == "pooler" else None
    # Neither the special pieces nor SentencePiece's bare space sign belong to a word.
    no_word = [
        special or token == "▁"
        for special, token in zip(encoding.special_tokens_mask, encoding.tokens, strict=True)
    ]
    spans = [
        None if is_wordless else span
        for is_wordless, span in zip(no_word, encoding.offsets, strict=True)
    ]
    return output.last_hidden_state[0].numpy(), pooled, spans


def expected_vectors(kind: Kind, folder: Path, text: str, words) -> np.ndarray:
    states, pooled, spans = direct(kind, folder, text)
    if kind.task == "embed_sentence":
        vector = {
            "mean": lambda: states.mean(axis=0),
            "cls": lambda: states[0],
            "pooler": lambda: pooled,
        }[kind.pooling]()
        return (vector / np.linalg.norm(vector) if kind.normalize else vector)[None]
    rows = []
    for begin, end in words:
        pieces = [
            n for n, span in enumerate(spans) if span and max(span[0], begin) < min(span[1], end)
        ]
        meaning = [
            n
            for n in pieces
            if any(c.isalnum() for c in text[max(spans[n][0], begin) : min(spans[n][1], end)])
        ]
        rows.append(states[(meaning or pieces)[0]])
    return np.stack(rows)


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if TASK_KINDS[kind.task].gives_vectors], ids=str
)
def test_it_is_served_loaded_and_equal_on_random_weights(kind, hub, own_registry, tmp_path):
    size = 1000 if kind.tokenizer == "sentencepiece" else None
    folder = families.make(tmp_path / "model", kind.architecture, vocabulary=size)
    vocabulary_files(kind, folder)
    hub.add("org/tiny", {path.name: path for path in folder.iterdir()})
    facts = {key: value for key, value in dataclasses.asdict(kind).items() if value is not None}
    model = {"sources": [{"hub": "org/tiny"}]} | {
        key: facts[key] for key in ("architecture", "tokenizer") if key in facts
    }
    reference = {"model": "m", "language": "en"} | {
        key: facts[key] for key in ("task", "pooling", "normalize") if key in facts
    }
    own_registry(json.dumps({"models": {"m": model}, "references": {"en.own.kind": reference}}))
    if kind.tokenizer == "bert_japanese":
        with pytest.raises(ModelError, match="does not tell where"):
            nlu.load("en.own.kind", sentences=None)
        return
    pipe = nlu.load("en.own.kind", sentences=None)
    for text in TEXTS:
        frame = pipe.predict(text, positions=True)
        words = (
            []
            if kind.task == "embed_sentence"
            else [(b, e + 1) for b, e in zip(frame["begin"], frame["end"], strict=True)]
        )
        assert_equal(nlu.vectors(frame), expected_vectors(kind, folder, text, words))


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if not TASK_KINDS[kind.task].gives_vectors], ids=str
)
def test_a_kind_that_gives_labels_is_served_and_loaded(kind, hub, own_registry, tmp_path):
    names = ["contradiction", "neutral", "entailment"] if kind.task == "zero_shot" else None
    folder = families.make_classifier(
        tmp_path / "model", kind.architecture, kind.task, labels=names
    )
    hub.add("org/tiny", {path.name: path for path in folder.iterdir()})
    model = {"sources": [{"hub": "org/tiny"}], "architecture": kind.architecture}
    reference = {"model": "m", "language": "en", "task": kind.task}
    own_registry(json.dumps({"models": {"m": model}, "references": {"en.own.kind": reference}}))
    options = {"labels": ["a", "b"]} if kind.task == "zero_shot" else {}
    pipe = nlu.load("en.own.kind", **options)
    asks = kind.task == "question_answering"
    frame = pipe.predict([("Who?", text) for text in TEXTS] if asks else TEXTS)
    assert frame["en_own_kind"].notna().all()
    assert frame["en_own_kind_confidence"].between(0, 1).all()
    # This tiny vocabulary of SentencePiece has bare space signs, which verify takes for pieces of
    # words.
    is_exact = kind.architecture != "xlm-roberta" or kind.task == "text_classification"
    if kind.task in ("token_classification", "text_classification") and is_exact:
        assert nlu.verify("en.own.kind")["ok"].dropna().all()
