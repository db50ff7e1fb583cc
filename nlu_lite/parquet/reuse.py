"""Rows of an earlier dataset whose texts are unchanged: found by a digest of key and text, copied and not encoded again."""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import Ints
from nlu_lite.errors import OutputError
from nlu_lite.parquet.store import OWN, Store
from nlu_lite.text import Document

# Of a digest, in bytes: among 50 million texts two differ with certainty in all but one of 10**23
# cases.
WIDTH = 16
# Row groups of the earlier dataset that are kept at hand; where the order of the texts is about the
# same, one is enough.
_AT_HAND = 4


def digests(documents: Sequence[Document], *others: Iterable[Any]) -> NDArray[np.void]:
    """What tells one text, with its key and its chunks, from another.

    Args:
        documents: The texts.
        others: Columns whose values count as well.

    Returns:
        Shape (documents,), ``WIDTH`` bytes each.
    """
    columns = [list(column) for column in others]
    found = bytearray()
    for place, document in enumerate(documents):
        parts = (
            [document] if isinstance(document, str) else [repr(type(document)), *(document or ())]
        )
        parts += [repr(column[place]) for column in columns]
        framed = b"".join(
            len(part).to_bytes(8, "little") + part
            for part in (text.encode("utf-8", "surrogatepass") for text in parts)
        )
        found += hashlib.blake2b(framed, digest_size=WIDTH).digest()
    return np.frombuffer(bytes(found), dtype=f"V{WIDTH}")


def index_name(part: str) -> str:
    """Where the digests of a part are kept."""
    return f"{OWN}/index/{part}"


def index_content(found: NDArray[np.void], rows: Ints, group: Ints) -> bytes:
    """The digests of a part as a file.

    Args:
        found: Shape (texts,).
        rows: Shape (texts,): rows of the part that belong to each text.
        group: Shape (texts,): the row group they are in.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "digest": pa.Array.from_buffers(
            pa.binary(WIDTH), len(found), [None, pa.py_buffer(found.tobytes())]
        ),
        "rows": pa.array(rows.astype(np.int32)),
        "group": pa.array(group.astype(np.int32)),
    }
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, use_dictionary=False)
    return file.getvalue()


def read_index(store: Store, part: str) -> tuple[NDArray[np.void], Ints, Ints]:
    """What ``index_content`` wrote: digests, rows and row groups of the texts of a part.

    Raises:
        OutputError: It is not there, or broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with store.open(index_name(part)) as file:
            table = pq.read_table(file, columns=["digest", "rows", "group"])
    except (OSError, pa.ArrowInvalid) as error:
        raise OutputError(
            f"{store.place}/{index_name(part)} cannot be read, so it is not known what {part} was "
            f"made of: {error}. Remove "
            f"{store.place}/{part}, and the job that wrote it makes both again."
        ) from error
    column = table["digest"].combine_chunks()
    found = np.frombuffer(b"".join(column.to_pylist()), dtype=f"V{WIDTH}")
    return (
        found,
        table["rows"].to_numpy().astype(np.int64),
        table["group"].to_numpy().astype(np.int64),
    )


class PreviousDataset:
    """An earlier dataset.

    Args:
        store: Where it lies.
        schema: Of the columns to copy, as Arrow has it.
    """

    def __init__(self, store: Store, schema: Any) -> None:  # noqa: ANN401
        self._store = store
        self._schema = schema
        self._at_hand: OrderedDict[tuple[str, int], Any] = OrderedDict()
        self._parts = [name for name in store.names() if name.endswith(".parquet")]
        every: list[NDArray[np.void]] = []
        places: list[Ints] = []
        for number, part in enumerate(self._parts):
            found, rows, group = read_index(store, part)
            # Where the rows of a text begin within their row group.
            begin = np.concatenate([[0], np.cumsum(rows)])[:-1]
            of_group = np.searchsorted(group, group)
            places.append(
                np.stack(
                    [np.full(len(found), number), group, begin - begin[of_group], rows], axis=1
                )
            )
            every.append(found)
        joined = np.concatenate(every) if every else np.empty(0, dtype=f"V{WIDTH}")
        keys = joined.view(np.dtype([("high", ">u8"), ("low", ">u8")]))
        self._order = (
            np.lexsort((keys["low"], keys["high"])) if len(keys) else np.empty(0, dtype=np.int64)
        )
        self._high = keys["high"][self._order].astype(np.uint64)
        self._low = keys["low"][self._order].astype(np.uint64)
        self._places = (
            np.concatenate(places)[self._order] if places else np.empty((0, 4), dtype=np.int64)
        )

    def places(self, found: NDArray[np.void]) -> Ints:
        """Where the rows of texts are.

        Args:
            found: Shape (texts,): their digests.

        Returns:
            Shape (texts,): numbers for ``rows_of``, -1 where the earlier dataset does not have the
            text.
        """
        keys = found.view(np.dtype([("high", ">u8"), ("low", ">u8")]))
        high, low = keys["high"].astype(np.uint64), keys["low"].astype(np.uint64)
        at = np.searchsorted(self._high, high)
        result = np.full(len(found), -1, dtype=np.int64)
        for number, place in enumerate(at.tolist()):
            while place < len(self._high) and self._high[place] == high[number]:
                if self._low[place] == low[number]:
                    result[number] = place
                    break
                place += 1
        return result

    def rows_of(self, places: Ints) -> tuple[Any, Ints]:
        """The rows of texts.

        Args:
            places: Shape (texts,): from ``places``, none of them -1.

        Returns:
            A table of the columns, the texts in the order given; and shape (texts,): the rows of
            each.
        """
        import pyarrow as pa

        tables = []
        for part, group, begin, rows in self._places[places].tolist():
            if rows:
                tables.append(self._group(self._parts[part], group).slice(begin, rows))
        return pa.concat_tables([self._schema.empty_table(), *tables]), self._places[places, 3]

    def _group(self, part: str, group: int) -> Any:  # noqa: ANN401 - a pyarrow.Table
        import pyarrow.parquet as pq

        if (part, group) not in self._at_hand:
            with self._store.open(part) as file:
                self._at_hand[part, group] = pq.ParquetFile(file).read_row_group(
                    group, columns=self._schema.names
                )
            while len(self._at_hand) > _AT_HAND:
                self._at_hand.popitem(last=False)
        self._at_hand.move_to_end((part, group))
        return self._at_hand[part, group]
