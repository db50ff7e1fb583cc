"""Which parts a run writes, on which devices, what it does with bad rows, and its report."""

from __future__ import annotations

import threading

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlu_lite.errors import InputTypeError, InputValueError, OptionError, UnknownOptionError
from tests.helpers.datasets import COUNT, FRAME, TEXTS, parts, report


def test_parts_are_fixed_ranges_of_the_input_whatever_it_comes_from(pipe, tmp_path):
    FRAME[["id", "text"]].to_json(tmp_path / "input.jsonl", orient="records", lines=True)
    FRAME[["id", "text"]].to_parquet(tmp_path / "input.parquet")
    tables = []
    for name in ("input.jsonl", "input.parquet"):
        pipe.to_parquet(tmp_path / name, tmp_path / f"of-{name}", part_rows=20)
        table = pq.read_table(tmp_path / f"of-{name}" / "part-000001.parquet")
        assert table["origin_index"].unique().to_pylist() == list(range(20, 40))
        tables.append(table.replace_schema_metadata(None))
    assert tables[0].equals(tables[1])


def test_a_second_run_does_nothing_and_a_missing_part_is_made_again(pipe, folder):
    pipe.to_parquet(FRAME, folder, part_rows=20)
    before = parts(folder)
    assert pipe.to_parquet(FRAME, folder, part_rows=20)["run"]["parts"] == 0
    (folder / "part-000001.parquet").unlink()
    (folder / "part-000002.parquet").write_bytes(before["part-000002.parquet"][:100])
    again = pipe.to_parquet(FRAME, folder, part_rows=20)
    assert again["run"]["parts"] == 2
    assert again["texts"] == COUNT
    assert parts(folder) == before


def test_the_report_says_what_was_done(pipe, folder):
    returned = pipe.to_parquet(FRAME, folder, part_rows=20)
    written = report(folder)
    assert returned == written
    assert written["complete"]
    assert (written["parts"], written["texts"], written["failures"]) == (3, COUNT, 0)
    assert written["rows"] == len(pipe.predict(FRAME))
    assert written["run"]["pieces_per_second"] > 0
    assert written["computed_with"]["versions"]["pyarrow"] == pa.__version__


def test_the_recorded_number_of_threads_is_used_again(pipe, folder):
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        pipe.to_parquet(FRAME, folder, part_rows=20)
        whole = parts(folder)
        (folder / "part-000001.parquet").unlink()
        torch.set_num_threads(1)
        pipe.to_parquet(FRAME, folder, part_rows=20)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert parts(folder) == whole


def test_shards_make_the_dataset_that_one_machine_makes(pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "whole", part_rows=8)
    for number in (2, 0, 1):
        pipe.to_parquet(FRAME, folder, part_rows=8, shard=(number, 3))
        assert report(folder, f"report-{number}-of-3.json")["complete"]
    assert parts(folder) == parts(tmp_path / "whole")
    assert pipe.to_parquet(FRAME, folder, part_rows=8)["run"]["parts"] == 0


def test_several_devices_make_the_dataset_that_one_makes(pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "whole", part_rows=8)
    summary = pipe.to_parquet(FRAME, folder, part_rows=8, device=["cpu", "cpu"])
    assert summary["texts"] == COUNT
    assert parts(folder) == parts(tmp_path / "whole")


def test_several_devices_compute_at_once(pipe, folder, monkeypatch):
    """Both parts are begun before one ends."""
    from nlu_lite.parquet.part import Parts

    barrier, write = threading.Barrier(2, timeout=60), Parts.write

    def together(*arguments):
        barrier.wait()
        return write(*arguments)

    monkeypatch.setattr(Parts, "write", together)
    assert pipe.to_parquet(FRAME, folder, part_rows=25, device=["cpu", "cpu"])["parts"] == 2


def test_a_fault_on_one_of_several_devices_is_raised(pipe, folder):
    with pytest.raises(InputTypeError, match="Item 21 is 7"):
        pipe.to_parquet([*TEXTS[:21], 7, *TEXTS], folder, part_rows=5, device=["cpu", "cpu"])
    assert not report(folder)["complete"]


def test_devices_that_do_not_compute_alike_are_refused(pipe, folder, monkeypatch):
    """What the second device says of itself is made up: this machine has one kind only."""
    from nlu_lite import encoder

    real, processors = encoder.describe_computation, iter(("a processor", "another"))
    monkeypatch.setattr(
        encoder,
        "describe_computation",
        lambda loaded: {**real(loaded), "processor": next(processors)},
    )
    with pytest.raises(
        OptionError,
        match='must compute alike; cpu does not: processor: "a processor" there, "another" here',
    ):
        pipe.to_parquet(TEXTS, folder, device=["cpu", "cpu"])
    assert parts(folder) == {}


BAD = ["to be", 7, "or not", b"to be"]


def test_a_bad_row_stops_the_job_and_finished_parts_are_kept(pipe, folder):
    with pytest.raises(InputTypeError, match="Item 41 is 7"):
        pipe.to_parquet([*TEXTS[:40], *BAD], folder, part_rows=20)
    assert sorted(parts(folder)) == ["part-000000.parquet", "part-000001.parquet"]
    written = report(folder)
    assert (written["complete"], written["texts"]) == (False, 40)
    assert "Item 41 is 7" in written["error"]


def test_bad_rows_become_null_and_are_counted_also_after_a_stop(pipe, folder):
    data = pd.DataFrame({"id": range(24), "text": [*TEXTS[:20], *BAD]}, dtype=object)
    with pytest.raises(InputTypeError):
        pipe.to_parquet(data, folder, "document", part_rows=10)
    summary = pipe.to_parquet(data, folder, "document", part_rows=10, errors="null")
    assert (summary["complete"], summary["failures"], summary["run"]["parts"]) == (True, 2, 1)
    assert [row for row, _ in summary["first_failures"]] == [21, 23]
    assert "bytes" in summary["first_failures"][1][1]
    dataset = pd.read_parquet(folder)
    assert dataset["document"].isna().tolist()[20:] == [False, True, False, True]
    assert dataset["text"].isna().tolist()[20:] == [False, True, False, True]
    assert dataset["id"].tolist() == list(range(24))


def test_a_line_that_is_no_json_becomes_null(pipe, folder, tmp_path):
    (tmp_path / "input.jsonl").write_text(
        '{"id": 1, "text": "to be"}\n{"id": 2, "te\n{"id": 3, "text": "or not"}\n'
    )
    summary = pipe.to_parquet(tmp_path / "input.jsonl", folder, "document", errors="null")
    assert summary["failures"] == 1
    assert pd.read_parquet(folder)["document"].isna().tolist() == [False, True, False]


def test_an_input_that_breaks_off_keeps_the_finished_parts(pipe, folder, tmp_path):
    import gzip

    path = tmp_path / "input.txt.gz"
    path.write_bytes(
        gzip.compress("\n".join(f"{n} {n * 7919}" for n in range(9_000)).encode())[:-5_000]
    )
    with pytest.raises(InputValueError, match=r"input.txt.gz cannot be read from row \d+"):
        pipe.to_parquet(path, folder, part_rows=100)
    assert len(parts(folder)) > 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"part_rows": 0}, "part_rows is 0"),
        ({"vectors": "float64"}, "vectors is 'float64'; valid are float32, float16"),
        ({"errors": "ignore"}, "errors is 'ignore'; valid are raise, null"),
        ({"shard": (2, 2)}, r"shard is \(2, 2\)"),
        ({"shard": 1}, "shard is 1"),
        ({"device": []}, "device is"),
        ({"output_level": "document", "aggregate": None}, "matrices"),
        ({"keep": ["nothing"]}, r"keep names \['nothing'\]"),
    ],
    ids=str,
)
def test_options_that_cannot_be(options, message, pipe, folder):
    with pytest.raises(OptionError, match=message):
        pipe.to_parquet(FRAME, folder, **options)
    assert parts(folder) == {}


def test_an_unknown_option_is_refused(pipe, folder):
    with pytest.raises(UnknownOptionError, match="part_rows"):
        pipe.to_parquet(TEXTS, folder, rows=3)
