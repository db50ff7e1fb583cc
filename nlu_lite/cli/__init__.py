"""The command line: ``nlu-lite predict REFERENCE TEXT ...`` and its sisters."""

from nlu_lite.cli.run import main

__all__ = ["main"]
