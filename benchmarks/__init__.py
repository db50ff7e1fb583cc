"""Measurements; each module runs as a script."""
