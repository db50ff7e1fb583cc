"""``python -m nlu_lite``: the command line, for the Python that runs it."""

import sys

from nlu_lite.cli import main

if __name__ == "__main__":
    sys.exit(main())
