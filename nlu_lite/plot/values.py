"""Values of the data as plotly shows them."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd

# Characters of one value.
LONGEST_VALUE = 80


def show_value(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    """A value as plotly shows it: its markup taken literally, not too long."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    text = str(value)
    if len(text) > LONGEST_VALUE:
        text = f"{text[: LONGEST_VALUE - 3]}..."
    return escape(text, quote=False)
