"""Rows of an earlier dataset to copy: those of the same text and key, by their digests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from nlu_lite.common import Ints
from nlu_lite.errors import OutputError, hide_secrets_of
from nlu_lite.parquet.store import META_FOLDER, Store
from nlu_lite.text import Document

Digests = NDArray[np.bytes_]
# Of a digest, in bytes: among 50 million texts two differ with certainty in all but one of 10**23
# cases.
WIDTH = 16
_DTYPE = f"S{WIDTH}"
# Row groups of the earlier dataset that are kept in memory; where the order of the texts is about
# the same, one is enough.
CACHED_GROUPS = 4


def digests(documents: Sequence[Document], *columns: Iterable[Any]) -> Digests:
    """What tells one text, with its key and its chunks, from another.

    Args:
        documents: The texts.
        columns: Columns whose values count as well.

    Returns:
        Shape (documents,), ``WIDTH`` bytes each.
    """
    rows = zip(documents, *columns, strict=True)
    joined = b"".join(_digest(document, values) for document, *values in rows)
    return np.frombuffer(joined, dtype=_DTYPE)


def _digest(document: Document, values: Sequence[Any]) -> bytes:
    # Texts that are split into words, and null, are told apart from texts.
    words = [document] if isinstance(document, str) else [repr(type(document)), *(document or ())]
    digest = hashlib.blake2b(digest_size=WIDTH)
    for part in [*words, *map(repr, values)]:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.digest()


def index_name(part: str) -> str:
    """The file with the digests of a part."""
    return f"{META_FOLDER}/index/{part}"


@dataclass(frozen=True)
class PartIndex:
    """What the texts of a part were, and where in it their rows are.

    Attributes:
        digests: Shape (texts,), ``WIDTH`` bytes each.
        rows: Shape (texts,): rows of the part that belong to each text.
        groups: Shape (texts,): the row group they are in.
    """

    digests: Digests
    rows: Ints
    groups: Ints

    def content(self) -> bytes:
        """The index as a file."""
        buffers = [None, pa.py_buffer(self.digests.tobytes())]
        columns = {
            "digest": pa.Array.from_buffers(pa.binary(WIDTH), len(self.digests), buffers),
            "rows": pa.array(self.rows.astype(np.int32)),
            "group": pa.array(self.groups.astype(np.int32)),
        }
        file = io.BytesIO()
        pq.write_table(pa.table(columns), file, use_dictionary=False)
        return file.getvalue()

    @classmethod
    def read(cls, store: Store, part: str) -> Self:
        """What ``content`` gave for a part.

        Raises:
            OutputError: There is none, or it is broken.
        """
        name = index_name(part)
        try:
            with store.open(name) as file:
                table = pq.read_table(file, columns=["digest", "rows", "group"])
        except (OSError, pa.ArrowInvalid) as error:
            raise OutputError(
                f"{store.address}/{name} cannot be read, so it is not known what {part} was made "
                f"of: {error}. Remove {store.address}/{part}, and the job that wrote it makes both "
                f"again."
            ) from hide_secrets_of(error)
        return cls(
            digests=np.frombuffer(b"".join(table["digest"].to_pylist()), dtype=_DTYPE),
            rows=table["rows"].to_numpy().astype(np.int64),
            groups=table["group"].to_numpy().astype(np.int64),
        )


class PreviousDataset:
    """Parts of an earlier dataset, whose digests are held in memory.

    Args:
        store: Where it lies.
        parts: Names of the parts; with none no text is found.
        schema: Of the columns to copy.
    """

    def __init__(self, store: Store, parts: Sequence[str], schema: pa.Schema) -> None:
        self._store = store
        self._parts = parts
        self._schema = schema
        self._read_group = lru_cache(maxsize=CACHED_GROUPS)(self._read_group_anew)
        part_digests: list[Digests] = [digests([])]
        slices = [np.empty((0, 4), np.int64)]
        for number, part in enumerate(self._parts):
            index = PartIndex.read(store, part)
            part_digests.append(index.digests)
            slices.append(_slices(number, index))
        all_digests = np.concatenate(part_digests)
        order = np.argsort(all_digests, kind="stable")
        self._digests = all_digests[order]
        # Shape (texts, 4): part, row group, first row in the group, rows.
        self._slices = np.concatenate(slices)[order]

    def find(self, digests: Digests) -> Ints:
        """Which texts of the earlier dataset are the same.

        Args:
            digests: Shape (texts,).

        Returns:
            Shape (texts,): numbers for ``rows_of``, -1 where the earlier dataset lacks the text.
        """
        if not len(self._digests):
            return np.full(len(digests), -1)
        numbers = np.searchsorted(self._digests, digests)
        nearest = np.minimum(numbers, len(self._digests) - 1)
        return np.where(self._digests[nearest] == digests, nearest, -1)

    def rows_of(self, numbers: Ints) -> tuple[pa.Table, Ints]:
        """The rows of texts.

        Args:
            numbers: Shape (texts,): from ``find``, none of them -1.

        Returns:
            A table of the columns, the texts in the order given; and shape (texts,): the rows of
            each.
        """
        tables = [self._schema.empty_table()]
        for part, group, begin, rows in self._slices[numbers].tolist():
            if rows:
                tables.append(self._read_group(part, group).slice(begin, rows))
        return pa.concat_tables(tables), self._slices[numbers, 3]

    def _read_group_anew(self, part: int, group: int) -> pa.Table:
        with self._store.open(self._parts[part]) as file:
            return pq.ParquetFile(file).read_row_group(group, columns=self._schema.names)


def _slices(part: int, index: PartIndex) -> Ints:
    """Part, row group, first row within the group and number of rows of each text of a part."""
    begins = np.cumsum(index.rows) - index.rows
    group_begins = begins[np.searchsorted(index.groups, index.groups)]
    parts = np.full(len(begins), part)
    return np.stack([parts, index.groups, begins - group_begins, index.rows], axis=1)
