"""What several rooms use: arrays, memory, progress bars, warnings, checks of values."""

from nlu_lite.common.arrays import Bools, Floats, Ints, ranges
from nlu_lite.common.checks import check_flag
from nlu_lite.common.memory import trim_memory
from nlu_lite.common.progress import import_tqdm, is_watched, progress_bar
from nlu_lite.common.warning import warn

__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "check_flag",
    "import_tqdm",
    "is_watched",
    "progress_bar",
    "ranges",
    "trim_memory",
    "warn",
]
