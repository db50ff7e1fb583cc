"""How large a frame will be and how long it takes, and the warning of one that is too large."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from nlu_lite.errors import InputTypeError, OptionError, UnknownOptionError
from nlu_lite.flow.estimate import LONGEST, MOST_GROUPS, find_rate
from nlu_lite.frame import size as frame_size

TEXTS = ["I love NLP. Me too!", None, "", "unbelievably good", "one more"]


def rate_of(*rates, texts=100, pieces=2_000):
    """What is found where groups of equal texts go at these rates, the last one for the rest."""
    asked = []

    def seconds(begin, end):
        asked.append((begin, end))
        rate = rates[min(len(asked), len(rates)) - 1]
        return (end - begin) * pieces / rate

    return find_rate(seconds, np.full(texts, pieces)), asked


def test_the_rate_is_that_of_three_groups_in_a_row_which_agree():
    # The first call is not measured, the second is slow still.
    (rate, spread), asked = rate_of(10, 500, 1_000, 1_050, 1_100)
    assert rate == pytest.approx(3 / (1 / 1_000 + 1 / 1_050 + 1 / 1_100))
    assert spread == pytest.approx(100 / 1_050)
    assert asked == [(0, 1), (0, 1), (1, 2), (2, 3), (3, 4)]


def test_where_groups_never_agree_the_spread_says_so():
    (rate, spread), asked = rate_of(1, *[1_000, 2_000] * 10)
    assert len(asked) == 1 + MOST_GROUPS
    assert rate == pytest.approx(2 / (1 / 1_000 + 1 / 2_000))
    assert spread == pytest.approx(1_000 / 1_500)


def test_groups_grow_until_one_can_be_measured_and_begin_again_where_the_sample_ends():
    (rate, spread), asked = rate_of(10_000, texts=12, pieces=500)
    assert (rate, spread) == (pytest.approx(10_000), pytest.approx(0, abs=1e-9))
    assert asked == [(0, 1), (0, 1), (1, 3), (3, 12), (0, 4), (4, 12)]


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
def test_of_little_data_all_but_the_time_is_counted(minilm, level):
    found = minilm.estimate(TEXTS, level)
    assert found.rows == len(minilm.predict(TEXTS, level))
    assert (found.texts, found.sample_texts, found.words) == (5, 5, 11)
    sentences = minilm.predict(TEXTS, "sentence", metadata=True)
    assert found.pieces == sentences["piece_count"].sum()
    assert found.seconds == pytest.approx(
        found.pieces / found.pieces_per_second, rel=0.01, abs=0.001
    )


def test_chunks_are_counted(minilm):
    assert minilm.estimate(TEXTS, "chunk", chunks=["love NLP", "more"]).rows == 2 + 3


def test_of_much_data_a_sample_is_taken_that_is_like_it(minilm):
    # Longer and longer, so that the first texts are not like the others.
    texts = [" ".join(["word"] * (1 + n // 500)) + "." for n in range(20_000)]
    words = sum(2 + n // 500 for n in range(20_000))
    found = minilm.estimate(texts)
    assert found.texts == 20_000
    assert found.sample_texts <= 4_096
    assert found.words == pytest.approx(words, rel=0.05)
    assert found.rows == found.words


def test_of_a_very_long_text_the_beginning_is_taken(minilm):
    found = minilm.estimate(["five " * LONGEST])
    assert (found.texts, found.words) == (1, pytest.approx(LONGEST, rel=0.01))


def test_a_file_is_estimated_like_its_texts(minilm, tmp_path):
    pd.DataFrame({"id": [1, 2], "body": TEXTS[3:]}).to_csv(tmp_path / "in.csv", index=False)
    found, wanted = minilm.estimate(tmp_path / "in.csv", text="body"), minilm.estimate(TEXTS[3:])
    assert (found.texts, found.words, found.pieces, found.frame_mb) == (
        2,
        4,
        wanted.pieces,
        wanted.frame_mb,
    )


@pytest.mark.parametrize("data", [[], [None, " "]])
def test_data_without_words_takes_no_time(minilm, data):
    found = minilm.estimate(data)
    assert (found.texts, found.rows, found.words, found.pieces, found.seconds) == (
        len(data),
        len(data),
        0,
        0,
        0.0,
    )


def test_what_can_be_read_only_once_is_refused_and_not_used_up(minilm):
    texts = iter(TEXTS)
    with pytest.raises(InputTypeError, match="only once"):
        minilm.estimate(texts)
    assert next(texts) == TEXTS[0]


def test_options_are_those_of_a_frame(minilm):
    with pytest.raises(UnknownOptionError, match="aggregate"):
        minilm.estimate(TEXTS, keep=True)
    with pytest.raises(OptionError, match="output_level"):
        minilm.estimate(TEXTS, "word")


def test_the_size_is_that_of_the_frame(minilm):
    texts = [f"I love NLP {n % 7}" for n in range(5_000)]
    minilm.predict(texts)
    tracemalloc.start()
    frame = minilm.predict(texts, progress=False)
    measured, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert minilm.estimate(texts).frame_mb * 1e6 == pytest.approx(measured, rel=0.05)
    assert len(frame) == 20_000


@pytest.fixture
def leaves(tmp_path, monkeypatch):
    """Lets the control group leave so many bytes to this process."""

    def limit(free: int) -> None:
        (tmp_path / "memory.max").write_text(f"{free + 1_000_000_000}\n")
        (tmp_path / "memory.current").write_text("1500000000\n")
        (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 500000000\n")
        monkeypatch.setattr(frame_size, "CONTROL_GROUPS", tmp_path)

    return limit


# 36,000 words of one sentence, which is encoded once: 60 MB.
LARGE = ["I love NLP"] * 12_000


def test_a_frame_of_more_than_half_of_the_free_memory_is_warned_of_once(minilm, leaves):
    leaves(100_000_000)
    with pytest.warns(
        UserWarning, match=r"36,000 rows .* 60 MB of the 100 MB .*stream.*to_parquet"
    ) as caught:
        minilm.predict(LARGE)
    assert [warning.filename for warning in caught] == [__file__]


def test_the_warning_comes_before_the_work(minilm, leaves, monkeypatch):
    leaves(100_000_000)
    monkeypatch.setattr(type(minilm.flow), "results", None)
    with pytest.raises(UserWarning):  # as an error, which the tests make of every warning
        minilm.predict(LARGE)


def test_a_frame_of_less_is_not_warned_of_nor_is_a_stream(minilm, leaves):
    leaves(130_000_000)
    assert len(minilm.predict(LARGE)) == 36_000
    leaves(1_000_000)
    assert sum(len(frame) for frame in minilm.stream(LARGE)) == 36_000


def test_free_memory_is_what_the_control_group_leaves(leaves, tmp_path):
    leaves(7_000_000)
    assert frame_size.free_bytes() == 7_000_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   5 kB\n")
    assert frame_size.free_bytes(machine=tmp_path / "meminfo") == 5 * 1024
    assert frame_size.free_bytes(machine=tmp_path / "none") is None


def test_free_memory_reads_the_older_control_groups(tmp_path):
    (tmp_path / "memory").mkdir()
    for name, content in (
        ("memory.limit_in_bytes", "1000"),
        ("memory.usage_in_bytes", "600"),
        ("memory.stat", "total_inactive_file 50"),
    ):
        (tmp_path / "memory" / name).write_text(content)
    assert frame_size.free_bytes(control_groups=tmp_path) == 450
