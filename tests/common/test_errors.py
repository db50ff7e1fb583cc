"""What messages may show: no keys, passwords and signatures, nothing that a terminal obeys."""

from __future__ import annotations

import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_lite import errors
from nlu_lite.errors import NluLiteError, OutputError, hide_secrets, hide_secrets_of, show_controls


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3://KEY:SECRET@bucket/a/b", "s3://bucket/a/b"),
        ("s3://KEY:SEC/RE+T@bucket/a", "s3://bucket/a"),
        ("s3://KEY:12/34@bucket/a", "s3://bucket/a"),
        ("s3://KEY@bucket/a", "s3://bucket/a"),
        ("s3://bucket/a@b/c", "s3://bucket/a@b/c"),
        ("s3://b/a?region=eu&session_token=SECRET", "s3://b/a?region=eu&session_token=***"),
        ("s3://b/a?endpoint_override=http%3A%2F%2Fu%3Ap%40h", "s3://b/a?endpoint_override=***"),
        ("http://127.0.0.1:8080/a@b", "http://127.0.0.1:8080/a@b"),
        ("https://user:pa@ss@host/x", "https://host/x"),
        ("https://token@host/x", "https://host/x"),
        ("https://host/x?SECRET", "https://host/x?***"),
        ("hdfs://node:8020/x", "hdfs://node:8020/x"),
        ("abfss://box:SECRET@account.dfs.core.windows.net/x", "abfss://box@account.dfs.core.windows.net/x"),
        ("/cdn/x?X-Amz-Signature=SECRET&a=1", "/cdn/x?X-Amz-Signature=***&a=1"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"),
        ("it is 'gs://U:P@b/x', or \"https://U:P@h\"", "it is 'gs://b/x', or \"https://h\""),
        ("key='id' and output_level='token', 3:4@5", "key='id' and output_level='token', 3:4@5"),
    ],
)  # fmt: skip
def test_secrets_of_addresses_are_left_out_and_the_rest_stays(text, shown):
    assert hide_secrets(text) == shown


@given(st.text())
def test_what_is_hidden_once_stays_as_it_is(text):
    once = hide_secrets(f"s3://{text}@bucket/{text}?{text}")
    assert hide_secrets(once) == once


def test_every_error_of_the_package_hides_and_escapes_and_travels():
    classes = [item for item in vars(errors).values() if isinstance(item, type)]
    classes = [item for item in classes if issubclass(item, NluLiteError)]
    assert len(classes) > 15
    for our_class in classes:
        error = our_class("\x1b[2J at s3://KEY:SECRET@bucket/x:\n  - a line")
        assert str(error) == r"\x1b[2J at s3://bucket/x:" + "\n  - a line"
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_the_cause_of_an_error_tells_no_secrets_either():
    try:
        try:
            try:
                raise ValueError("s3://KEY:SECRET@bucket cannot be parsed")
            except ValueError:
                raise OSError(5, "no s3://KEY:SECRET@bucket", "s3://KEY:SECRET@bucket/x")  # noqa: B904
        except OSError as error:
            raise OutputError("it failed") from hide_secrets_of(error)
    except OutputError as error:
        text = "".join(traceback.format_exception(error))
        assert "KEY" not in "".join(line for line in text.splitlines() if "raise" not in line)
        assert text.count("s3://bucket") == 3


def test_line_breaks_and_tabs_stay():
    assert show_controls("a\n\tb\r") == "a\n\tb\\r"
