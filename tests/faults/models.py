"""Model folders that are broken, or meant to harm."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nlu_lite as nlu
from nlu_lite.errors import (
    IntegrityError,
    ModelError,
    OptionError,
    OutOfMemoryError,
    WeightsNotFoundError,
)
from tests.faults.case import RIGHT, Group, Room

# Where old folders say the classes of modules are.
TYPE = "sentence_transformers.models."
GROUP = Group("model folder")
Spoil = Callable[[Path, Room], object]


def spoiled(*spoils: Spoil, family: str = "bert") -> Callable[[Room], None]:
    """Load a copy of a model with something done to it; whatever comes of it, it must be the right
    vectors."""

    def attempt(room: Room) -> None:
        folder = room.copy(family)
        for spoil in spoils:
            spoil(folder, room)
        room.check(nlu.load(path=folder))

    return attempt


def written(name: str, content: bytes | str | Callable[[bytes], bytes]) -> Spoil:
    """A file replaced or added; from its content where a function is given."""

    def spoil(folder: Path, _: Room) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = content(path.read_bytes()) if callable(content) else content
        path.write_bytes(new.encode() if isinstance(new, str) else new)

    return spoil


def config(name: str = "config.json", **facts: Any) -> Spoil:
    """Facts in a JSON file replaced or added."""

    def spoil(folder: Path, _: Room) -> None:
        path = folder / name
        settings = json.loads(path.read_text()) if path.is_file() else {}
        path.write_text(json.dumps(settings | facts))

    return spoil


def without(name: str) -> Spoil:
    return lambda folder, _: (folder / name).unlink()


def linked(name: str, target: str) -> Spoil:
    def spoil(folder: Path, room: Room) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target.replace("OUTSIDE", str(room.folder)))

    return spoil


def tensors(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """The weights changed."""

    def spoil(folder: Path, _: Room) -> None:
        from safetensors.torch import load_file, save_file

        named = load_file(folder / "model.safetensors")
        change(named)
        save_file(named, folder / "model.safetensors", metadata={"format": "pt"})

    return spoil


def as_tokenizer(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """The tokenizer's file changed."""

    def spoil(folder: Path, _: Room) -> None:
        settings = json.loads((folder / "tokenizer.json").read_text())
        change(settings)
        (folder / "tokenizer.json").write_text(json.dumps(settings))

    return spoil


# Code


class Payload:
    """What makes the canary when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"touch {self.canary}",))


# As large as the weights, so that it is opened and not refused for its size.
SIZE = 300_000


def pickled(name: str, *, torch_zip: bool = False, protocol: int = 2) -> Spoil:
    """A file with a pickle that runs code, bare or as torch packs it."""

    def spoil(folder: Path, room: Room) -> None:
        # torch warns of other protocols before it refuses the content.
        warnings.filterwarnings("ignore", "Detected pickle protocol")
        content = pickle.dumps(
            {"embeddings.word_embeddings.weight": Payload(room.canary), "size": bytes(SIZE)},
            protocol,
        )
        if not torch_zip:
            (folder / name).write_bytes(content)
            return
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/version", "3\n")

    return spoil


CODE = "import pathlib\npathlib.Path('CANARY').touch()\nclass Own:\n    pass\n"


def code(name: str) -> Spoil:
    def spoil(folder: Path, room: Room) -> None:
        (folder / name).write_text(CODE.replace("CANARY", str(room.canary)))

    return spoil


AUTO = {"AutoConfig": "own.Own", "AutoModel": "own.Own", "AutoTokenizer": ["own.Own", "own.Own"]}
GROUP.add(
    "a pickle in place of safetensors",
    [spoiled(pickled("model.safetensors")), spoiled(pickled("model.safetensors", torch_zip=True))],
    ModelError,
    says="model",
)
GROUP.add(
    "a pickle that runs code as pytorch_model.bin",
    [
        spoiled(
            without("model.safetensors"),
            pickled("pytorch_model.bin", torch_zip=how, protocol=protocol),
        )
        for how in (True, False)
        for protocol in (2, 4)
    ],
    ModelError,
    says="it could run code",
)
GROUP.add(
    "such a pickle beside the safetensors",
    [
        spoiled(pickled(name, torch_zip=True))
        for name in ("pytorch_model.bin", "training_args.bin", "optimizer.pt")
    ],
    RIGHT,
)
GROUP.add(
    "such a pickle as a linear layer",
    spoiled(
        written(
            "modules.json",
            json.dumps(
                [
                    {"type": TYPE + "Transformer", "path": ""},
                    {"type": TYPE + "Pooling", "path": "1_P"},
                    {"type": TYPE + "Dense", "path": "2_Dense"},
                ]
            ),
        ),
        written("1_P/config.json", json.dumps({"embedding_dimension": 32})),
        written("2_Dense/config.json", '{"bias": true}'),
        pickled("2_Dense/pytorch_model.bin", torch_zip=True),
    ),
    ModelError,
    says="The weights of the module in",
)
GROUP.add(
    "auto_map and code in the folder",
    [
        spoiled(code("own.py"), config(auto_map=AUTO)),
        spoiled(
            code("own.py"), config("tokenizer_config.json", auto_map=AUTO, tokenizer_class="Own")
        ),
        spoiled(
            code("own.py"), config(auto_map=AUTO, trust_remote_code=True, architectures=["Own"])
        ),
        spoiled(
            code("modeling_bert.py"),
            code("__init__.py"),
            code("conftest.py"),
            code("sitecustomize.py"),
        ),
    ],
    RIGHT,
)
GROUP.add(
    "an architecture that only code in the folder knows",
    [
        spoiled(code("own.py"), config(auto_map=AUTO, model_type=kind))
        for kind in ("own", "own.Own", "", "../own")
    ],
    ModelError,
    says="The architecture of",
)
GROUP.add(
    "a sentence-transformers module that is code in the folder",
    spoiled(code("own.py"), written("modules.json", json.dumps([{"type": "own.Own", "path": ""}]))),
    ModelError,
    says="'Own'",
)
GROUP.add(
    "settings that send transformers elsewhere: kernels of the hub, other weights",
    [
        spoiled(config(attn_implementation="evil/kernel")),
        spoiled(config(_attn_implementation="evil/kernel")),
        spoiled(config(_attn_implementation_internal="evil/kernel")),
        spoiled(config(experts_implementation="evil/kernel")),
        spoiled(
            config(transformers_weights="other.safetensors"), written("other.safetensors", b"x")
        ),
        spoiled(config(transformers_weights="../../outside.safetensors")),
        spoiled(config(fusion_config={"patch_embeddings": True})),
        spoiled(config(use_kernels=True, kernel_config={"a": "b"})),
        spoiled(config(distributed_config={"tp_plan": "auto"})),
        spoiled(config(_name_or_path="evil/model", name_or_path="evil/model", _commit_hash="x")),
    ],
    RIGHT,
)
GROUP.add(
    "settings that change what a forward returns",
    [
        spoiled(config(**facts))
        for facts in (
            {"return_dict": False},
            {"use_return_dict": False},
            {"output_attentions": True},
            {"output_hidden_states": True},
            {"torchscript": True},
            {"dtype": "own"},
            {"dtype": "float16"},
            {"torch_dtype": "bfloat16"},
            {"gradient_checkpointing": True},
            {"use_cache": True},
        )
    ],
    RIGHT,
)
GROUP.add(
    "weights in a form that needs another reader (quantised, adapters, distributed)",
    [
        spoiled(config(quantization_config={"quant_method": "bitsandbytes", "load_in_8bit": True})),
        spoiled(config(quantization_config={"quant_method": "own"})),
        spoiled(config(quantization_config=3)),
        spoiled(written("adapter_config.json", '{"base_model_name_or_path": "../elsewhere"}')),
        spoiled(
            written("shard-00000-model-00001-of-00001.safetensors", b"x"), pickled(".metadata")
        ),
    ],
    ModelError,
    says="not served",
)

# Paths


def index(*names: Any, inside: Any = None) -> Spoil:
    """The weights behind an index that names these files."""

    def spoil(folder: Path, room: Room) -> None:
        from safetensors import safe_open

        with safe_open(folder / "model.safetensors", "pt") as file:
            keys = list(file.keys())
        (folder / "model.safetensors").rename(room.folder / "outside.safetensors")
        shutil.copy(
            room.folder / "outside.safetensors", room.folder / "model" / "inside.safetensors"
        )
        places = (
            {key: names[number % len(names)] for number, key in enumerate(keys)}
            if names
            else inside
        )
        content = {"metadata": {"total_size": 1}, "weight_map": places}
        (folder / "model.safetensors.index.json").write_text(
            json.dumps(content).replace("OUTSIDE", str(room.folder))
        )

    return spoil


GROUP.add(
    "an index that names files outside the folder",
    [
        spoiled(index(name))
        for name in (
            "../outside.safetensors",
            "OUTSIDE/outside.safetensors",
            "x/../../outside.safetensors",
            "..\\outside.safetensors",
            "file:///etc/passwd",
            "https://example.org/x.safetensors",
            "",
            ".",
        )
    ],
    ModelError,
    says="files outside its folder",
)
GROUP.add(
    "an index that is none",
    [
        spoiled(index(inside=some))
        for some in (None, 3, [], {"a": 3}, {"a": None}, {"a": ["b"]}, {"a": {}})
    ]
    + [
        spoiled(index(), written("model.safetensors.index.json", content))
        for content in ("", "[]", "3", "{", "[" * 100_000)
    ],
    ModelError,
    says="model.safetensors.index.json",
)
GROUP.add(
    "an index that names files that are missing",
    spoiled(index("none.safetensors")),
    ModelError,
    says="none.safetensors",
)
GROUP.add(
    "an index whose files lack weights",
    spoiled(
        index("inside.safetensors"), written("inside.safetensors", struct.pack("<Q", 2) + b"{}")
    ),
    ModelError,
    says="model",
)
GROUP.add(
    "modules.json that names folders outside",
    [
        spoiled(
            written(
                "modules.json",
                json.dumps(
                    [{"type": TYPE + "Transformer", "path": ""}, {"type": kind, "path": path}]
                ),
            )
        )
        for kind in (TYPE + "Dense", TYPE + "Pooling")
        for path in ("../x", "/etc", "2_Dense/../../x", "..\\x", "C:x")
    ],
    ModelError,
    says="outside the folder",
)
GROUP.add(
    "links that lead in a circle, nowhere, to a folder, or to a device without an end",
    [
        spoiled(linked(name, target))
        for name in ("config.json", "tokenizer.json", "model.safetensors")
        for target in (name, "none", ".", "/dev/zero")
    ],
    ModelError,
    says="model",
)
GROUP.add(
    "links to files elsewhere, as the hub's cache has them",
    spoiled(
        *[
            lambda folder, room, name=name: (folder / name).symlink_to(
                (folder / name).rename(room.folder / name)
            )
            for name in ("config.json", "tokenizer.json", "model.safetensors")
        ]
    ),
    RIGHT,
)


def piped(name: str) -> Spoil:
    return lambda folder, _: ((folder / name).unlink(missing_ok=True), os.mkfifo(folder / name))


GROUP.add(
    "a pipe in place of a file",
    [spoiled(piped(name)) for name in ("config.json", "tokenizer.json", "model.safetensors")],
    ModelError,
    says="model",
)

# Files that are cut, damaged, huge

HEADER = struct.Struct("<Q")
GROUP.add(
    "safetensors that are cut, empty, or announce more than there is",
    [
        spoiled(written("model.safetensors", change))
        for change in (
            lambda content: content[:-1],
            lambda content: content[: len(content) // 2],
            lambda content: content[:100],
            lambda content: content[:8],
            lambda _: b"",
            lambda content: HEADER.pack(1 << 63) + content[8:],
            lambda content: HEADER.pack(90_000_000) + content[8:],
            lambda content: HEADER.pack(0) + content[8:],
            lambda content: content + b"more",
            lambda _: HEADER.pack(60_000) + b"[" * 60_000,
            lambda content: content.replace(b'"F32"', b'"F64"', 1),
            lambda content: content.replace(b"[32]", b"[99]", 1),
            lambda content: content.replace(b"data_offsets", b"data_offsetz", 1),
        )
    ],
    ModelError,
    says="weights",
)


def huge(name: str) -> Spoil:
    def spoil(folder: Path, _: Room) -> None:
        with (folder / name).open("r+b" if (folder / name).exists() else "wb") as file:
            file.truncate(100 << 30)  # no block of it is on the disk

    return spoil


GROUP.add(
    "files of 100 GB",
    [spoiled(huge(name)) for name in ("config.json", "tokenizer.json", "model.safetensors")]
    + [
        spoiled(without("tokenizer.json"), huge("vocab.txt")),
        spoiled(written("modules.json", "[]"), huge("modules.json")),
    ],
    ModelError,
    OutOfMemoryError,
    says="model",
)
GROUP.add(
    "JSON that is none, or something else, or lists in lists without end",
    [
        spoiled(written(name, content))
        for name in ("config.json", "tokenizer.json", "modules.json", "nlu_lite.json")
        for content in (
            b"",
            b"{",
            b"[3]",
            b"3",
            b"null",
            b"\xff\xfe",
            b"[" * 200_000,
            b'{"a":' * 200_000,
        )
    ],
    ModelError,
    says="model",
)
GROUP.add(
    "weights of other shapes than the configuration says",
    [
        spoiled(config(**facts))
        for facts in (
            {"hidden_size": 64},
            {"num_hidden_layers": 4},
            {"intermediate_size": 65},
            {"vocab_size": 1000},
            {"max_position_embeddings": 63},
            {"type_vocab_size": 3},
            {"hidden_size": 16},
        )
    ]
    + [
        spoiled(tensors(change))
        for change in (
            lambda named: named.clear(),
            lambda named: named.pop("encoder.layer.1.output.dense.weight"),
            lambda named: named.update(
                {"embeddings.LayerNorm.weight": named["embeddings.LayerNorm.weight"][:5].clone()}
            ),
            lambda named: named.update(
                {"embeddings.LayerNorm.weight": named["embeddings.LayerNorm.weight"][None].clone()}
            ),
        )
    ],
    ModelError,
    says="config.json",
)
ABSURD = (10**6, 10**9, 10**12, 10**18, 10**30)
GROUP.add(
    "absurd sizes in the configuration",
    [
        spoiled(config(**{name: size}))
        for name in (
            "hidden_size",
            "num_hidden_layers",
            "intermediate_size",
            "vocab_size",
            "max_position_embeddings",
        )
        for size in ABSURD
    ],
    ModelError,
    says="config.json",
)
GROUP.add(
    "absurd numbers of labels, which are not used",
    [spoiled(config(num_labels=size)) for size in ABSURD]
    + [spoiled(config(id2label={}, label2id={}))],
    RIGHT,
)
GROUP.add(
    "sizes that are no sizes",
    [
        spoiled(config(**{name: value}))
        for name in (
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "vocab_size",
            "max_position_embeddings",
        )
        for value in (0, -1, 1.5, "32", None, [32], {"a": 32}, True)
        if (name, value) != ("max_position_embeddings", None)
    ],
    ModelError,
    says="config.json",
)
GROUP.add(
    "settings that are none",
    [
        spoiled(config(**facts))
        for facts in (
            {"hidden_act": "own"},
            {"hidden_act": 3},
            {"per_layer_config": {"0": {"hidden_size": 5}}},
            {"pad_token_id": 10**9},
            {"layer_norm_eps": "x"},
            {"num_attention_heads": 5},
            {"to_dict": 3},
            {"id2label": 3},
            {"vocab_size": float("nan")},
            {"hidden_size": float("inf")},
        )
    ],
    ModelError,
    says="config.json",
)

# Tokenizers


def special(ids: list[int]) -> Callable[[dict[str, Any]], None]:
    def change(settings: dict[str, Any]) -> None:
        settings["post_processor"]["special_tokens"]["[CLS]"]["ids"] = ids

    return change


SENTENCES = written(
    "modules.json",
    json.dumps(
        [{"type": TYPE + "Transformer", "path": ""}, {"type": TYPE + "Pooling", "path": "1_P"}]
    ),
)
MEAN = written(
    "1_P/config.json",
    json.dumps({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}),
)


def sentence_lengths(name: str, **facts: Any) -> Callable[[Room], None]:
    """Load a folder of sentence vectors with such a longest sequence; its words' vectors must be
    right."""

    def attempt(room: Room) -> None:
        folder = room.copy()
        for spoil in (SENTENCES, MEAN, config(name, **facts)):
            spoil(folder, room)
        assert nlu.load(path=folder).encode("one two").shape == (1, 32)
        room.check(nlu.load(path=folder, task="embed"))

    return attempt


GROUP.add(
    "a tokenizer that claims to take texts of any length",
    [
        sentence_lengths("tokenizer_config.json", model_max_length=length)
        for length in (10**30, 1e30, float("inf"), float("nan"), -1, 0, "x", None, 10**18)
    ]
    + [
        sentence_lengths("sentence_bert_config.json", max_seq_length=length)
        for length in (10**30, float("inf"), -1, "x")
    ]
    + [
        spoiled(as_tokenizer(lambda settings, how=how: settings.update(how)))
        for how in (
            {
                "truncation": {
                    "direction": "Right",
                    "max_length": 2**63,
                    "strategy": "LongestFirst",
                    "stride": 0,
                }
            },
            {
                "truncation": {
                    "direction": "Right",
                    "max_length": 3,
                    "strategy": "LongestFirst",
                    "stride": 0,
                }
            },
            {
                "padding": {
                    "strategy": {"Fixed": 2**40},
                    "direction": "Right",
                    "pad_to_multiple_of": None,
                    "pad_id": 0,
                    "pad_type_id": 0,
                    "pad_token": "[PAD]",
                }
            },
        )
    ],
    RIGHT,
)
GROUP.add(
    "special pieces that the model has no vectors for",
    [spoiled(as_tokenizer(special(ids))) for ids in ([10**6], [2**31], [900], [2**32 - 1])],
    ModelError,
    says="do not belong together",
)
GROUP.add(
    "a vocabulary larger, much smaller, empty, or with numbers of its own",
    [
        spoiled(as_tokenizer(lambda settings, change=change: change(settings["model"]["vocab"])))
        for change in (
            lambda vocabulary: vocabulary.update({f"more{n}": 10_000 + n for n in range(100)}),
            lambda vocabulary: [vocabulary.pop(piece) for piece in list(vocabulary)[300:]],
            lambda vocabulary: vocabulary.clear(),
            lambda vocabulary: vocabulary.update({"a": 2**32 - 1}),
            lambda vocabulary: vocabulary.update({"a": -1}),
            lambda vocabulary: vocabulary.update({"a": "x"}),
        )
    ],
    ModelError,
    says="okenizer",
)
GROUP.add(
    "a tokenizer without an unknown piece, of an unknown kind, with a faulty expression",
    [
        spoiled(as_tokenizer(change))
        for change in (
            lambda settings: settings["model"].update(type="Own"),
            lambda settings: settings.update(model=None),
            lambda settings: settings["model"].update(unk_token="no such piece"),
            lambda settings: settings.update(
                normalizer={"type": "Replace", "pattern": {"Regex": "("}, "content": "x"}
            ),
            lambda settings: settings.update(pre_tokenizer={"type": "Own"}),
            lambda settings: settings.update(post_processor={"type": "Own"}),
            lambda settings: settings.update(version="9.0"),
        )
    ],
    ModelError,
    says="okenizer",
)
GROUP.add(
    "tokenizer_config.json that is none",
    [
        spoiled(
            without("tokenizer.json"),
            written("vocab.txt", "[UNK]\na\n"),
            written("tokenizer_config.json", content),
        )
        for content in (b"", b"[]", b"3", b"[" * 200_000, b"\xff")
    ],
    ModelError,
    says="tokenizer_config.json",
)

# Modules and saved pipelines


def modules(*listed: Any) -> Spoil:
    return written(
        "modules.json", json.dumps([{"type": TYPE + "Transformer", "path": ""}, *listed])
    )


def dense(weight: tuple[int, ...], bias: tuple[int, ...], **facts: Any) -> Callable[[Room], None]:
    def attempt(room: Room) -> None:
        import torch
        from safetensors.torch import save_file

        folder = room.copy()
        for spoil in (
            modules(
                {"type": TYPE + "Pooling", "path": "1_P"}, {"type": TYPE + "Dense", "path": "2_D"}
            ),
            MEAN,
            config("config.json"),
        ):
            spoil(folder, room)
        (folder / "2_D").mkdir()
        (folder / "2_D" / "config.json").write_text(json.dumps({"bias": True, **facts}))
        numbers = {"linear.weight": torch.zeros(weight), "linear.bias": torch.zeros(bias)}
        save_file(numbers, folder / "2_D" / "model.safetensors")
        nlu.load(path=folder).encode("one two")

    return attempt


GROUP.add(
    "a linear layer of another width than what goes in",
    [
        dense((8, 33), (8,)),
        dense((8, 32), (7,)),
        dense((8,), (8,)),
        dense((8, 32, 1), (8,)),
        dense((0, 32), (0,)),
    ],
    ModelError,
    says="linear layer",
)
GROUP.add(
    "modules that are none",
    [
        spoiled(written("modules.json", json.dumps(content)))
        for content in ([3], [[]], [None], [{"type": 3}], [{"type": TYPE + "Dense", "path": 3}], [{}], {"a": 1})
    ]
    + [
        spoiled(modules({"type": TYPE + "Pooling", "path": "1_P"}), written("1_P/config.json", content))
        for content in ("[]", "3", "", "{}", '{"pooling_mode": 3}', '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}')
    ]
    + [spoiled(modules({"type": TYPE + "Pooling", "path": "1_P"}), MEAN, written("config_sentence_transformers.json", '{"prompts": 3}'))],
    ModelError,
    says="model",
)  # fmt: skip


def saved(**facts: Any) -> Callable[[Room], None]:
    """Load a saved pipeline with something else in what was written down."""

    def attempt(room: Room) -> None:
        room.pipe.save(room.folder / "saved")
        path = room.folder / "saved" / "nlu_lite.json"
        content = json.loads(path.read_text())
        for place, value in facts.items():
            part = content if place in content else content["components"][0]
            (part if place in part else part["entry"])[place] = value
        path.write_text(json.dumps(content))
        room.check(nlu.load(path=room.folder / "saved"))

    return attempt


def saved_with_digest(digest: str) -> Callable[[Room], None]:
    """Load a saved pipeline whose weights have another digest than was written down."""

    def attempt(room: Room) -> None:
        room.pipe.save(room.folder / "saved")
        path = room.folder / "saved" / "nlu_lite.json"
        content = json.loads(path.read_text())
        content["components"][0]["sha256"]["model.safetensors"] = digest
        path.write_text(json.dumps(content))
        nlu.load(path=room.folder / "saved")

    return attempt


GROUP.add("a saved pipeline", saved(), RIGHT)
GROUP.add(
    "a saved pipeline that is damaged or leads out of its folder",
    [
        saved(**facts)
        for facts in (
            {"folder": "../model"},
            {"folder": "/etc"},
            {"folder": 3},
            {"format": 99},
            {"options": {"own": 3}},
            {"options": {"layers": "x"}},
            {"options": []},
            {"components": 3},
            {"components": [3]},
            {"components": []},
            {"entry": {"own": 3}},
            {"sha256": {"../../x": "0" * 64}},
            {"sha256": 3},
            {"architecture": 3},
            {"architecture": "../own"},
            {"architecture": ["bert"]},
            {"task": "sing"},
            {"dimension": "x"},
            {"pooling": 3},
            {"max_length": "x"},
            {"request": 3},
            {"language": 3},
        )
    ],
    ModelError,
    says="saved",
)
GROUP.add(
    "a saved pipeline whose weights were exchanged",
    saved_with_digest("0" * 64),
    IntegrityError,
    says="0" * 64,
)
GROUP.add(
    "a folder that is not there",
    [
        lambda room, path=path: nlu.load(path=path.replace("FOLDER", str(room.folder)))
        for path in ("FOLDER/none", "/dev/null", "/proc/self/mem")
    ],
    WeightsNotFoundError,
    says="there is no such folder",
)
GROUP.add(
    "a path that no folder can have",
    [
        lambda room, path=path: nlu.load(path=path)
        for path in ("a\0b", "\ud800", "x" * 5000, 3, b"x", ["x"], {}, 2.5, True)
    ],
    OptionError,
    says="path is ",
)
GROUP.add(
    "an empty folder",
    lambda room: nlu.load(path=room.folder),
    ModelError,
    says="has no config.json",
)
