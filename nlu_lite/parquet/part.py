"""One part of a dataset: rows of the input in, a file out, encoded portion by portion and by itself."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import give_back
from nlu_lite.errors import InputValueError, OutputError
from nlu_lite.inputs import Inputs, cut_portions, read
from nlu_lite.parquet.layout import Layout
from nlu_lite.parquet.reuse import PreviousDataset, digests, index_content, index_name, read_index
from nlu_lite.parquet.settings import Settings
from nlu_lite.parquet.store import Store, write

if TYPE_CHECKING:
    from nlu_lite.flow import Flow
    from nlu_lite.inputs import Chunk

# Failures that a part tells of one by one; the others are only counted.
MAX_LISTED_FAILURES = 20
KEY = "nlu_lite"


@dataclass(frozen=True)
class Parts:
    """What all parts of a dataset have in common.

    Attributes:
        store: Where they are written.
        layout: Their columns.
        settings: How they are written.
        job: The fingerprint of the manifest.
        earlier: A dataset to copy from.
    """

    store: Store
    layout: Layout
    settings: Settings
    job: str
    earlier: PreviousDataset | None

    @staticmethod
    def name(number: int) -> str:
        """The name of a part's file."""
        return f"part-{number:06d}.parquet"

    def written(self, number: int) -> dict[str, Any] | None:
        """What a part that is there says of itself; None where it is not there, or not a whole file.

        Raises:
            OutputError: It is of another job.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with self.store.open(self.name(number)) as file:
                facts: dict[str, Any] = json.loads(
                    pq.ParquetFile(file).metadata.metadata[KEY.encode()]
                )
        except (OSError, pa.ArrowInvalid, KeyError, TypeError):
            return None
        if facts["job"] != self.job:
            raise OutputError(
                f"{self.store.place}/{self.name(number)} is of another job; remove it, or name a "
                f"new folder."
            )
        return facts

    def is_made_of(self, number: int, chunk: Chunk) -> bool:
        """Whether a part that is there was made of these rows, by their digests.

        Args:
            number: Of the part.
            chunk: Rows of the input.
        """
        inputs = read(chunk, self.layout.text, errors="null")
        found, _, _ = read_index(self.store, self.name(number))
        return bool(np.array_equal(found, self._digests(inputs)))

    def write(
        self, flow: Flow, number: int, chunk: Chunk, progress: Callable[[int], object]
    ) -> dict[str, Any]:
        """Encode rows of the input and let the part appear.

        Args:
            flow: The models.
            number: Of the part.
            chunk: Its rows.
            progress: Called with the number of texts done.

        Returns:
            What the part says of itself.

        Raises:
            OutputError: It cannot be written, for example because the disk is full.
        """
        name = self.name(number)
        draft = self.store.draft(name)
        try:
            facts, index = self._write_draft(flow, draft, number, chunk, progress)
            # Before the part, so that a part that is there has its index.
            write(self.store, index_name(name), index)
            self.store.publish(draft, name)
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(
                f"{self.store.place}/{name} cannot be written: {error}. The parts before it are "
                f"whole; once there is room, the "
                "same call goes on from there."
            ) from error
        finally:
            with contextlib.suppress(
                OSError
            ):  # nothing is lost with it, and what is wrong is said already
                draft.unlink(missing_ok=True)
        return facts

    def _write_draft(
        self,
        flow: Flow,
        draft: Path,
        number: int,
        chunk: Chunk,
        progress: Callable[[int], object],
    ) -> tuple[dict[str, Any], bytes]:
        import pyarrow.parquet as pq

        schema, first = self.layout.schema, number * self.settings.part_rows
        facts: dict[str, Any] = {
            "job": self.job,
            "part": number,
            "first": first,
            "texts": len(chunk),
            "rows": 0,
            "pieces": 0,
        }
        facts |= {"copied": 0, "failures": 0, "first_failures": []}
        index: list[tuple[NDArray[np.void], NDArray[np.int64], NDArray[np.int64]]] = []
        group, at = 0, first
        plain = [field.name for field in schema if field.name not in self.layout.widths]
        with pq.ParquetWriter(
            draft, schema, compression=self._compression(), use_dictionary=plain
        ) as writer:
            for portion in cut_portions([chunk], self.layout.text) if len(chunk) else [chunk]:
                table, found, rows = self._table(flow, portion, at, facts)
                if table.num_rows:
                    writer.write_table(table, row_group_size=table.num_rows)
                index.append((found, rows, np.full(len(rows), group)))
                group += table.num_rows > 0
                at += len(portion)
                facts["rows"] += table.num_rows
                progress(len(portion))
                del table
                give_back()
            writer.add_key_value_metadata({KEY: json.dumps(facts, sort_keys=True)})
        columns = [np.concatenate(column) for column in zip(*index, strict=True)]
        return facts, index_content(columns[0], columns[1], columns[2])

    def _compression(self) -> dict[str, str]:
        """Words compress well, vectors do not."""
        names = {name: f"{name}.list.element" for name in self.layout.widths}
        return {
            names.get(field.name, field.name): "none" if field.name in names else "zstd"
            for field in self.layout.schema
        }

    def _table(
        self, flow: Flow, portion: Chunk, first: int, facts: dict[str, Any]
    ) -> tuple[Any, NDArray[np.void], NDArray[np.int64]]:
        """The rows of a portion's texts: their table, the texts' digests, and the rows of each."""
        import pyarrow as pa

        layout = self.layout
        inputs = read(portion, layout.text, first=first, errors=self.settings.errors)
        facts["failures"] += len(inputs.failures)
        told = MAX_LISTED_FAILURES - len(facts["first_failures"])
        facts["first_failures"] += [list(failure) for failure in inputs.failures[:told]]
        found = self._digests(inputs)
        places = np.full(len(portion), -1) if self.earlier is None else self.earlier.places(found)
        # A failure is met anew, so that every dataset tells of its own.
        places[[position - first for position, _ in inputs.failures]] = -1
        fresh = np.flatnonzero(places < 0)
        computed, pieces = flow.frame_of(_some(inputs, fresh), layout.ask, progress=False)
        facts["pieces"] += pieces
        rows = np.zeros(len(portion), dtype=np.int64)
        rows[fresh] = np.bincount(computed.index.to_numpy(), minlength=len(fresh))
        ours = layout.ours_of(computed)
        if len(fresh) < len(portion):
            ours = self._with_copies(ours, fresh, places, rows)
            facts["copied"] += len(portion) - len(fresh)
        others = layout.others_of(_with_texts(portion, inputs), first).take(
            np.repeat(np.arange(len(portion)), rows)
        )
        return (
            pa.Table.from_arrays([*ours.columns, *others.columns], schema=layout.schema),
            found,
            rows,
        )

    def _with_copies(
        self,
        ours: Any,
        fresh: NDArray[np.int64],
        places: NDArray[np.int64],
        rows: NDArray[np.int64],
    ) -> Any:  # noqa: ANN401
        """The computed rows and those of the earlier dataset, in the order of the texts; ``rows`` is filled in."""
        import pyarrow as pa

        assert self.earlier is not None
        old = np.flatnonzero(places >= 0)
        copies, rows[old] = self.earlier.rows_of(places[old])
        owner = np.concatenate([np.repeat(fresh, rows[fresh]), np.repeat(old, rows[old])])
        return pa.concat_tables([ours, copies]).take(np.argsort(owner, kind="stable"))

    def _digests(self, inputs: Inputs) -> NDArray[np.void]:
        chunks = self.layout.ask.chunks
        columns = []
        for option, name in (
            ("key", self.settings.key),
            ("chunks", chunks if isinstance(chunks, str) else None),
        ):
            if name is None:
                continue
            names: list[Hashable] = [] if inputs.columns is None else list(inputs.columns.columns)
            if inputs.columns is None or names.count(name) != 1:
                raise InputValueError(
                    f"{option}={name!r} names a column, which the data does not have once."
                )
            columns.append(inputs.columns[name].tolist())
        return digests(inputs.documents, *columns)


def _some(inputs: Inputs, places: NDArray[np.int64]) -> Inputs:
    """Some documents, numbered from 0 on."""
    documents = [inputs.documents[place] for place in places.tolist()]
    columns = None if inputs.columns is None else inputs.columns.iloc[places].reset_index(drop=True)
    return Inputs(documents, pd.RangeIndex(len(documents)), columns, inputs.text_column)


def _with_texts(portion: Chunk, inputs: Inputs) -> Chunk:
    """The portion with nulls for the texts that cannot be used."""
    return portion if inputs.columns is None else inputs.columns
