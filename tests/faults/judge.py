"""One case in a process of its own: what its attempts ended in, and what must hold after each."""

from __future__ import annotations

import gc
import resource
import traceback
import warnings
from dataclasses import replace

import nlu_lite as nlu
from nlu_lite import errors
from tests.faults.case import RIGHT, Case, Room

# However large what was given is: a message is for people.
LONGEST_MESSAGE = 20_000
MB = 1 << 20


def outcomes(case: Case, room: Room) -> dict[str, object]:
    """Make all attempts of a case.

    Returns:
        ``endings``: one for each process of each attempt; ``faults``: what is wrong, nothing if all
        is as declared; ``mb``: memory that the attempts took at most.
    """
    endings: list[str] = []
    faults: list[str] = []
    before = _peak()
    for number, attempt in enumerate(case.attempts, 1):
        own = replace(room, folder=room.folder / str(number))
        own.folder.mkdir()
        some, wrong = _made(case, attempt, own)
        endings += some
        faults += [f"attempt {number}: {fault}" for fault in (*wrong, *_after(own))]
    taken = (_peak() - before) // MB
    if taken > case.most_mb:
        faults.append(f"it took {taken} MB, allowed are {case.most_mb}")
    if len(endings) != case.tried:
        faults.append(f"{len(endings)} endings instead of {case.tried}")
    return {"endings": endings, "faults": faults, "mb": taken}


def _made(case: Case, attempt, room: Room) -> tuple[list[str], list[str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            endings = attempt(room) or [RIGHT]
    except errors.NluLiteError as error:
        name, message = type(error).__name__, str(error)
        faults = [
            f"{name} does not say {part!r}: {message:.300}"
            for part in case.says
            if part not in message
        ]
        if type(error).__module__ != errors.__name__:
            faults.append(f"{name} is not of nlu_lite.errors")
        if len(message) > LONGEST_MESSAGE:
            faults.append(f"the message of {name} has {len(message)} characters")
        endings = [name]
    except BaseException as error:  # panics of the tokenizers library are no Exceptions
        endings, faults = (
            [type(error).__name__],
            ["".join(traceback.format_exception(error, limit=-3))[-900:]],
        )
    else:
        faults = []
    faults += [
        f"ended in {ending}, not in {case.ending}" for ending in endings if ending not in case.ends
    ]
    return endings, faults


def _after(room: Room) -> list[str]:
    """What is wrong after an attempt: code that ran, a correct call that fails."""
    faults = (
        [f"{room.canary.name} exists: code out of the data ran"] if room.canary.exists() else []
    )
    try:
        room.check(room.pipe)
        nlu.clear_cache()
        room.check(nlu.load(path=room.model))
    except Exception as error:  # whatever it is, it is a fault
        faults.append(f"the next correct call fails: {type(error).__name__}: {error!s:.500}")
    gc.collect()
    return faults


def _peak() -> int:
    """The most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # kilobytes, on Linux
