"""``nlu-lite verify``: references against what is published about them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nlu_lite import registry, verification, weights
from nlu_lite.cli import exit_codes
from nlu_lite.cli.formats import default_format, standard_output
from nlu_lite.cli.frames import writer_of
from nlu_lite.cli.messages import say
from nlu_lite.cli.parser import refuse_usage

if TYPE_CHECKING:
    import pandas as pd


def run(arguments: argparse.Namespace) -> int:
    """Write a row a check, and their sum on standard error; a failure where one fails."""
    if arguments.fetch:
        return _prove(arguments)
    if arguments.disk is not None:
        refuse_usage(arguments, "--disk goes with --fetch")
    request = " ".join(_references(arguments))
    report = verification.verify(request, config_only=arguments.config_only, write=arguments.write)
    return _finish(report, arguments)


def _prove(arguments: argparse.Namespace) -> int:
    """Fetch, compare and write one model after the other; at the end what differs and changed."""
    if arguments.config_only:
        refuse_usage(arguments, "--fetch compares the vectors; leave --config-only out")
    request = None if arguments.all else " ".join(_references(arguments))
    disk = arguments.disk or verification.DISK_SHARE
    report = verification.prove(request, disk=disk, write=arguments.write, report_model=_say_model)
    code = _finish(report, arguments)
    _say_report(report)
    return code


def _say_model(name: str, report: pd.DataFrame) -> None:
    """Say at once what became of a model: a run that is stopped has said it then."""
    say(f"{name}: {_count(report)}")
    _say_report(report)


def _say_report(report: pd.DataFrame) -> None:
    for line in verification.describe_report(report):
        say(line)


def _count(report: pd.DataFrame) -> str:
    outcomes = report["ok"].dropna().astype(bool)
    passed = int(outcomes.sum())
    return (
        f"{passed} checks hold, {len(outcomes) - passed} fail, {len(report) - len(outcomes)} had "
        f"nothing to compare with"
    )


def _finish(report: pd.DataFrame, arguments: argparse.Namespace) -> int:
    _write(report, arguments.format or default_format())
    say(_count(report))
    return exit_codes.FAILURE if report["ok"].eq(False).any() else exit_codes.DONE


def _references(arguments: argparse.Namespace) -> list[str]:
    if arguments.all:
        entries = registry.current()
        return [name for name in entries.references if weights.is_local(entries.entry(name))]
    if not arguments.references:
        refuse_usage(
            arguments, "name references, or say --all for those whose weights are on this machine"
        )
    return list(arguments.references)


def _write(report: pd.DataFrame, format_name: str) -> None:
    if format_name == "table":
        differences = report["difference"].map("{:.2e}".format, na_action="ignore")
        report = report.assign(difference=differences)
    writer_of(format_name, standard_output(), index=False)(report)
