"""What lies in a folder instead of weights that are read: named, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from nlu_lite.errors import ModelError

_POINTER = b"version https://git-lfs.github.com/spec/"
# What lies in a folder (a name or a pattern) -> what it is, and what to do.
_FORMATS = (
    (
        ("adapter_config.json", "adapter_model.*"),
        "an adapter (PEFT) without its base model",
        "load both with peft, call merge_and_unload(), and save the result",
    ),
    (
        ("*.gguf",),
        "weights in GGUF, a format of llama.cpp that is often quantised",
        "take the model as safetensors",
    ),
    (
        ("*.onnx", "onnx/*.onnx"),
        "an ONNX export",
        "take the weights that it was made of (model.safetensors or pytorch_model.bin)",
    ),
    (
        ("openvino_model.xml", "openvino/*.xml"),
        "an OpenVINO export",
        "take the weights that it was made of (model.safetensors or pytorch_model.bin)",
    ),
    (
        ("tf_model.h5", "*.ckpt.index", "*.ckpt.meta", "saved_model.pb"),
        "weights of TensorFlow",
        "convert them with an older transformers (from_pretrained(..., from_tf=True), 4.x)",
    ),
    (
        ("flax_model.msgpack",),
        "weights of Flax",
        "convert them with an older transformers (from_pretrained(..., from_flax=True), 4.x)",
    ),
    (
        ("checkpoint-*/config.json",),
        "checkpoints of a training",
        "name one of these folders",
    ),
    (
        ("*.safetensors", "*.bin", "*.pt", "*.pth"),
        "files of other names",
        "if they are weights, call them model.safetensors or pytorch_model.bin",
    ),
)


def describe_other_formats(names: Iterable[str]) -> str | None:
    """What a model without weights holds in their place, and what to do; None for nothing.

    Args:
        names: Of its files, relative to its folder, with ``/``.
    """
    listed = sorted(names)
    for patterns, kind, cure in _FORMATS:
        matches = [name for name in listed if any(fnmatch(name, part) for part in patterns)]
        if matches:
            return f"It holds {kind} ({', '.join(matches[:3])}), and that is not read: {cure}."
    return None


def list_names(folder: Path) -> list[str]:
    """The files of a folder and of the folders in it, relative, with ``/``."""
    paths = (*folder.glob("*"), *folder.glob("*/*"))
    return [path.relative_to(folder).as_posix() for path in paths if path.is_file()]


def refuse_pointer(path: Path) -> None:
    """Raise for a file that stands for one that git-lfs has not fetched.

    Raises:
        ModelError: It is such a pointer.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(len(_POINTER))
    except OSError:  # whoever reads the file says why it cannot be read
        return
    if begin == _POINTER:
        raise ModelError(
            f"{path} is a git-lfs pointer: it stands for a file that was not fetched. Run `git lfs "
            "pull` in the repository, or take the model from the hub with `nlu-lite download`."
        )
