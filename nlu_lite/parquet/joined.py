"""A whole dataset -> one Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from nlu_lite.parquet.part import KEY


def join(folder: str | Path, file: Path | IO[bytes]) -> None:
    """Lay the parts of a dataset end to end, row group by row group, so that only one is in memory.

    Args:
        folder: Of ``to_parquet``, on this machine and complete.
        file: Where to; what has no positions, such as a pipe, will do.
    """
    import pyarrow.parquet as pq

    parts = sorted(Path(folder).glob("part-*.parquet"))
    schema = pq.read_schema(parts[0])
    metadata = {key: value for key, value in (schema.metadata or {}).items() if key != KEY.encode()}
    with pq.ParquetWriter(file, schema.with_metadata(metadata), **_storage(parts)) as writer:
        for part in parts:
            with pq.ParquetFile(part) as opened:
                for number in range(opened.num_row_groups):
                    writer.write_table(opened.read_row_group(number))


def _storage(parts: list[Path]) -> dict[str, Any]:
    """How the columns of the parts are packed."""
    import pyarrow.parquet as pq

    for part in parts:
        facts = pq.read_metadata(part)
        if facts.num_row_groups:
            columns = [facts.row_group(0).column(place) for place in range(facts.num_columns)]
            kinds = {column.path_in_schema: column.compression.lower() for column in columns}
            return {
                "compression": {
                    path: "none" if kind == "uncompressed" else kind for path, kind in kinds.items()
                },
                "use_dictionary": [
                    column.path_in_schema for column in columns if column.has_dictionary_page
                ],
            }
    return {}
