"""The verbs beside ``predict``: search, show, download, verify, migrate."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nlu_lite.cli.formats import chosen, standard_output, writer
from nlu_lite.errors import NluLiteError

FAILURE = 1


def search(parsed: argparse.Namespace) -> int:
    """References that match, on standard output; 0 also where there is none.

    Args:
        parsed: What stands on the command line.
    """
    from nlu_lite import catalogue

    found = catalogue.search(" ".join(parsed.words), lang=parsed.lang, task=parsed.task)
    if not len(found):
        print("nlu-lite: Nothing matches; try fewer or shorter words.", file=sys.stderr)
    kind = chosen(parsed.format)
    if kind != "table":
        writer(kind, standard_output(), index=False)(found)
    elif len(found):
        writer(kind, standard_output(), index=False, missing="unknown")(
            found.drop(columns=["model", "origin"])
        )
    return 0


def show(parsed: argparse.Namespace) -> int:
    """A card a reference.

    Args:
        parsed: What stands on the command line.
    """
    from nlu_lite.catalogue import card
    from nlu_lite.registry import resolve

    entries = resolve(
        " ".join(parsed.references), path=None, task=None, language=None, one_language=False
    )
    print("\n\n".join(card(entry) for entry in entries), file=standard_output())
    return 0


def download(parsed: argparse.Namespace) -> int:
    """A line a reference: its name, a tab, its folder.

    Args:
        parsed: What stands on the command line.
    """
    from nlu_lite import registry, weights
    from nlu_lite.registry import resolve
    from nlu_lite.tasks import saved

    entries = resolve(
        " ".join(parsed.references), path=None, task=None, language=None, one_language=False
    )
    for entry in entries:
        folder = weights.update(entry) if parsed.update else None
        folder = folder or weights.locate(entry, registry.current())
        if parsed.to:
            folder = saved.copy_model(
                folder, Path(parsed.to) / (entry.reference or entry.request.replace("/", "--"))
            )
        print(f"{entry.request}\t{folder}", file=standard_output())
    return 0


def verify(parsed: argparse.Namespace) -> int:
    """A row a check on standard output, their sum on standard error; 1 where one fails.

    Args:
        parsed: What stands on the command line.
    """
    from nlu_lite import registry, verification, weights

    names = parsed.references
    if not names and not parsed.all:
        parsed.usage_error(
            "name references, or say --all for those whose weights are on this machine"
        )
    if parsed.all:
        known = registry.current()
        names = [name for name in known.references if weights.is_local(known.entry(name))]
    report = verification.verify(
        " ".join(names), config_only=parsed.config_only, write=parsed.write
    )
    kind, failed = chosen(parsed.format), int((report["ok"] == False).sum())  # noqa: E712 - missing values are neither
    if kind == "table":
        report = report.assign(
            difference=report["difference"].map("{:.2e}".format, na_action="ignore")
        )
    writer(kind, standard_output(), index=False)(report)
    held, empty = int(report["ok"].sum()), int(report["ok"].isna().sum())
    print(
        f"nlu-lite: {held} checks hold, {failed} fail, {empty} had nothing to compare with",
        file=sys.stderr,
    )
    return FAILURE if failed else 0


def migrate(parsed: argparse.Namespace) -> int:
    """What becomes of code for NLU, file by file; 1 where something cannot work or is not known.

    Args:
        parsed: What stands on the command line.
    """
    from nlu_lite.compat import migrate as migration

    if parsed.force and not parsed.write:
        parsed.usage_error("--force is for --write")
    code = 0
    for path in parsed.files:
        try:
            verdicts = migration.judge(migration.read(path))
            print(migration.report(verdicts))
            if parsed.write:
                copy = migration.write(verdicts, is_forced=parsed.force)
                print(f"written: {copy}" if copy else "nothing written: the file needs no change")
        except NluLiteError as error:
            # The other files are read all the same.
            print(f"nlu-lite: {error}", file=sys.stderr)
            code = FAILURE
        else:
            code = code if migration.works(verdicts) else FAILURE
    return code
