"""What several rooms use: arrays, memory, locks, progress bars, warnings, checks, addresses."""

from nlu_lite.common.addresses import local_path, resolve_address, show_address
from nlu_lite.common.arrays import Bools, Floats, Ints, ranges
from nlu_lite.common.checks import (
    check_flag,
    choice,
    flag,
    is_whole_number,
    of_type,
    whole_number,
)
from nlu_lite.common.drafts import draft_file
from nlu_lite.common.locks import draft_folder, is_at, lock_file
from nlu_lite.common.memory import trim_memory
from nlu_lite.common.progress import import_tqdm, is_watched, progress_bar
from nlu_lite.common.signatures import method_takes, owner_takes, refuse_unknown, takes
from nlu_lite.common.text_rows import write_csv_rows, write_json_lines
from nlu_lite.common.warning import warn

__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "check_flag",
    "choice",
    "draft_file",
    "draft_folder",
    "flag",
    "import_tqdm",
    "is_at",
    "is_watched",
    "is_whole_number",
    "local_path",
    "lock_file",
    "method_takes",
    "of_type",
    "owner_takes",
    "progress_bar",
    "ranges",
    "refuse_unknown",
    "resolve_address",
    "show_address",
    "takes",
    "trim_memory",
    "warn",
    "whole_number",
    "write_csv_rows",
    "write_json_lines",
]
