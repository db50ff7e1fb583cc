"""What the registry knows: as a frame, as cards, and as a mapping that notebooks complete."""

from nlu_lite.catalogue.cards import ModelCard, describe_entry, format_card, html_row
from nlu_lite.catalogue.listing import (
    COLUMNS,
    Match,
    explain_name,
    find_matches,
    search,
)
from nlu_lite.catalogue.mapping import Catalogue, models
from nlu_lite.catalogue.sizes import Size, hub_id, size_of

__all__ = [
    "COLUMNS",
    "Catalogue",
    "Match",
    "ModelCard",
    "Size",
    "describe_entry",
    "explain_name",
    "find_matches",
    "format_card",
    "html_row",
    "hub_id",
    "models",
    "search",
    "size_of",
]
