"""What all tests share."""

from __future__ import annotations

# Read by mypy, never run; collecting docstring examples would import it.
collect_ignore = ["type_user.py"]
