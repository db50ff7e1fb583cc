"""Code written for NLU -> what of it works here, and a changed copy; the code is read and never run."""

from nlu_lite.migration.changes import write
from nlu_lite.migration.judge import Verdicts, judge
from nlu_lite.migration.report import report, works
from nlu_lite.migration.sources import read

__all__ = ["Verdicts", "judge", "read", "report", "works", "write"]
