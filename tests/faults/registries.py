"""Registry files that are broken, or meant to harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import nlu_lite as nlu
from nlu_lite.errors import RegistryError
from tests.faults.case import Group, Room

GROUP = Group("registry file")
MODEL = '"m": {sources: [{hub: "a/b"}], architecture: "bert"}'
LAUGHS = "\n".join(
    ["a: &a [" + ", ".join(['"ha"'] * 9) + "]"]
    + [
        f"{name}: &{name} [" + ", ".join([f"*{before}"] * 9) + "]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
)
ONE_TAG = ' "m": {{sources: [{{path: {}}}], architecture: "bert"}}'


def register(room: Room, content: str | bytes) -> None:
    file = room.folder / "own.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    nlu.register(file)


def of(content: str | bytes) -> Callable[[Room], None]:
    return lambda room: register(room, content)


def with_model(**facts: str) -> Callable[[Room], None]:
    said = "".join(f", {name}: {value}" for name, value in facts.items())
    return of(f'models:\n  "m": {{sources: [{{hub: "a/b"}}], architecture: "bert"{said}}}\n')


def tagged(tag: str) -> Callable[[Room], None]:
    def attempt(room: Room) -> None:
        register(room, "models:\n" + ONE_TAG.format(tag.replace("CANARY", str(room.canary))))

    return attempt


GROUP.add(
    "aliases that grow to a billion",
    of(LAUGHS),
    RegistryError,
    says="anchors and aliases are not allowed",
)
GROUP.add(
    "an alias of itself, a merge key",
    [of("models: &x {a: *x}\n"), of("models: &x {}\nreferences: {<<: *x}\n")],
    RegistryError,
    says="anchors and aliases are not allowed",
)
GROUP.add(
    "a key that stands twice",
    [of(f"models:\n  {MODEL}\n  {MODEL}\n"), of(f"models: {{{MODEL}}}\nmodels: {{}}\n")],
    RegistryError,
    says=("own.yaml", "stands twice"),
)
GROUP.add(
    "a key of a megabyte that stands twice",
    of("models:\n" + f'  ? "{"k" * 1_000_000}"\n  : {{}}\n' * 2),
    RegistryError,
    says="stands twice",
)
GROUP.add(
    "tags that call Python",
    [
        tagged("!!python/object/apply:os.system ['touch CANARY']"),
        tagged("!!python/object/new:subprocess.check_call [['touch', 'CANARY']]"),
        tagged("!!python/object/apply:builtins.open ['CANARY', 'w']"),
        tagged("!!python/name:os.system ''"),
        tagged("!!python/module:antigravity ''"),
        tagged("!!python/tuple [1]"),
        tagged("!!python/object:nlu_lite.options.Options {}"),
    ],
    RegistryError,
    says=("tag tag:yaml.org,2002:python/", "is not allowed"),
)
GROUP.add(
    "other tags",
    [
        tagged(tag)
        for tag in (
            "!own x",
            "!!binary aGE=",
            "!!set {a}",
            "!!timestamp 2020-01-01",
            "!!omap [a: 1]",
            "!<x:y> z",
        )
    ],
    RegistryError,
    says=("tag ", "is not allowed"),
)
GROUP.add(
    "values of a wrong type",
    [
        with_model(dimension=value)
        for value in (
            '"256"',
            "2.5",
            "no",
            "[1]",
            "{a: 1}",
            "-1",
            "0",
            ".inf",
            ".nan",
            "null x",
            "1e400",
            "abc",
        )
    ],
    RegistryError,
    says="dimension",
)
GROUP.add(
    "sections of a wrong type",
    [
        of(some)
        for some in (
            "models: 3\n",
            "models: [a]\n",
            "- models\n",
            "3\n",
            '"models"\n',
            "models: {m: [1]}\n",
            "x: {}\n",
        )
    ],
    RegistryError,
    says="own.yaml has 1 fault",
)
GROUP.add(
    "numbers of a million digits, in base 10, 16 and 60",
    [
        with_model(dimension="9" * 1_000_000),
        with_model(dimension="0x" + "f" * 1_000_000),
        with_model(dimension="1" + ":59" * 300_000),
        with_model(size_mb="1" + ":59" * 300_000 + ".5"),
    ],
    RegistryError,
    says="own.yaml has 1 fault",
)
GROUP.add(
    "lists in lists, 100,000 deep",
    of("models: " + "[" * 100_000),
    RegistryError,
    says="not valid YAML",
)
GROUP.add(
    "maps in maps, 100,000 deep",
    of("models: " + "{a: " * 100_000),
    RegistryError,
    says="not valid YAML",
)
GROUP.add(
    "10 MB of sound entries",
    of(
        "models:\n"
        + "".join(
            f'  "m{n}": {{sources: [{{hub: "a/b"}}], architecture: "bert"}}\n'
            for n in range(170_000)
        )
    ),
    RegistryError,
    says="larger than",
)
GROUP.add(
    "10 MB in one text",
    of('models:\n  "' + "m" * 10_000_000 + '": {}\n'),
    RegistryError,
    says="larger than",
)
GROUP.add(
    "200,000 faults",
    of("models:\n" + "".join(f"  m{n}: 3\n" for n in range(200_000))),
    RegistryError,
    says=("200000 faults", "line 2: m0"),
    most_mb=1000,
)


@GROUP.case("a file of 100 GB", RegistryError, says="larger than")
def _(room: Room) -> None:
    file = room.folder / "huge.yaml"
    with file.open("wb") as out:
        out.truncate(100 << 30)  # no block of it is on the disk
    nlu.register(file)


@GROUP.case("a pipe that nobody writes into", RegistryError, says="it is no file")
def _(room: Room) -> None:
    os.mkfifo(room.folder / "pipe")
    nlu.register(room.folder / "pipe")


GROUP.add(
    "a device, a folder, nothing",
    [
        lambda room, path=path: nlu.register(room.folder / path)
        for path in ("/dev/zero", ".", "none.yaml")
    ],
    RegistryError,
    says="cannot be read",
)
GROUP.add(
    "bytes that are no UTF-8, or no text",
    [of("models: {}\n".encode("utf-16")), of(b"models: \xe9\n"), of(os.urandom(5000)), of(b"models: \x00\n"), of("a: \ud800".encode("utf-8", "surrogatepass"))],
    RegistryError,
    says="own.yaml",
)  # fmt: skip
GROUP.add(
    "paths that lead out",
    [
        of(f'models:\n  "m": {{sources: [{source}], architecture: "bert"}}\n')
        for source in (
            '{package: "a==1", folder: "../x", sha256: {"model.safetensors": "' + "0" * 64 + '"}}',
            '{package: "a==1", folder: "/etc", sha256: {"model.safetensors": "' + "0" * 64 + '"}}',
            '{hub: "../../x"}',
            '{path: "x", sha256: {"../../x": "' + "0" * 64 + '"}}',
            '{path: "x", sha256: {"/etc/passwd": "' + "0" * 64 + '"}}',
        )
    ],
    RegistryError,
    says="line 2: m: sources",
)
GROUP.add(
    "references to nothing",
    of('references:\n  "r": {model: "none", task: "embed", language: "en"}\n'),
    RegistryError,
    says="names the model 'none'",
)


@GROUP.case("a faulty file in NLU_LITE_REGISTRY", RegistryError, says="bad.yaml has 1 fault")
def _(room: Room) -> None:
    from nlu_lite import registry

    bad = room.folder / "bad.yaml"
    bad.write_text("models: 3\n")
    os.environ["NLU_LITE_REGISTRY"] = str(bad)
    registry.refresh()
    try:
        nlu.load("en.embed.minilm_l6")
    finally:
        del os.environ["NLU_LITE_REGISTRY"]
        registry.refresh()


@GROUP.case("a sound file", "right vectors")
def _(room: Room) -> None:
    content = (
        f'models:\n  "m": {{sources: [{{path: "{room.model}"}}], architecture: "bert"}}\n'
        'references:\n  "r": {model: "m", task: "embed", language: "en"}\n'
    )
    file = Path(room.folder / "own.yaml")
    file.write_text(content)
    nlu.register(file)
    room.check(nlu.load("r"))
