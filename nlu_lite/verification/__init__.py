"""Is a reference what the registry says: configuration, a direct forward, published vectors?"""

from nlu_lite.verification.checks import (
    COLUMNS,
    GOLDEN,
    PublishedVector,
    read_published_vectors,
    verify,
)
from nlu_lite.verification.proof import DISK_SHARE, describe_report, prove

__all__ = [
    "COLUMNS",
    "DISK_SHARE",
    "GOLDEN",
    "PublishedVector",
    "describe_report",
    "prove",
    "read_published_vectors",
    "verify",
]
