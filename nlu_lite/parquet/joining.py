"""A whole dataset -> one Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import pyarrow.parquet as pq

from nlu_lite.parquet.part import FACTS_KEY


def join(folder: str | Path, file: Path | IO[bytes]) -> None:
    """Lay the parts of a dataset end to end, row group by row group, so that one is in memory.

    Args:
        folder: Of ``to_parquet``, on this machine and complete.
        file: Where to; what has no positions, such as a pipe, will do.
    """
    parts = sorted(Path(folder).glob("part-*.parquet"))
    schema = pq.read_schema(parts[0])
    metadata = dict(schema.metadata or {})
    metadata.pop(FACTS_KEY, None)
    with pq.ParquetWriter(file, schema.with_metadata(metadata), **_storage(parts)) as writer:
        for part in parts:
            with pq.ParquetFile(part) as opened:
                for number in range(opened.num_row_groups):
                    writer.write_table(opened.read_row_group(number))


def _storage(parts: list[Path]) -> dict[str, Any]:
    """How the columns of the parts are stored: options of ``ParquetWriter``."""
    facts = max(map(pq.read_metadata, parts), key=lambda facts: int(facts.num_row_groups))
    if not facts.num_row_groups:
        return {}
    columns = [facts.row_group(0).column(number) for number in range(facts.num_columns)]
    dictionaries = [column.path_in_schema for column in columns if column.has_dictionary_page]
    compression = {
        column.path_in_schema: column.compression.lower().replace("uncompressed", "none")
        for column in columns
    }
    return {"compression": compression, "use_dictionary": dictionaries}
