"""A wheel, a source distribution and an editable install work outside the checkout, and carry what
they should."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_SOURCE = shutil.ignore_patterns(
    *(".git", ".venv*", ".weights", ".*_cache", ".hypothesis", ".fuzz", "__pycache__"),
    *("*.egg-info", "build", "dist", "site"),
)
REGISTRY = "nlu_lite/_registry_file/registry.yaml"
# The first three numbers of the last hidden state, found by a direct forward of the model.
EXPECTED = {
    "I": (0.287224, -0.569387, 0.318563),
    "love": (-0.249232, -0.344907, 0.416212),
    "NLP": (0.024318, -0.650127, 0.402524),
}
# float32 of another machine, and one in the last place shown.
TOLERANCE = 1.1e-5
WHERE_IT_IS = """
import json, sys
import nlu_lite
from nlu_lite.registry import current
from nlu_lite.registry.files import built_in_path
print(json.dumps({
    "module": nlu_lite.__file__,
    "version": nlu_lite.__version__,
    "registry": str(built_in_path()),
    "references": len(current().references),
    "finders": [str(finder) for finder in sys.meta_path],
    "path": sys.path,
}))
"""

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints, run with nothing of this process's Python in its surroundings."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONSTARTUP", "NLU_LITE_REGISTRY")
    surroundings = {name: value for name, value in os.environ.items() if name not in foreign}
    process = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=surroundings, capture_output=True, text=True
    )
    assert process.returncode == 0, (
        f"{command} ended with {process.returncode}:\n{process.stdout}\n{process.stderr}"
    )
    return process.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The checkout's files in a folder of their own, where a build may leave its traces."""
    folder = tmp_path_factory.mktemp("source") / "nlu_lite"
    shutil.copytree(CHECKOUT, folder, ignore=NOT_SOURCE)
    return folder


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    return built("--wheel", source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(source, tmp_path_factory):
    return built("--sdist", source, tmp_path_factory.mktemp("sdist"))


def built(kind: str, source: Path, folder: Path) -> Path:
    run(sys.executable, "-m", "build", kind, "--outdir", folder, source, cwd=folder)
    (path,) = folder.iterdir()
    return path


class Environment:
    """A virtual environment with nlu-lite installed into it, and all else taken from the
    environment of this process.

    What nlu-lite needs is large and the same for every test, so only its place is added, by a .pth
    file. The .pth files that lie in that place are not read for it, so an editable nlu-lite there
    stays unseen.
    """

    def __init__(self, folder: Path, *install: str | Path) -> None:
        self.folder = folder.resolve()
        self.outside = self.folder / "elsewhere"
        venv.create(self.folder, symlinks=os.name != "nt")
        self.outside.mkdir()
        self.bin = self.folder / ("Scripts" if os.name == "nt" else "bin")
        (self.packages,) = self.folder.glob("[Ll]ib/**/site-packages")
        borrowed = [
            path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")
        ]
        (self.packages / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            self.bin / "python",
            "install",
            "--quiet",
            "--no-deps",
        ]
        run(*pip, *install, cwd=self.outside)

    def where(self) -> dict[str, object]:
        return json.loads(
            run(self.bin / "python", "-W", "error", "-c", WHERE_IT_IS, cwd=self.outside)
        )

    def one_liner(self) -> str:
        command = (
            self.bin / "nlu-lite",
            "predict",
            "--format",
            "table",
            "en.embed.minilm_l6",
            "I love NLP",
        )
        return run(*command, cwd=self.outside)


def check_one_liner(printed: str) -> None:
    _, *lines = printed.splitlines()
    rows = [re.fullmatch(r"0\s+(\S+)\s+\[(.*), \.\.\.\]", line) for line in lines]
    assert [row and row[1] for row in rows] == list(EXPECTED)
    for row in rows:
        numbers = tuple(float(number) for number in row[2].split(","))
        assert numbers == pytest.approx(EXPECTED[row[1]], abs=TOLERANCE)


def check_installed_apart(environment: Environment) -> None:
    where = environment.where()
    assert Path(where["module"]) == environment.packages / "nlu_lite" / "__init__.py"
    assert Path(where["registry"]) == environment.packages / REGISTRY
    assert not any("__editable__" in finder for finder in where["finders"])
    assert str(CHECKOUT) not in where["path"]
    assert where["version"] == importlib.metadata.version("nlu-lite")
    assert where["references"] > 0


def test_the_wheel_runs_outside_the_checkout(wheel, tmp_path):
    environment = Environment(tmp_path / "env", wheel)
    check_installed_apart(environment)
    check_one_liner(environment.one_liner())


def test_the_source_distribution_runs_outside_the_checkout(sdist, tmp_path):
    environment = Environment(tmp_path / "env", sdist)
    check_installed_apart(environment)
    check_one_liner(environment.one_liner())


def test_an_editable_install_runs_outside_the_checkout(source, tmp_path):
    environment = Environment(tmp_path / "env", "--editable", source)
    where = environment.where()
    assert Path(where["module"]) == source / "nlu_lite" / "__init__.py"
    assert Path(where["registry"]) == source / "registry.yaml"
    check_one_liner(environment.one_liner())


def test_without_its_registry_the_installed_package_says_what_to_do(wheel, tmp_path):
    # Shows that the tests above read the installed file: the checkout's own does not step in.
    environment = Environment(tmp_path / "env", wheel)
    (environment.packages / REGISTRY).unlink()
    command = [environment.bin / "nlu-lite", "predict", "en.embed.minilm_l6", "I love NLP"]
    with pytest.raises(AssertionError, match="install nlu-lite again"):
        run(*command, cwd=environment.outside)


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    packed = names(wheel)
    modules = {
        f"nlu_lite/{path.relative_to(CHECKOUT / 'nlu_lite').as_posix()}"
        for path in (CHECKOUT / "nlu_lite").rglob("*.py")
    }
    package = {name for name in packed if not name.split("/")[0].endswith(".dist-info")}
    assert {name for name in package if name.endswith(".py")} == modules
    assert {name for name in package if name.startswith("nlu_lite/_registry_file/")} == {REGISTRY}
    assert {"nlu_lite/py.typed", "nlu_lite/registry/other_tasks.csv"} <= package
    assert {name.split("/")[0] for name in package} == {"nlu_lite"}
    assert not any("tests" in name.split("/") for name in packed)
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(REGISTRY) == (CHECKOUT / "registry.yaml").read_bytes()


def test_the_wheel_says_what_setup_cfg_says(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata_name,) = (
            name for name in archive.namelist() if name.endswith(".dist-info/METADATA")
        )
        metadata = Parser().parsestr(archive.read(metadata_name).decode())
        assert any(name.endswith("LICENSE") for name in archive.namelist())
    assert metadata["Name"] == "nlu-lite"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    requirements = set(setup["options"]["install_requires"].split())
    assert any(line.startswith("pandas>=") for line in requirements)
    assert requirements <= set(metadata.get_all("Requires-Dist"))
    assert metadata.get_payload().startswith("# nlu_lite")


def test_the_source_distribution_is_the_checkout(sdist, tmp_path):
    with tarfile.open(sdist) as archive:
        packed = {
            member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()
        }
    if (CHECKOUT / ".git").exists():
        sources = {
            name
            for name in run("git", "ls-files", cwd=CHECKOUT).splitlines()
            if (CHECKOUT / name).is_file()
        }
    else:  # itself unpacked from a source distribution
        shutil.copytree(CHECKOUT, tmp_path / "copy", ignore=NOT_SOURCE)
        files = (path for path in (tmp_path / "copy").rglob("*") if path.is_file())
        sources = {path.relative_to(tmp_path / "copy").as_posix() for path in files}
    assert sources <= packed, "MANIFEST.in says what a source distribution takes along"
    assert not any(name.endswith((".pyc", ".bin", ".safetensors")) for name in packed - sources)


def test_a_wheel_out_of_the_source_distribution_is_the_same(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    (tmp_path / "out").mkdir()
    again = built("--wheel", unpacked, tmp_path / "out")
    assert names(again) == names(wheel)
    with zipfile.ZipFile(again) as left, zipfile.ZipFile(wheel) as right:
        assert [
            name
            for name in names(wheel)
            if not name.endswith("/RECORD") and left.read(name) != right.read(name)
        ] == []
