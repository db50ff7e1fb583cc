"""Code written for NLU -> what of it works here, and a changed copy; it is read and never run."""

from nlu_lite.compat.migrate.changes import write
from nlu_lite.compat.migrate.findings import Verdicts
from nlu_lite.compat.migrate.judge import judge
from nlu_lite.compat.migrate.report import report, works
from nlu_lite.compat.migrate.sources import read

__all__ = ["Verdicts", "judge", "read", "report", "works", "write"]
