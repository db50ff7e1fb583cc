"""Importing the package is cheap, and its public names can be found."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest

import nlu_lite

HEAVY = (
    "torch",
    "transformers",
    "tokenizers",
    "pandas",
    "numpy",
    "pydantic",
    "yaml",
    "sentencex",
    "tqdm",
    "huggingface_hub",
)

# Of the extras.
OPTIONAL = ("pyarrow", "plotly", "sklearn", "skops", "umap", "pyspark", "accelerate")


def loaded_by(code: str) -> set[str]:
    """The top-level modules in memory after ``code`` ran in a fresh interpreter that turns warnings
    into errors."""
    report = "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    script = f"{code}\nimport sys\n{report}"
    command = [sys.executable, "-W", "error", "-c", script]
    process = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(process.stdout.splitlines()[-1].split()[1:])


def test_the_import_loads_nothing_heavy():
    loaded = loaded_by("import nlu_lite\ndir(nlu_lite)\nnlu_lite.__version__")
    assert "nlu_lite" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_help_on_the_command_line_loads_nothing_heavy():
    loaded = loaded_by(
        "from nlu_lite.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    )
    assert loaded.isdisjoint(HEAVY)


def test_looking_up_a_reference_loads_no_model_library():
    loaded = loaded_by("from nlu_lite.registry import current\nassert current().references")
    assert {"pydantic", "yaml"} <= loaded
    assert loaded.isdisjoint({"torch", "transformers", "pandas"})


@pytest.mark.parametrize(
    "words",
    [
        ["search", "minilm"],
        ["search", "minilm", "--format", "table"],
        ["search", "minilm", "--format", "jsonl"],
        ["show", "bert"],
        ["show", "en.embed.minilm_l6"],
    ],
    ids=" ".join,
)
def test_a_verb_that_lists_loads_neither_models_nor_frames(words):
    loaded = loaded_by(f"from nlu_lite.cli import main\nassert main({words!r}) == 0")
    assert "pydantic" in loaded
    assert loaded.isdisjoint(
        {"torch", "transformers", "tokenizers", "pandas", "pyarrow", "sklearn", "pyspark"}
    )


def test_cutting_text_into_pieces_loads_no_transformers():
    loaded = loaded_by(
        "from nlu_lite import registry, weights\n"
        "from nlu_lite.encoder.models.pieces import load_tokenizer\n"
        "entry = registry.current().find('en.embed.minilm_l6')\n"
        "folder = weights.locate(entry, registry.current())\n"
        "tokenizer = load_tokenizer(folder, entry, vocabulary_size=30_522)\n"
        "assert len(tokenizer(['I love NLP']).ids) == 4"
    )
    assert {"tokenizers", "torch"} <= loaded
    assert loaded.isdisjoint({"transformers", "sentence_transformers", "pandas"})


def test_reading_and_cutting_texts_and_making_frames_load_no_model_library():
    """All rooms that a prediction goes through, but for the encoder."""
    loaded = loaded_by(
        "import nlu_lite\n"
        "nlu_lite.load\n"
        "from nlu_lite.inputs import read\n"
        "from nlu_lite.options import Options\n"
        "from nlu_lite.text import build_segmenter\n"
        "build_segmenter(Options(), 'en', None)(read(['I love NLP']).documents)"
    )
    assert {"pandas", "sentencex"} <= loaded
    assert loaded.isdisjoint({"torch", "transformers", "tokenizers", "huggingface_hub"})


def test_a_heavy_library_is_noticed():
    assert {"pandas", "numpy"} <= loaded_by("import nlu_lite\nnlu_lite.load")


@pytest.mark.parametrize("shell", ["None", "types.ModuleType('IPython')"])
def test_an_ipython_that_is_no_shell_does_no_harm(shell):
    loaded = loaded_by(f"import sys, types\nsys.modules['IPython'] = {shell}\nimport nlu_lite")
    assert "nlu_lite" in loaded


def test_dir_lists_the_public_names():
    listed = dir(nlu_lite)
    assert set(nlu_lite.__all__) <= set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("name", nlu_lite.__all__)
def test_every_public_name_is_bound_and_described(name):
    assert getattr(nlu_lite, name).__doc__


def test_star_import_binds_the_public_names():
    namespace: dict[str, object] = {}
    exec("from nlu_lite import *", namespace)
    assert set(nlu_lite.__all__) <= set(namespace)


def test_an_unknown_name_is_answered_with_those_that_exist():
    with pytest.raises(AttributeError, match="no 'lode'") as caught:
        nlu_lite.lode  # noqa: B018
    for name in nlu_lite.__all__:
        assert name in str(caught.value)


def test_the_version_is_the_installed_one():
    assert nlu_lite.__version__ == importlib.metadata.version("nlu-lite")


def test_public_names_are_not_hidden_by_modules_of_the_same_name():
    # Importing a module binds its name in the package, and would hide a function of that name.
    code = (
        "import pkgutil, importlib, nlu_lite\n"
        "for module in pkgutil.iter_modules(nlu_lite.__path__): "
        "importlib.import_module(f'nlu_lite.{module.name}')\n"
        "print([name for name in nlu_lite.__all__ if type(getattr(nlu_lite, name)).__name__ == "
        "'module'])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


@pytest.mark.parametrize(
    "module",
    ["nlu_lite.pipeline", "nlu_lite.loading", "nlu_lite.compat.loading", "nlu_lite.compat.pipeline"]
    + [f"nlu_lite.cli.{verb}" for verb in ("predict", "search", "show", "download", "migrate")],
)
def test_what_a_plain_install_runs_needs_no_optional_package(module):
    """Each verb's module and each door is imported where the packages of extras are missing."""
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {OPTIONAL!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        f"import importlib; importlib.import_module({module!r})"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
