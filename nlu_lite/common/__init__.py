"""What several rooms use and none owns: arrays, memory, progress bars, warnings, checks of values."""

from nlu_lite.common.arrays import Bools, Floats, Ints, ranges
from nlu_lite.common.checks import check_flag
from nlu_lite.common.memory import give_back
from nlu_lite.common.progress import bar, is_watched, tqdm_of_here
from nlu_lite.common.warn import warn

__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "bar",
    "check_flag",
    "give_back",
    "is_watched",
    "ranges",
    "tqdm_of_here",
    "warn",
]
