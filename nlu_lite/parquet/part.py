"""One part of a dataset: rows of the input in, a file out, encoded by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nlu_lite.common import Ints, trim_memory
from nlu_lite.errors import InputValueError, OutputError
from nlu_lite.flow import Flow
from nlu_lite.inputs import Chunk, Inputs, cut_portions, read
from nlu_lite.parquet.layout import Layout
from nlu_lite.parquet.reuse import Digests, PartIndex, PreviousDataset, digests, index_name
from nlu_lite.parquet.settings import Settings
from nlu_lite.parquet.store import Store

# Failures that a part tells of one by one; the others are only counted.
MAX_LISTED_FAILURES = 20
# Where a part's file says what it is, among the metadata of Parquet.
FACTS_KEY = b"nlu_lite"
PartFacts = dict[str, Any]
_ADVICE = ". The parts before it are whole; once there is room, the same call goes on from there."


@dataclass(frozen=True)
class Parts:
    """What all parts of a dataset have in common.

    Attributes:
        store: Where they are written.
        layout: Their columns.
        settings: How they are written.
        job: The fingerprint of the manifest.
        previous: A dataset to copy from; without parts where none is.
    """

    store: Store
    layout: Layout
    settings: Settings
    job: str
    previous: PreviousDataset

    @staticmethod
    def name(number: int) -> str:
        """The name of a part's file."""
        return f"part-{number:06d}.parquet"

    def read_facts(self, number: int) -> PartFacts | None:
        """What a part says of itself; None where it is missing, or no whole file.

        Raises:
            OutputError: It is of another job.
        """
        name = self.name(number)
        try:
            with self.store.open(name) as file:
                facts: PartFacts = json.loads(pq.ParquetFile(file).metadata.metadata[FACTS_KEY])
        except (OSError, pa.ArrowInvalid, KeyError, TypeError):
            return None
        if facts["job"] != self.job:
            raise OutputError(
                f"{self.store.address}/{name} is of another job; remove it, or name a new folder."
            )
        return facts

    def is_made_of(self, number: int, chunk: Chunk) -> bool:
        """Whether a part was made of these rows of the input, by their digests."""
        inputs = read(chunk, self.layout.text, errors="null")
        index = PartIndex.read(self.store, self.name(number))
        return bool(np.array_equal(index.digests, self._digests(inputs)))

    def write(
        self, flow: Flow, number: int, chunk: Chunk, progress: Callable[[int], object]
    ) -> PartFacts:
        """Encode rows of the input and let the part appear; returns what it says of itself.

        ``progress`` is called with the number of texts done.

        Raises:
            OutputError: It cannot be written, for example because the disk is full.
        """
        name = self.name(number)
        with self.store.new_file(name, _ADVICE) as draft:
            facts, index = self._write_draft(flow, draft, number, chunk, progress)
            # Before the part, so that a part that can be seen has its index.
            self.store.write(index_name(name), index.content())
        return facts

    def _write_draft(
        self,
        flow: Flow,
        draft: Path,
        number: int,
        chunk: Chunk,
        progress: Callable[[int], object],
    ) -> tuple[PartFacts, PartIndex]:
        first = number * self.settings.part_rows
        facts: PartFacts = {"job": self.job, "part": number, "first": first, "texts": len(chunk)}
        facts |= {"rows": 0, "pieces": 0, "copied": 0, "failures": 0, "first_failures": []}
        indices: list[tuple[Digests, Ints, Ints]] = []
        group, position = 0, first
        with pq.ParquetWriter(draft, self.layout.schema, **self._storage()) as writer:
            for portion in cut_portions([chunk], self.layout.text) if len(chunk) else [chunk]:
                table, portion_digests, rows = self._table(flow, portion, position, facts)
                indices.append((portion_digests, rows, np.full(len(rows), group)))
                if table.num_rows:
                    writer.write_table(table, row_group_size=table.num_rows)
                    group += 1
                position += len(portion)
                facts["rows"] += table.num_rows
                progress(len(portion))
                del table
                trim_memory()
            writer.add_key_value_metadata({FACTS_KEY: json.dumps(facts, sort_keys=True)})
        all_digests, all_rows, all_groups = map(np.concatenate, zip(*indices, strict=True))
        return facts, PartIndex(digests=all_digests, rows=all_rows, groups=all_groups)

    def _storage(self) -> dict[str, Any]:
        """How the columns are stored: words compress well, vectors do not."""
        vector_columns = self.layout.vector_columns
        names = [name for name in self.layout.schema.names if name not in vector_columns]
        vectors = [f"{name}.list.element" for name in vector_columns]
        compression = dict.fromkeys(names, "zstd") | dict.fromkeys(vectors, "none")
        return {"compression": compression, "use_dictionary": names}

    def _table(
        self, flow: Flow, portion: Chunk, first: int, facts: PartFacts
    ) -> tuple[pa.Table, Digests, Ints]:
        """The rows of a portion's texts: their table, the texts' digests, and the rows of each."""
        layout = self.layout
        inputs = read(portion, layout.text, first=first, errors=self.settings.errors)
        _add_failures(facts, inputs)
        portion_digests = self._digests(inputs)
        copies = self.previous.find(portion_digests)
        # A failure is met anew, so that every dataset tells of its own.
        copies[[position - first for position, _ in inputs.failures]] = -1
        new = np.flatnonzero(copies < 0)
        frame, pieces = flow.frame_of(_selected(inputs, new), layout.frame_options, progress=False)
        facts["pieces"] += pieces
        rows = np.zeros(len(portion), dtype=np.int64)
        rows[new] = np.bincount(frame.index.to_numpy(), minlength=len(new))
        computed = layout.computed_table(frame)
        if len(new) < len(portion):
            old = np.flatnonzero(copies >= 0)
            copied, rows[old] = self.previous.rows_of(copies[old])
            facts["copied"] += len(old)
            # In the order of the texts.
            text_of_row = np.repeat(np.concatenate([new, old]), rows[np.concatenate([new, old])])
            order = np.argsort(text_of_row, kind="stable")
            computed = pa.concat_tables([computed, copied]).take(order)
        # Nulls stand for the texts that cannot be used.
        usable = portion if inputs.columns is None else inputs.columns
        carried = layout.input_table(usable, first).take(np.repeat(np.arange(len(portion)), rows))
        columns = [*computed.columns, *carried.columns]
        return pa.Table.from_arrays(columns, schema=layout.schema), portion_digests, rows

    def _digests(self, inputs: Inputs) -> Digests:
        columns = []
        if self.settings.key is not None:
            columns.append(_key_column(inputs, self.settings.key))
        chunks = self.layout.frame_options.chunk_column(inputs)
        if chunks is not None:
            columns.append(chunks)
        return digests(inputs.documents, *columns)


def _key_column(inputs: Inputs, key: Hashable) -> list[Any]:
    columns: Any = inputs.columns
    if columns is None or columns.columns.tolist().count(key) != 1:
        raise InputValueError(f"key={key!r} names a column, which the data does not have once.")
    return list(columns[key])


def _add_failures(facts: PartFacts, inputs: Inputs) -> None:
    facts["failures"] += len(inputs.failures)
    room = MAX_LISTED_FAILURES - len(facts["first_failures"])
    facts["first_failures"] += [list(failure) for failure in inputs.failures[:room]]


def _selected(inputs: Inputs, numbers: Ints) -> Inputs:
    """Some documents, numbered from 0 on."""
    documents = [inputs.documents[number] for number in numbers.tolist()]
    columns = inputs.columns
    if columns is not None:
        columns = columns.iloc[numbers].reset_index(drop=True)
    return Inputs(
        documents=documents,
        index=pd.RangeIndex(len(documents)),
        columns=columns,
        text_column=inputs.text_column,
    )
