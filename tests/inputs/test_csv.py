"""CSV and TSV: what writers write is read back, and a file that is in doubt is refused with what
was seen and which option reads it."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.inputs import FileArguments, open_source
from nlu_lite.inputs.columns import Unreadable

TEXTS = [
    "plain",
    "a, b; c\td | e",
    'he said "yes"',
    '"quoted"',
    "two\nlines, and\r\nthree",
    'a "\n2,b',
    "C:\\new\\dir",
    'ends \\"',
    "\\",
    "'single'",
    '5" screen',
    "",
    " blanks ",
    "naïve 日本",
]
FRAME = pd.DataFrame({"id": [str(number) for number in range(len(TEXTS))], "text": TEXTS})


def rows_of(path, content=None, text=None, **given):
    """The rows of a file as lists; ``content`` is written before."""
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = open_source(str(path), text, file_arguments=FileArguments(**given))
    return [row for chunk in source for row in chunk.to_numpy().tolist()]


def refused(path, content, *shown, kind=InputValueError, **given):
    with pytest.raises(kind) as caught:
        rows_of(path, content, **given)
    message = str(caught.value)
    assert [part for part in shown if part not in message] == [], message


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize(
    ("name", "sign", "given"),
    [
        ("a.csv", ",", {}),
        ("a.csv", ";", {"delimiter": ";"}),
        ("a.csv", "|", {"delimiter": "|"}),
        ("a.csv", "\t", {"delimiter": "\\t", "escape": "none"}),
        ("A.CSV", ",", {}),
        ("a.tsv.csv", ",", {}),
    ],
)
def test_what_pandas_writes_is_read_back(name, sign, given, quoting, tmp_path):
    FRAME.to_csv(tmp_path / name, index=False, sep=sign, quoting=quoting)
    assert rows_of(tmp_path / name, **given) == FRAME.to_numpy().tolist()


@pytest.mark.parametrize("name", ["a.tsv", "a.csv.tsv", "a.tsv.gz"])
def test_tabs_stand_between_cells_where_the_last_ending_says_so(name, tmp_path):
    plain = FRAME[~FRAME["text"].str.contains(r"\\")]
    plain.to_csv(tmp_path / name, index=False, sep="\t")
    assert rows_of(tmp_path / name) == plain.to_numpy().tolist()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_a_line_ends_a_row(end, tmp_path):
    content = end.join(["id,text", "1,a", "2,b", ""])
    assert rows_of(tmp_path / "a.csv", content) == [["1", "a"], ["2", "b"]]


def test_the_hint_that_spreadsheets_read_says_the_delimiter(tmp_path):
    content = "sep=;\r\nid;text\r\n1;a, b\r\n"
    assert rows_of(tmp_path / "a.csv", content) == [["1", "a, b"]]


@pytest.mark.parametrize(
    "rows",
    [
        '1,"Good value\n2,Never again\n3,Third\n',
        '1,ok\n2,"Good value\n3,Never again\n',
        '1,"Good value\n2,"Never again"\n3,Third\n',
        '1,"Good value\n2,Never,again\n3,"Third"\n',
        '1,"Good value\n2,5"\n3,Third\n',
        '1,"Never" again\n',
    ],
)
def test_a_quote_that_is_never_closed_swallows_no_rows(rows, tmp_path):
    refused(tmp_path / "a.csv", f"id,text\n{rows}", "a.csv, line ", 'quoting="none"')


def test_the_place_of_such_a_quote_is_told(tmp_path):
    content = "id,text\n1,a\n2,b\n3,'c\n4,\"d\n5,e\n"
    refused(tmp_path / "a.csv", content, "row 3 of the input", "opens a cell in line 5")


def test_such_a_quote_behind_the_first_rows_is_told_as_well(tmp_path):
    rows = "".join(f"{number},a\n" for number in range(3_000))
    refused(tmp_path / "a.csv", f'id,text\n{rows}3000,"b\n3001,c\n', "row 3000 of the input")


def test_without_quoting_a_quote_is_text(tmp_path):
    content = 'id,text\n1,"Good value\n2,"Never" again\n3,"all"\n'
    rows = [["1", '"Good value'], ["2", '"Never" again'], ["3", '"all"']]
    assert rows_of(tmp_path / "a.csv", content, quoting="none") == rows


def test_cells_may_stand_in_other_quotes(tmp_path):
    content = "id,text\n1,'a, ''b'''\n2,\"c\n"
    assert rows_of(tmp_path / "a.csv", content, quoting="'") == [["1", "a, 'b'"], ["2", '"c']]


def test_a_long_cell_with_commas_is_no_doubt(tmp_path):
    content = 'id,text\n1,"Hello\nYes, sure"\n2,b\n'
    assert rows_of(tmp_path / "a.csv", content) == [["1", "Hello\nYes, sure"], ["2", "b"]]


def test_the_caller_decides_about_a_cell_over_lines_that_look_like_rows(tmp_path):
    content = 'id,text\n1,"Good\n2,5"\n3,x\n'
    assert rows_of(tmp_path / "a.csv", content, quoting='"') == [["1", "Good\n2,5"], ["3", "x"]]


@pytest.mark.parametrize("sign", [";", "\t", "|", "\x01"])
@pytest.mark.parametrize("rows", ["1{}Good, really\n2{}Bad{}or not\n", ""])
def test_a_file_with_another_delimiter_is_refused(sign, rows, tmp_path):
    content = f"id{sign}text\n" + rows.replace("{}", sign)
    refused(tmp_path / "a.csv", content, "a.csv", f"delimiter={sign!r}", "id")


def test_commas_in_a_file_of_tabs_are_refused(tmp_path):
    refused(tmp_path / "a.tsv", "id,text\n1,Good\n", "a.tsv", "delimiter=','")


def test_a_file_whose_rows_never_fit_its_columns_is_refused(tmp_path):
    content = "id,text\n1,a, b\n2,c, d\n"
    refused(tmp_path / "a.csv", content, "names 2 columns", "the first has 3", "delimiter=")


def test_a_row_that_does_not_fit_among_others_is_that_rows_fault(tmp_path):
    rows = rows_of(tmp_path / "a.csv", "id,text\n1,a\n2,b,c\n3,d\n")
    assert isinstance(rows[1][1], Unreadable)
    assert "Row 1 of the input, near line 3" in rows[1][1].reason
    assert rows[2] == ["3", "d"]


PROSE = [
    "Hello; world",
    "commas, and | bars\tand tabs; all of them",
    '"Never" again, he said',
    '5" screen',
    "it's",
    "C:\\new",
    "«dear»",
]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("header", ["text", "remarks; and more", "body\x1f"])
def test_one_column_of_prose_is_prose_whatever_signs_it_holds(name, header, tmp_path):
    lines = [line for line in PROSE if name == "a.csv" or "\\" not in line]
    content = "\n".join([header, *lines, ""])
    assert rows_of(tmp_path / name, content, text=header) == [[line] for line in lines]


def test_one_column_as_pandas_writes_it_is_read_back(tmp_path):
    FRAME[["text"]].to_csv(tmp_path / "a.csv", index=False)
    assert rows_of(tmp_path / "a.csv") == [[text] for text in TEXTS]


def test_an_unclosed_quote_in_one_column_is_refused(tmp_path):
    refused(tmp_path / "a.csv", 'text\n"Good\nNever\n', "opens a cell in line 2", "quoting=")


def test_one_column_whose_name_and_rows_hold_a_delimiter_is_read_when_the_caller_says_so(tmp_path):
    content = "text; more\na; b\nc; d\n"
    refused(tmp_path / "a.csv", content, "delimiter=';'", "delimiter=','")
    assert rows_of(tmp_path / "a.csv", delimiter=",") == [["a; b"], ["c; d"]]


BACKSLASHES = {"text": 'say \\"hi\\", he said', "read": 'say "hi", he said'}


def test_escapes_of_spark_are_refused_and_named(tmp_path):
    content = 'id,text\n1,"{text}"\n'.format(**BACKSLASHES)
    refused(tmp_path / "a.csv", content, 'has \\"', 'escape="\\\\"')
    assert rows_of(tmp_path / "a.csv", escape="\\") == [["1", BACKSLASHES["read"]]]


def test_outside_of_quotes_a_backslash_is_text(tmp_path):
    content = 'id,text\n1,C:\\new\n2,ends \\\n3,"a \\\\ b \\n"\n'
    rows = [["1", "C:\\new"], ["2", "ends \\"], ["3", "a \\ b \\n"]]
    assert rows_of(tmp_path / "a.csv", content, escape="\\") == rows


def test_an_escaped_line_break_in_quotes_is_text(tmp_path):
    content = 'id,text\n1,"a\\\nb \\"q\\"\nc"\n2,d\n'
    rows = [["1", 'a\nb "q"\nc'], ["2", "d"]]
    assert rows_of(tmp_path / "a.csv", content, escape="\\") == rows


def test_null_of_a_database_is_null(tmp_path):
    content = 'id,text\n1,\\N\n2,"\\N"\n3,a\n'
    refused(tmp_path / "a.csv", content, "\\\\N", 'escape="\\\\"', 'escape="none"')
    null, *values = [text for _, text in rows_of(tmp_path / "a.csv", escape="\\")]
    assert pd.isna(null)
    assert values == ["\\N", "a"]
    assert rows_of(tmp_path / "a.csv", escape="none")[0] == ["1", "\\N"]


# As PostgreSQL's COPY and `mysql --batch` write them (PostgreSQL's manual, COPY, "Text Format";
# MySQL's, "mysql Client Options"): no quotes, and a letter behind a backslash.
COPIED = {
    "line\\nbreak": "line\nbreak",
    "tab\\there": "tab\there",
    "back\\\\slash": "back\\slash",
    '"Great" he said': '"Great" he said',
    '"all"': '"all"',
    '"open': '"open',
}


def test_a_table_as_databases_write_it(tmp_path):
    lines = [f"{number}\t{text}\n" for number, text in enumerate(COPIED)]
    path = tmp_path / "a.tsv"
    rows = rows_of(path, "id\ttext\n" + "".join(lines), quoting="none", escape="\\")
    assert [text for _, text in rows] == list(COPIED.values())


def test_an_escaped_sign_itself_as_mysql_writes_it_into_files(tmp_path):
    content = "id\ttext\n1\ta\\\nb\\\tc\n2\t\\N\n3\td\n"
    rows = rows_of(tmp_path / "a.tsv", content, quoting="none", escape="\\")
    assert [rows[0], rows[2]] == [["1", "a\nb\tc"], ["3", "d"]]
    assert pd.isna(rows[1][1])


@pytest.mark.parametrize("text", ["line\\nbreak", "tab\\there", "back\\\\slash", "\\N"])
def test_a_table_of_a_database_is_refused_without_options(text, tmp_path):
    refused(tmp_path / "a.tsv", f"id\ttext\n1\t{text}\n", "escape=", "database")
    assert rows_of(tmp_path / "a.tsv", escape="none") == [["1", text]]


@pytest.mark.parametrize("text", ['"all"', '"Great" he said', '"open'])
def test_quotes_of_a_database_are_refused_without_options(text, tmp_path):
    refused(tmp_path / "a.tsv", f"id\ttext\n1\t{text}\n2\tb\n", 'quoting="none"')
    assert rows_of(tmp_path / "a.tsv", quoting="none") == [["1", text], ["2", "b"]]


def test_lines_of_tabs_within_quotes_are_refused(tmp_path):
    refused(tmp_path / "a.tsv", 'id\ttext\n1\t"Good\n2\t5"\n', "2 lines", 'quoting="none"')


def test_a_blank_before_a_quote_is_refused(tmp_path):
    refused(tmp_path / "a.csv", 'id,text\n1, "Hello world"\n', "a blank stands before")


@pytest.mark.parametrize("sign", ["||", "", 5, "\n"])
@pytest.mark.parametrize("name", ["delimiter", "quoting", "escape"])
def test_what_is_no_sign_is_refused(name, sign, tmp_path):
    refused(tmp_path / "a.csv", "id,text\n", name, "one sign", kind=OptionError, **{name: sign})


@pytest.mark.parametrize("given", [{"delimiter": '"'}, {"escape": ","}, {"quoting": ","}])
def test_one_sign_with_two_meanings_is_refused(given, tmp_path):
    refused(tmp_path / "a.csv", "id,text\n", "signs that differ", kind=OptionError, **given)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("a.txt", {"delimiter": ";"}),
        ("a.jsonl", {"escape": "\\"}),
        ("a.jsonl", {"quoting": "none"}),
    ],
)
def test_options_of_csv_are_refused_for_other_files(name, given, tmp_path):
    refused(tmp_path / name, '{"text": "a"}\n', name, *given, kind=OptionError, **given)


def test_options_of_files_are_refused_for_data_in_memory(family_pipe):
    with pytest.raises(OptionError, match=r"delimiter=';'.*the input is a list"):
        family_pipe("bert").stream(["a"], delimiter=";")


def test_an_empty_file_is_refused(tmp_path):
    refused(tmp_path / "a.csv", "", "line of column names")


def test_a_row_is_as_long_as_its_text(tmp_path):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["id", "text"], ["1", 'a "b",\n' * 50_000]])
    assert rows_of(tmp_path / "a.csv", buffer.getvalue()) == [["1", 'a "b",\n' * 50_000]]


@pytest.mark.parametrize("method", ["stream", "to_parquet", "estimate"])
def test_every_call_that_reads_files_takes_the_options(method, family_pipe, tmp_path):
    (tmp_path / "a.csv").write_bytes("id;text\n1;to bé\n".encode("utf-16"))
    given = {"delimiter": ";", "quoting": "none", "escape": "\\", "encoding": "utf-16"}
    pipe = family_pipe("bert")
    if method == "to_parquet":
        pipe.to_parquet(tmp_path / "a.csv", tmp_path / "out", **given)
        assert pd.read_parquet(tmp_path / "out")["token"].tolist() == ["to", "bé"]
    elif method == "stream":
        (frame,) = pipe.stream(tmp_path / "a.csv", **given)
        assert frame["token"].tolist() == ["to", "bé"]
    else:
        assert pipe.estimate(tmp_path / "a.csv", **given).words == 2


def test_a_dataset_is_gone_on_with_only_as_it_was_read(family_pipe, tmp_path):
    (tmp_path / "a.csv").write_text("id;text\n1;a\n")
    pipe = family_pipe("bert")
    pipe.to_parquet(tmp_path / "a.csv", tmp_path / "out", delimiter=";")
    with pytest.raises(OSError, match=r"delimiter"):
        pipe.to_parquet(tmp_path / "a.csv", tmp_path / "out", delimiter=",", text="id;text")
