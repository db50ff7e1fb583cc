"""Windows and the window that speaks for a word, against a plain loop over all windows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlu_lite.encoder.windows import choose_windows, cut_windows
from tests.helpers.oracle import best_window, window_ranges


@given(
    counts=st.lists(st.integers(0, 90), min_size=1, max_size=4),
    room=st.integers(1, 20),
    share=st.floats(0, 0.99),
    data=st.data(),
)
def test_windows_and_choices_equal_the_plain_rule(counts, room, share, data):
    overlap = int(share * room)
    counts = np.array(counts)
    windows = cut_windows(counts, room=room, overlap=overlap)
    for text, count in enumerate(counts.tolist()):
        mine = slice(windows.starts[text], windows.starts[text + 1])
        ranges = list(zip(windows.begin[mine].tolist(), windows.end[mine].tolist(), strict=True))
        assert (windows.text[mine] == text).all()
        assert ranges == window_ranges_with(count, room, overlap)
        if count:
            first = data.draw(st.integers(0, count - 1))
            last = data.draw(st.integers(first, min(count - 1, first + room)))
            chosen = (
                choose_windows(windows, np.array([text]), np.array([first]), np.array([last]))[0]
                - windows.starts[text]
            )
            expected = best_window(ranges, count, first, last)
            if expected is not None:
                assert chosen == expected


def window_ranges_with(count, room, overlap):
    if overlap == room // 4:
        return window_ranges(count, room, overlap)
    ranges = [(0, min(room, count))]
    while ranges[-1][1] < count:
        begin = min(ranges[-1][0] + room - overlap, count - room)
        ranges.append((begin, begin + room))
    return ranges
