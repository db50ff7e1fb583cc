"""Tiny Marian models with seeded random weights, in the layout of Helsinki-NLP's repositories."""

from __future__ import annotations

import json
from pathlib import Path

import sentencepiece
import torch
from transformers import GenerationConfig, MarianConfig, MarianMTModel

SENTENCES = [
    "I love NLP.",
    "One for all, and all for one.",
    "The bank closed early on Monday because the river had flooded its vault.",
    "Short.",
    "Straße, naïve façade, 北京, Москва.",
    "We walked along the river until the lights of the old town came into view.",
]
# Room for 63 pieces of text and the end.
POSITIONS = 64
PIECES = 120


def make(
    folder: Path,
    *,
    codes: tuple[str, ...] = (),
    beams: int = 1,
    seed: int = 0,
    settings_in_config: bool = False,
) -> Path:
    """Write a model's folder.

    Args:
        folder: Where.
        codes: Languages that it is told to write, such as ``fra``.
        beams: Of its own settings of ``generate``.
        seed: Of the weights.
        settings_in_config: Whether ``config.json`` holds them, as in the folders of 2020; otherwise
            ``generation_config.json``.
    """
    folder.mkdir(parents=True)
    _write_vocabulary(folder, codes)
    entries = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    settings = {
        "num_beams": beams,
        "max_length": 24,
        "bad_words_ids": [[entries["<pad>"]]],
        "forced_eos_token_id": 0,
    }
    config = MarianConfig(
        vocab_size=len(entries),
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        max_position_embeddings=POSITIONS,
        init_std=0.6,
        activation_function="swish",
        scale_embedding=True,
        pad_token_id=entries["<pad>"],
        decoder_start_token_id=entries["<pad>"],
        eos_token_id=0,
    )
    torch.manual_seed(seed)
    model = MarianMTModel(config).eval()
    specials = {
        "pad_token_id": config.pad_token_id,
        "decoder_start_token_id": config.decoder_start_token_id,
        "eos_token_id": 0,
    }
    model.generation_config = GenerationConfig(**settings, **specials)
    model.save_pretrained(folder)
    if settings_in_config:
        (folder / "generation_config.json").unlink()
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | settings))
    return folder


def _write_vocabulary(folder: Path, codes: tuple[str, ...]) -> None:
    text = folder / "text.txt"
    text.write_text("\n".join(SENTENCES * 4), encoding="utf-8")
    for side in ("source", "target"):
        sentencepiece.SentencePieceTrainer.train(
            input=str(text),
            model_prefix=str(folder / side),
            vocab_size=PIECES,
            hard_vocab_limit=False,
            minloglevel=2,
        )
        (folder / f"{side}.model").rename(folder / f"{side}.spm")
        (folder / f"{side}.vocab").unlink()
    text.unlink()
    processor = sentencepiece.SentencePieceProcessor()
    processor.Load(str(folder / "source.spm"))
    pieces = [processor.IdToPiece(number) for number in range(processor.GetPieceSize())]
    kept = [piece for piece in pieces if piece not in ("<s>", "</s>", "<unk>")]
    names = ["</s>", "<unk>", *kept, *(f">>{code}<<" for code in codes), "<pad>"]
    entries = {name: number for number, name in enumerate(names)}
    (folder / "vocab.json").write_text(json.dumps(entries), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"source_lang": "en", "target_lang": "fr"}')
