"""Options of a wrong type, out of range, or unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nlu_lite as nlu
from nlu_lite.errors import (
    InputTypeError,
    InputValueError,
    OptionError,
    UnknownOptionError,
    UnknownReferenceError,
)
from nlu_lite.options import LOAD_OPTIONS
from tests.faults.case import RIGHT, Group, Room

GROUP = Group("option")
# None of them is valid for any option but those named after them.
WRONG: dict[str, Any] = {
    "an object": object(),
    "bytes": b"first",
    "a map": {},
    "a set": {1},
    "an empty list": [],
    "a float": 2.5,
    "not a number": float("nan"),
    "an array": np.array([1, 2]),
    "a long text": "x" * 100_000,
    "a lone surrogate": "\ud800",
    "a complex number": 1j,
    "a list of lists": [[1]],
}
FREE_TEXTS = ("prompt", "language", "revision", "column")
NUMBERS = ("dimensions", "max_length", "stride", "layers")


def nothing(_: object) -> None:
    """Do nothing with a result that should not be."""


def load(**options: Any) -> Callable[[Room], None]:
    return lambda room: room.check(nlu.load(path=room.model, **options))


def call(method: str, *arguments: Any, **options: Any) -> Callable[[Room], None]:
    def attempt(room: Room) -> None:
        result = getattr(room.pipe, method)(*arguments, **options)
        if hasattr(result, "__next__"):
            list(result)

    return attempt


for name in LOAD_OPTIONS:
    wrong = {
        what: value
        for what, value in WRONG.items()
        if not (name in FREE_TEXTS and isinstance(value, str))
    }
    if name in NUMBERS:
        wrong |= {"far too large": 10**30, "far below zero": -(10**30), "yes": True}
    GROUP.add(
        f"wrong {name}",
        [load(**{name: value}) for value in wrong.values()],
        OptionError,
        says=f"{name} ",
    )

GROUP.add(
    "lengths and layers that the model does not have",
    [
        load(max_length=63),
        load(max_length=2),
        load(max_length=1),
        load(stride=60),
        load(max_length=10, stride=8),
        load(layers=4),
        load(layers=[0, -5]),
        load(dimensions=33),
        load(layers=range(100)),
    ],
    OptionError,
)
GROUP.add(
    "a length far too large for a model that takes any",
    [
        lambda room, length=length: nothing(nlu.load(path=room.make("xlnet"), max_length=length))
        for length in (10**30, 2**63)
    ],
    OptionError,
    says="max_length is ",
)
GROUP.add(
    "unknown options of load",
    [
        load(**{name: 1})
        for name in (
            "layer",
            "outputlevel",
            "__class__",
            "x" * 100_000,
            "\ud800",
            "trust_remote_code",
        )
    ],
    UnknownOptionError,
    says="load has no option",
)
GROUP.add(
    "unknown options of predict, encode and stream",
    [
        call("predict", "a", position=True),
        call("encode", "a", keep=1),
        call("stream", ["a"], rowss=3),
        call("predict", "a", **{"": 1}),
    ],
    UnknownOptionError,
    says="has no option",
)
GROUP.add(
    "levels that are none",
    [
        call("predict", "a", level)
        for level in (
            "tokens",
            "",
            3,
            ["token"],
            b"token",
            {},
            object(),
            np.array([1, 2]),
            "x" * 100_000,
        )
    ],
    OptionError,
    says="valid are",
)
GROUP.add(
    "options of predict of a wrong type",
    [
        call("predict", "a", **{name: value})
        for name in ("positions", "metadata", "progress")
        for value in ("yes", 3, [], object(), np.array([1, 2]))
    ]
    + [
        call("predict", "a", aggregate=value)
        for value in ("median", 3, [], object(), np.array([1, 2]))
    ]
    + [call("predict", "a", keep=value) for value in ("a", 3, [3, 4], object())],
    OptionError,
    InputValueError,
)
GROUP.add(
    "chunks that are none",
    [
        call("predict", "some text", "chunk", chunks=chunks)
        for chunks in (
            3,
            "a",
            lambda text: 3,
            lambda text: [(0, 99)],
            lambda text: [(-5, 2)],
            lambda text: [(3, 1)],
            lambda text: ["ab"],
            lambda text: [(0.5, 1)],
            lambda text: [(0, 10**30)],
            None,
        )
    ],
    OptionError,
    InputValueError,
    InputTypeError,
)
GROUP.add(
    "rules for words that give no spans",
    [
        lambda room, rule=rule: nothing(nlu.load(path=room.model, words=rule).predict("some text"))
        for rule in (
            lambda text: 3,
            lambda text: None,
            lambda text: [(0, 99)],
            lambda text: [(-5, 2)],
            lambda text: [(3, 1)],
            lambda text: ["ab"],
            lambda text: [(0.5, 1)],
            lambda text: [(0, 10**30)],
            lambda text: [(0, 4), (2, 6)],
            lambda text: [(0, 1, 2)],
        )
    ],
    OptionError,
    InputValueError,
    InputTypeError,
)
GROUP.add(
    "requests that are none",
    [
        lambda room, request=request: nothing(nlu.load(request))
        for request in (3, b"bert", ["bert"], {}, object(), "", "   ", None, np.array(["bert"]))
    ],
    OptionError,
    says="request",
)
GROUP.add(
    "names that nobody knows",
    [
        lambda room, request=request: nothing(nlu.load(request))
        for request in (
            "en.embed.none",
            "x" * 100_000,
            "\ud800",
            "\0",
            "../../etc/passwd",
            "/etc/passwd",
            "a b c d " * 1000,
            "🦄",
        )
    ],
    UnknownReferenceError,
)
GROUP.add(
    "numbers of rows, neighbours and columns that are none",
    [
        *[call("stream", ["a"], rows=rows) for rows in (0, -1, 2.5, "x", object())],
        *[
            lambda room, column=column: nothing(nlu.vectors(room.pipe.predict("a"), column))
            for column in ("none", 3, ["a"], object())
        ],
        *[
            lambda room, k=k: nothing(room.pipe.nearest(room.pipe.predict("a b"), "a", k))
            for k in (0, -1, 2.5, "x", object())
        ],
    ],
    OptionError,
    InputValueError,
    InputTypeError,
)
GROUP.add(
    "values that are valid, of NumPy's types",
    [load(layers=np.int64(-1)), load(max_length=np.int32(62)), load(layers=[-1])],
    RIGHT,
)
