"""Code for NLU is read, judged and copied with changes; nothing of it is run."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_lite import SparkSentences, SparkTokenizer, cli
from nlu_lite.compat import facts
from nlu_lite.compat import migrate as migration
from nlu_lite.compat.migrate import requests
from nlu_lite.errors import MigrationError
from nlu_lite.registry import resolve


@pytest.fixture
def judged(tmp_path):
    """From code to its verdicts; ``import nlu`` stands before it."""

    def judge(code: str, *, name: str = "work.py", before: str = "import nlu\n"):
        path = tmp_path / name
        path.write_text(before + code, encoding="utf-8")
        return migration.judge(migration.read(path))

    return judge


@pytest.fixture
def migrated(judged):
    """From code to the text of its changed copy, without the import's line; the copy is Python."""

    def migrate(code: str, **options) -> str:
        copy = migration.write(judged(code, **options), is_forced=True)
        assert copy is not None
        text = copy.read_text(encoding="utf-8")
        compile(text, str(copy), "exec")
        return text.partition("\n")[2]

    return migrate


@pytest.fixture
def verdict(judged):
    """From code to the verdicts of its lines, that of the import left out."""
    return lambda code: [found.verdict for found in judged(code).findings[1:]]


@pytest.fixture
def reasons(judged):
    """From code to all its reasons."""
    return lambda code: " | ".join(
        reason for found in judged(code).findings for reason in (*found.reasons, *found.missing)
    )


def notebook(*cells: str) -> str:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.cells.insert(0, nbformat.v4.new_markdown_cell("# About *NLU*"))
    for number, cell in enumerate(made.cells[1:], 1):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text="printed\n")]
    return nbformat.writes(made)


# Imports


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("import nlu\n", "import nlu_lite.compat as nlu\n"),
        ("import nlu as n\nn.load('bert')\n", "import nlu_lite.compat as n\nn.load('bert')\n"),
        ("import os, nlu, re\n", "import os, nlu_lite.compat as nlu, re\n"),
        (
            "from nlu import load\nload('bert')\n",
            "from nlu_lite.compat import load\nload('bert')\n",
        ),
        (
            "from nlu import load as read\nread('bert pos')\n",
            "from nlu_lite.compat import load as read\nread('bert')\n",
        ),
        ("from nlu import *\nload('bert pos')\n", "from nlu_lite.compat import *\nload('bert')\n"),
        ("try:\n    import nlu\nexcept ImportError:\n    nlu = None\nnlu.load('bert pos')\n", None),
    ],
)
def test_one_import_changes(tmp_path, code, changed):
    path = tmp_path / "a.py"
    path.write_text(code)
    copy = migration.write(migration.judge(migration.read(path)))
    text = copy.read_text()
    assert text == changed if changed else "nlu.load('bert')" in text


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        (
            "from johnsnowlabs import nlp\nnlp.load('bert pos')\n",
            "import nlu_lite.compat as nlp\nnlp.load('bert')\n",
        ),
        (
            "from johnsnowlabs import nlp as n\npipe = n.nlu.load('bert')\nn.nlu.version()\n",
            "import nlu_lite.compat as n\npipe = n.load('bert')\nn.version()\n",
        ),
        (
            "from johnsnowlabs import nlp\nnlp.start()\nnlp.load('bert')\n",
            "import nlu_lite.compat as nlp\nnlp.start()\nnlp.load('bert')\n",
        ),
        (
            "from johnsnowlabs import *\nnlp.install()\nnlp.load('bert')\n",
            "from nlu_lite.compat import *\nnlp.install()\nnlp.load('bert')\n",
        ),
        (
            "from nlu import *\nnlu.load('bert pos')\n",
            "from nlu_lite.compat import *\nnlu.load('bert')\n",
        ),
    ],
)
def test_nlu_is_a_part_of_johnsnowlabs_too(judged, tmp_path, code, changed):
    copy = migration.write(judged(code, before=""))
    assert copy.read_text() == changed


@pytest.mark.parametrize(
    "code",
    [
        "from johnsnowlabs import *\nmedical.x()",
        "from johnsnowlabs import nlp, medical\nmedical.x()",
        "from johnsnowlabs import nlp\nspark = nlp.start()\nspark.stop()",
        "from johnsnowlabs import nlp\nnlp.DocumentAssembler()",
    ],
)
def test_the_rest_of_johnsnowlabs_is_not_served(judged, code):
    verdicts = judged(code, before="")
    assert verdicts.findings[-1].verdict == "cannot"


def test_the_insides_of_nlu_are_refused(judged):
    verdicts = judged("", before="from nlu.pipe.pipeline import NLUPipeline\nNLUPipeline()\n")
    assert [found.verdict for found in verdicts.findings] == ["cannot", "cannot"]


# Requests


@pytest.mark.parametrize(
    "request_", ["en.embed.minilm_l6", "bert", "en.embed.bert.small_L12_256", "bert  electra"]
)
def test_served_requests_work_as_they_are(verdict, migrated, request_):
    assert verdict(f"nlu.load({request_!r}).predict('x')") == ["works"]
    assert (
        migrated(f"nlu.load({request_!r}).predict('x')\n")
        == f"nlu.load({request_!r}).predict('x')\n"
    )


@pytest.mark.parametrize(
    ("request_", "served", "missing"),
    [
        ("bert pos", "bert", "parts of speech"),
        ("pos sentiment emotion bert", "bert", "sentiment"),
        ("en.embed.minilm_l6 elmo", "en.embed.minilm_l6", "recurrent"),
        ("ner.onto en.embed.minilm_l6", "en.embed.minilm_l6", "named entities"),
        ("en.embed.minilm_l6 en.no.such.thing", "en.embed.minilm_l6", "not a known reference"),
    ],
)
def test_a_mixed_request_becomes_the_one_that_works(judged, migrated, request_, served, missing):
    verdicts = judged(f'nlu.load("{request_}")')
    (found,) = verdicts.findings[1:]
    assert found.verdict == "changed"
    assert missing in " ".join(found.missing)
    assert not migration.works(verdicts)
    copy = migrated(f'nlu.load("{request_}")')
    assert copy == f'nlu.load("{served}")'
    assert [
        entry.request
        for entry in resolve(ast.literal_eval(copy[9:-1]), path=None, task=None, language=None)
    ]


def test_what_every_result_has_is_left_out_without_loss(judged, migrated):
    assert migration.works(judged("nlu.load('tokenize bert')"))
    assert migrated("nlu.load('tokenize bert')") == "nlu.load('bert')"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("elmo", ["recurrent", "'en.embed.bert'"]),
        ("sentiment", ["judges sentiment", "Next step"]),
        (
            "en.classify.emotion.bert",
            [
                "nateraw/bert-base-uncased-emotion",
                "en.classify.bert.emotion.uncased_base.by_nateraw",
            ],
        ),
        ("xx.m2m100_418M", ["makes text", "facebook/m2m100_418M"]),
        ("en.embed.brt.small_L12_256", ["not a known reference", "en.embed.bert.small_L12_256"]),
        ("en.embed.bert de.embed.bert", ["different languages"]),
        ("", ["empty"]),
    ],
)
def test_a_request_that_cannot_be_served_has_reason_and_nearest(verdict, reasons, request_, words):
    assert verdict(f"nlu.load('{request_}')") == ["cannot"]
    for word in words:
        assert word in reasons(f"nlu.load('{request_}')")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ref = 'bert'\nnlu.load(ref)", ["works"]),
        ("size = 'small_L12_256'\nnlu.load(f'en.embed.bert.{size}')", ["unknown"]),
        ("nlu.load('en.' + 'embed.bert')", ["unknown"]),
        ("for ref in ['bert', 'electra']:\n    nlu.load(ref)", ["unknown"]),
        ("[nlu.load(ref) for ref in ('bert', 'electra')]", ["unknown"]),
        ("ref = 'bert' if big else 'elmo'\nnlu.load(ref)", ["unknown"]),
        ("ref = 'elmo'\nref = 'bert'\nnlu.load(ref)", ["works"]),
        ("nlu.load(f'en.embed.{name}')", ["unknown"]),
        ("ref = 'bert'\nif big:\n    ref = other()\nnlu.load(ref)", ["unknown"]),
        ("ref = 'bert'\nif big:\n    pass\nelse:\n    ref = other()\nnlu.load(ref)", ["unknown"]),
        ("ref = 'bert'\nif big:\n    ref = 'electra'\nnlu.load(ref)", ["unknown"]),
        ("ref = 'bert'\nif big:\n    ref = 'bert'\nnlu.load(ref)", ["works"]),
        ("nlu.load(names[0])", ["unknown"]),
        ("nlu.load(*args)", ["unknown"]),
        ("nlu.load(**options)", ["unknown"]),
        ("ref = 'bert'\nfor _ in x:\n    nlu.load(ref)\n    ref = other()", ["unknown"]),
        (
            "ref = 'bert'\ndef change():\n    global ref\n    ref = "
            "other()\nchange()\nnlu.load(ref)",
            ["unknown"],
        ),
        ("def use(ref='bert'):\n    return nlu.load(ref)", ["unknown"]),
        ("list(map(nlu.load, refs))", ["unknown"]),
    ],
)
def test_requests_are_followed_only_as_far_as_the_code_says(verdict, code, expected):
    assert verdict(code) == expected


def test_a_request_in_a_variable_is_left_and_the_rest_skipped(migrated):
    code = "ref = 'bert pos'\nnlu.load(ref)\nnlu.load((ref),)\n"
    assert (
        migrated(code)
        == 'ref = \'bert pos\'\nnlu.load(ref, unserved="skip")\nnlu.load((ref), unserved="skip")\n'
    )


@pytest.mark.parametrize(
    "code",
    [
        "class A:\n  def __init__(self):\n    self.pipe = nlu.load('elmo')\n  def run(self):\n    "
        "self.pipe.predict('x')",
        "def run():\n    return pipe.predict('x')\npipe = nlu.load('elmo')",
    ],
)
def test_pipelines_are_followed_into_functions(verdict, code):
    assert verdict(code) == ["cannot", "cannot"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("if (pipe := nlu.load('bert')):\n    pipe.predict('a')", ["works", "works"]),
        (
            "async def f():\n    pipe = await nlu.load('elmo')\n    pipe.predict('a')",
            ["cannot", "cannot"],
        ),
        ("pipe: object = nlu.load('elmo')\npipe.predict('a')", ["cannot", "cannot"]),
        ("pipe = nlu.load('elmo')\ndel pipe", ["cannot", "cannot"]),
        ("pipe = nlu.load('elmo')\npipe += 1", ["cannot", "cannot"]),
        (
            "frame = nlu.load('bert pos').predict('x')\nframe['n'] = 1\nframe['n'] += 1\ndel "
            "frame['n']",
            ["changed"] + ["works"] * 3,
        ),
        ("pipes = nlu.load('bert')\ndel pipes", ["works", "works"]),
        ("make = lambda pipe=nlu.load('elmo'): pipe", ["cannot"]),
        ("lambda x: nlu.load", ["unknown"]),
        ("{ref: nlu.load(ref) for ref in ['bert', 'electra'] if ref}", ["unknown"]),
        (
            "a, b = nlu.load('bert'), nlu.load('electra')\na.predict('x')\nb.predict('x')",
            ["works"] * 3,
        ),
        (
            "a, b = nlu.load('bert'), nlu.load('elmo')\na.predict('x')\nb.predict('x')",
            ["cannot"] * 3,
        ),
        ("a, *b = nlu.load('bert'), 'x'\nnlu.load(a)\nnlu.load(b)", ["works"] + ["unknown"] * 2),
        ("a, b = nlu.load('elmo')\nprint(a, b)", ["cannot", "cannot"]),
        ("if nlu.enable_streamlit_caching():\n    p = nlu.load('bert pos')", ["changed"]),
        ("texts[nlu.load('elmo')] = 1", ["cannot"]),
        ("print(*nlu.load('bert').predict('x'))", ["works"]),
        (
            "match kind:\n    case 1:\n        nlu.load('bert')\n    case _:\n        "
            "nlu.load('elmo')",
            ["works", "cannot"],
        ),
        ("with nlu.load('elmo') as pipe:\n    pipe.predict('x')", ["cannot"]),
        ("async def f():\n    async for text in texts:\n        nlu.load('elmo')", ["cannot"]),
        (
            "try:\n    p = nlu.load('bert')\nexcept* OSError as e:\n    p = "
            "nlu.load('elmo')\np.predict(1)",
            ["works", "cannot", "cannot"],
        ),
        (
            "class A:\n    pipe = nlu.load('bert')\n    async def f(self):\n        return "
            "self.pipe.predict(1)",
            ["works", "works"],
        ),
    ],
)
def test_every_kind_of_statement_is_followed(verdict, code, expected):
    assert verdict(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "def make(x):\n    return nlu.load('bert pos').predict(x)\ndf = make(1)\ndf['pos']",
            ["changed", "cannot"],
        ),
        (
            "def make():\n    return nlu.load('elmo')\npipe = make()\npipe.predict('x')",
            ["cannot", "cannot", "cannot"],
        ),
        (
            "def show(df, by='pos'):\n    print(df[by])\n"
            "df = nlu.load('bert pos').predict(x)\nshow(df)\nshow(df, 'token')",
            ["changed", "unknown", "unknown"],
        ),
        (
            "def show(df):\n    print(df.token)\ndf = nlu.load('bert pos').predict(x)\n"
            "show(df)\nshow(df, 'pos')",
            ["changed", "works", "cannot"],
        ),
        (
            "df = nlu.load('bert pos').predict(x) if y else None\ndf['pos']",
            ["changed", "cannot"],
        ),
        (
            "pipes = {'a': nlu.load('bert pos'), 'b': nlu.load('bert')}\n"
            "df = pipes['b'].predict(x)\ndf['pos']",
            ["changed", "works", "cannot"],
        ),
        (
            "frames = [nlu.load('bert pos').predict(x)]\nfor df in frames:\n    df['pos']",
            ["changed", "cannot"],
        ),
        (
            "def start():\n    global pipe\n    pipe = nlu.load('elmo')\nstart()\n"
            "pipe.predict('x')",
            ["cannot", "cannot"],
        ),
    ],
)
def test_what_is_lost_is_followed_through_functions_and_containers(verdict, code, expected):
    assert verdict(code) == expected


def test_what_a_comprehension_binds_is_another_name_outside(verdict):
    code = (
        "df = nlu.load('bert pos').predict(x)\n[df for df in y]\n(lambda df: df['pos'])(1)\n"
        "df['pos']"
    )
    assert verdict(code) == ["changed", "cannot"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("df['pos'] = tags\ndf['pos']", ["works", "works"]),
        ("df['x'] = df['pos']\ndf['x']", ["cannot", "cannot"]),
        ("df.columns = ['a', 'b', 'c']\ndf['pos']", ["unknown"]),
        ("t = f(df.pos)\nt.columns = ['a']\nprint(t)", ["cannot", "cannot", "cannot"]),
    ],
)
def test_columns_that_the_code_sets_itself(verdict, code, expected):
    assert verdict(f"df = nlu.load('bert pos').predict(x)\n{code}")[1:] == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("nlu.load('electra').predict('y')", ["works", "works", "works"]),
        ("nlu.load('bert pos').predict('y')", ["works", "changed", "cannot"]),
    ],
)
def test_a_column_that_is_lost_in_one_branch_is_lost(verdict, other, expected):
    code = (
        f"frame = nlu.load('bert').predict('x')\nif again:\n    frame = {other}\n"
        "print(frame['pos'])"
    )
    assert verdict(code) == expected


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("import nlu_lite.compat as n\nn.load('elmo')", True),
        ("import nlu_lite.compat\n", True),
        ("from nlu_lite import compat\ncompat.load('elmo')", True),
        ("from nlu_lite.compat import load\nload('elmo')", True),
        ("from . import nlu\nnlu.load('elmo')", False),
        ("import numpy as nlu\nnlu.load('elmo')", False),
    ],
)
def test_what_was_migrated_already_is_judged_and_what_is_called_alike_is_not(judged, code, used):
    findings = judged(code, before="").findings
    assert bool(findings) == used
    if "elmo" in code and used:
        assert findings[-1].verdict == "cannot"


def test_a_name_of_nlu_that_does_nothing_here_becomes_a_comment(judged):
    found = judged("from nlu import load, to_pretty_df\n", before="").findings
    assert found[0].verdict == "cannot"
    assert "a Spark NLP pipeline" in found[0].reasons[0]


# Parameters


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("nlu.load('bert').predict(x, 'tokens')", "nlu.load('bert').predict(x, 'token')"),
        ("nlu.load('bert')['berts@x'].setBatchSize(3)", "nlu.load('bert')['bert'].setBatchSize(3)"),
    ],
)
def test_what_is_called_otherwise_is_changed(judged, migrated, code, changed):
    assert migration.works(judged(code))
    assert migrated(code) == changed


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("nlu.load('bert').predict_embeds(x, return_spark_df=True)", "stays in Spark"),
        ("nlu.load('bert').predict(x, output_positions=True)", "Valid: data, output_level"),
        ("nlu.load('bert').fit()", "train.classifier').fit(df)"),
        (
            "nlu.load('bert').predict(x, output_level='embeddings')",
            "Valid: token, sentence, document, chunk",
        ),
        ("nlu.load('bert').predict(x, parser_output=True)", "licensed"),
        (
            "nlu.load('bert').predict(x, colour=1)",
            "predict: colour: no such parameter. Valid: data, output_level",
        ),
        ("nlu.load('bert').fit(df)", "nlu.load('bert train.classifier').fit"),
        (
            "nlu.load('embed_sentence.bert train.ner').fit(df).predict(df)",
            "the request has no embedding of words",
        ),
        (
            "nlu.load('embed_sentence.bert train.sentiment').fit(dataset_path='x')",
            "files are read for labels of words",
        ),
        ("nlu.load('ner').viz('text')", "displacy"),
        ("nlu.viz(pipe, 'text')", "displacy"),
        ("nlu.load('bert').viz_streamlit_token('a')", "Streamlit"),
        ("nlu.load('bert').save('f', component='bert')", "as a whole"),
        ("nlu.auth('licence.json').load('bert')", "licensed"),
        ("nlu.to_pretty_df(spark_pipe, 'text')", "Spark"),
        ("nlu.load('bert').items()", "components"),
        ("p = nlu.load('bert')\np['tokenizer'].setNothing(1)", "options of nlu_lite.load"),
        ("p = nlu.load('bert')\np['bert_embeddings'].setCaseSensitive(True)", "capitals"),
        ("nlu.load()", "neither a reference nor a path"),
    ],
)
def test_what_cannot_work_has_reason_and_nearest(verdict, reasons, code, word):
    assert verdict(code)[-1] == "cannot"
    assert word in reasons(code)


@pytest.mark.parametrize(
    "call",
    [
        "nlu.load('bert', gpu=True, verbose=True).predict(x, 'token', positions=True, "
        "multithread=False, partition=3)",
        "nlu.load('bert').predict(x, keep_stranger_features=False, drop_irrelevant_cols=False, "
        "metadata=True)",
        "nlu.load('bert').predict(x, return_spark_df=False, output_level='')",
        "nlu.load('bert').predict(x, return_spark_df=True)",
        "nlu.load('bert').viz_streamlit_word_similarity(['a', 'b'])",
        "nlu.load('en.embed_sentence.minilm_l6').predict_embeds(x)",
        "nlu.print_all_model_kinds_for_action('embed')",
        "nlu.get_components('bert')",
        "nlu.enable_verbose()",
        "nlu.load('bert', None, False, True, True)",
        "nlu.load('bert', m1_chip=True)",
        "nlu.load('bert').save('folder', overwrite=True)",
        "nlu.load('bert').print_info()",
        "nlu.load('bert').predict(x, output_level='chunk')",
        "nlu.load('bert')['bert_embeddings'].setMaxSentenceLength(128)",
        "nlu.load('bert electra')['electra'].setBatchSize(128)",
    ],
)
def test_what_nlu_and_compat_share_works(verdict, call):
    assert verdict(call) == ["works"]


def test_what_the_code_saved_can_be_loaded(verdict):
    code = "nlu.load('bert pos').save('here')\ndf = nlu.load(path='here').predict('x')\ndf['pos']"
    assert verdict(code) == ["changed", "works", "cannot"]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("nlu.load(path='folder').predict('x')", "nlu-lite download"),
        ("nlu.load('bert', path=folder)", "a folder that nlu_lite saved is read"),
        ("nlu.load('bert electra')['elmo@x'].setBatchSize(3)", "Valid: bert, electra"),
    ],
)
def test_what_depends_on_files_and_runs_is_for_the_reader_to_look_at(verdict, reasons, code, word):
    assert verdict(code) == ["unknown"]
    assert word in reasons(code)


def test_a_level_in_a_variable_is_unknown(verdict):
    assert verdict("nlu.load('bert').predict(x, output_level=level)") == ["unknown"]


@pytest.mark.parametrize(
    "line",
    [
        "nlu.enable_streamlit_caching()",
    ],
)
def test_lines_that_are_not_needed_become_comments(judged, migrated, line):
    code = f"p = nlu.load('bert')\n{line}\np.predict('x')\n"
    assert migration.works(judged(code))
    lines = migrated(code).splitlines()
    assert lines[1].startswith("# Not needed: ")
    assert lines[-2:] == [f"# {line}", "p.predict('x')"]


def test_setters_name_parameters_that_exist():
    import dataclasses

    for table, factory in (
        (facts.TOKENIZER_SETTERS, SparkTokenizer),
        (facts.SENTENCE_SETTERS, SparkSentences),
    ):
        assert set(table.values()) <= {field.name for field in dataclasses.fields(factory)}


# Columns


def test_columns_of_what_is_not_served_are_noticed(verdict):
    code = (
        "df = nlu.load('bert pos sentiment').predict(x)\ndf['token']\ndf[['token', 'pos']]\n"
        "df.sentiment.plot()\nnames = ['token', 'pos']\ndf[names]\nfor n in names: df[n]\n"
    )
    assert verdict(code) == ["changed", "works", "cannot", "cannot", "cannot", "cannot"]
    assert verdict("df = nlu.load('bert pos').predict(x)\nsns.scatterplot(data=df, hue='pos')") == [
        "changed",
        "cannot",
    ]


def test_columns_of_2020_get_their_new_names(migrated):
    code = (
        "df = nlu.load('bert en.embed.bert.small_L8_128').predict(x)\n"
        "a = df['bert_embeddings']\nb = df[df[\"en_embed_bert_small_L8_128_embeddings\"].notna()]\n"
    )
    lines = migrated(code).splitlines()
    assert lines[1] == "a = df['word_embedding_bert']"
    assert lines[2] == 'b = df[df["word_embedding_bert_small_L8_128"].notna()]'


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        (
            "a = df.multi_classifier_classes.str.join(',')",
            "a = df.classifier_dl.str.join(',')",
        ),
        ("df.multi_classifier_classes = 1", "df.classifier_dl = 1"),
        ("df['multi_classifier_classes'] = 1", "df['classifier_dl'] = 1"),
        ("df.multi_classifier_classes += 'a'", "df.classifier_dl += 'a'"),
        ("df['multi_classifier_classes'] += 'a'", "df['classifier_dl'] += 'a'"),
        ("df.other = df.text", "df.other = df.text"),
    ],
)
def test_columns_of_2020_get_their_new_names_as_attributes_and_where_they_are_set(
    migrated, line, changed
):
    code = f"df = nlu.load('train.multi_classifier').fit(x).predict(x)\n{line}\n"
    assert migrated(code).splitlines()[1] == changed


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ("bert", ["word_embedding_bert"]),
        ("en.embed.bert.small_L12_256", ["word_embedding_bert"]),
        (
            "en.embed.bert.small_L12_256 en.embed.bert.small_L4_256",
            ["word_embedding_bert_small_L12_256", "word_embedding_bert_small_L4_256"],
        ),
        ("embed_sentence.bert", ["sentence_embedding_bert"]),
        ("en.embed_sentence.small_bert_L12_768", ["sentence_embedding_small_bert_L12_768"]),
        ("xx.embed_sentence.labse", ["sentence_embedding_labse"]),
        ("en.embed_sentence.mpnet.all_mpnet_base_v2", ["sentence_embedding_mpnet"]),
    ],
)
def test_column_names_are_those_that_nlu_prints(request_, names):
    assert list(requests.meaning(request_).columns.values()) == names


def test_a_request_stays_whole_where_columns_would_be_called_otherwise_without_a_part(migrated):
    code = "nlu.load('en.embed.bert.small_L12_256 en.embed.bert.wiki_books')"
    assert migrated(code) == f'{code[:-1]}, unserved="skip")'


# The copy


def test_what_cannot_work_stands_in_the_copy_as_a_comment_and_so_does_what_follows_from_it(
    migrated,
):
    code = (
        "p = nlu.load(\n    'elmo',\n)\nx = 5\ndf = p.predict('x')\nif x:\n    print(df)\n"
        "else:\n    x = 6\n"
    )
    copy = migrated(code)
    assert "#     'elmo',\n# )\nx = 5\n" in copy
    assert (
        "# df = p.predict('x')\nif x:\n    # Cannot work: it uses 'df', which line 6 cannot make\n "
        "   # print(df)\n    pass\n" in copy
    )
    exec(copy, {})


@pytest.mark.parametrize(
    "code",
    [
        "a = 1; nlu.viz(a, 'x'); b = 2\n",
        "if 1 > 0: nlu.viz(a, 'x')\nb = 2\n",
        "if 0 > 1: pass\nelif nlu.viz(a, 'x'): pass\nb = 2\n",
        "if 0 > 1: pass\nelse: nlu.viz(a, 'x')\nb = 2\n",
        "a = '''\n'''; nlu.viz(a, 'x'); b = 2\n",
        "try: nlu.viz(a, 'x')\nfinally: b = 2\n",
        "try:\n    pass\nexcept ValueError: nlu.viz(a, 'x')\nb = 2\n",
        "for i in nlu.viz(a, 'x'):\n    c = 3\nb = 2\n",
        "class A: nlu.viz(a, 'x')\nb = 2\n",
        "@nlu.viz\ndef f():\n    pass\nb = 2\n",
        "def f(): return nlu.viz(a, 'x')\nb = 2\n",
        "def f(c=(1,\n  2)): return nlu.viz(a, 'x')\nb = 2\n",
        "with open('x') as f: nlu.viz(a, 'x')\nb = 2\n",
        "b = 2 # nlu\nnlu.viz(a, '''\n  # two\n''') # after\n",
        "é = 'é'; nlu.viz(é, 'é'); b = 2\n",
        "while 0 > 1:\n    nlu.viz(a, 'x')\nelse: b = 2\n",
        "b = 2; \\\nnlu.viz(a, 'x')\n",
        "match 5:\n    case 5: nlu.viz(a, 'x')\nb = 2\n",
        "if 1 > 0:\n    nlu.viz(a,\n  'x')\n    b = 2\n",
    ],
)
def test_a_line_can_be_taken_out_of_any_surroundings(judged, migrated, code):
    copy = migrated(code)
    assert "# Cannot work: nlu.viz" in copy
    called = {ast.unparse(n.func) for n in ast.walk(ast.parse(copy)) if isinstance(n, ast.Call)}
    assert "nlu.viz" not in called
    assert any(isinstance(n, ast.Name) and n.id == "b" for n in ast.walk(ast.parse(copy)))


# As NLU's notebooks are written; each runs whole once it is migrated.
NOTEBOOKS = {
    "words": """
pipe = nlu.load('bert electra pos emotion')
df = pipe.predict(['I love NLP', 'Me too'], output_level='tokens')
print(df.pos.value_counts())
vectors = [v for v in df['word_embedding_electra']]
for column in ('pos', 'emotion'):
    df.plot(x='token', y=column)
df = df.dropna()
df[['token', 'pos']]
""",
    "functions": """
def predictions(texts):
    return nlu.load('bert pos').predict(texts)
def tags(frame):
    if len(frame) > 1:
        return frame['pos']
    else:
        return frame.pos.unique()
df = predictions(['a b'])
print(df['pos'])
x = tags(df) if False else 1
""",
    "branches": """
import pandas as pd
try:
    frame = pd.DataFrame({'text': ['a b']})
    pipe = nlu.load('elmo')
except ValueError:
    pipe = None
if pipe is None: pipe = nlu.load('bert'); print(pipe)
with open(__file__) as file:
    df = pipe.predict(file.read())
df.columns = ['x']
pipe = nlu.load('electra')
for text in ['a', 'b']:
    df = pipe.predict(text)
assert list(df.columns) == ['token', 'word_embedding_electra']
""",
    "classes": """
class Reader:
    pipe = nlu.load('bert yake')
    def __init__(self, text):
        self.other = nlu.load('ner')
        self.df = self.pipe.predict(text)
    def keywords(self): return self.df['keywords']
    def entities(self):
        return self.other.predict('x')
reader = Reader('a b c')
assert len(reader.df) == 3
""",
    "setters": """
pipe = nlu.load('bert')
pipe['bert_embeddings@x'].setDimension(128)
embeddings = pipe['bert'].setIsLong(True)
embeddings.setBatchSize(3)
pipe['bert'].setMaxSentenceLength(16)
pipe.print_info()
nlu.enable_streamlit_caching()
df = pipe.predict('a', output_level='document', positions=True)
df['bert_embeddings']
pipe.viz('a')
df2 = df; nlu.to_pretty_df(pipe, 'a'); df3 = df2
""",
}


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.filterwarnings("ignore")
def test_a_copy_runs(served_names, migrated, tmp_path, name):
    copy = "import nlu_lite.compat as nlu\n" + migrated(NOTEBOOKS[name])
    exec(compile(copy, name, "exec"), {"__file__": str(tmp_path / "work.py")})


def test_a_copy_needs_no_more_changes(migrated, tmp_path, judged):
    copy = migrated(
        "p = nlu.load('bert pos')\np['x'].setBatchSize(3)\nref = 'bert "
        "pos'\nnlu.load(ref)\nnlu.viz(p, 'x')\n"
    )
    again = judged(copy, before="import nlu_lite.compat as nlu\n")
    assert {found.verdict for found in again.findings} == {"works"}
    assert migration.write(again) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_but_the_changed_lines_keep_their_bytes(tmp_path, encoding, ending):
    head = "" if encoding == "utf-8-sig" else f"# -*- coding: {encoding} -*-{ending}"
    code = head + ending.join(["import nlu\t", "x = 'ä'; nlu.load('bert pos')  # é", "\f", "y = 1"])
    path = tmp_path / "a.py"
    path.write_bytes(code.encode(encoding))
    copy = migration.write(migration.judge(migration.read(path)))
    expected = code.replace("import nlu\t", "import nlu_lite.compat as nlu\t").replace(
        "'bert pos'", "'bert'"
    )
    assert copy.read_bytes() == expected.encode(encoding)
    assert path.read_bytes() == code.encode(encoding)


NAMES = st.sampled_from(["a", "nl", "data", "load", "pipe"])
LITERALS = st.one_of(st.integers(), st.text(max_size=8), st.booleans()).map(repr)
LINES = st.one_of(
    st.tuples(NAMES, LITERALS).map(lambda t: f"{t[0]} = {t[1]}"),
    st.tuples(NAMES, LITERALS).map(lambda t: f"{t[0]}.predict({t[1]}, output_level='tokens')"),
    st.tuples(NAMES, LITERALS).map(lambda t: f"if {t[0]}:\n    {t[0]}[{t[1]}].setBatchSize(5)"),
    st.tuples(NAMES, LITERALS).map(lambda t: f"for {t[0]} in [{t[1]}]: print({t[0]})"),
    st.tuples(NAMES, NAMES).map(lambda t: f"def {t[0]}({t[1]}):\n    return {t[1]}.fit()"),
    st.sampled_from(
        [
            "import os",
            "",
            "# import nlu",
            "'''\nimport nlu\n'''",
            "%matplotlib inline",
            "!ls",
            "x?",
            "\f",
        ]
    ),
)


@given(lines=st.lists(LINES, max_size=8), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_source_without_nlu_is_left_alone(tmp_path_factory, lines, ending):
    folder = tmp_path_factory.mktemp("any")
    path = folder / "any.py"
    content = ending.join(lines).encode("utf-8", "surrogatepass")
    path.write_bytes(content)
    try:
        assert migration.write(migration.judge(migration.read(path))) is None
    except MigrationError:
        with pytest.raises((SyntaxError, ValueError)):
            ast.parse(content)
    assert path.read_bytes() == content
    assert list(folder.iterdir()) == [path]


@given(content=st.one_of(st.text(max_size=40).map(str.encode), st.binary(max_size=40)))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "any.py"
    path.write_bytes(content)
    try:
        assert migration.write(migration.judge(migration.read(path))) is None
    except MigrationError:
        with pytest.raises(MigrationError, match=re.escape(str(path))):
            migration.read(path)


USES = st.sampled_from(
    [
        "import nlu",
        "p = nlu.load('bert pos')",
        "p = nlu.load('elmo')",
        "df = p.predict('x', output_level='tokens')",
        "df['pos']; df['bert_embeddings']",
        "p.viz('x')",
        "q = p.fit()",
        "p['x'].setBatchSize(5)",
        "ref = 'bert'",
        "nlu.load(ref).predict(a, output_positions=True)",
        "if p.fit(x): y = nlu.load('elmo pos')\nelif nlu.viz(p): z = 1\nelse: q = p.viz(p)",
        "def f(p): return p.predict(nlu.load('pos'))",
        "with nlu.load('bert pos') as g:\n    g.fit(x)",
        "try: p.fit(x)\nexcept Exception as e: p.viz(e)\nelse: p.print_info()\nfinally: del p",
    ]
)


@given(
    lines=st.lists(st.one_of(USES, LINES.filter(lambda line: line[:1] not in "%!x")), max_size=12)
)
def test_a_copy_is_python_whatever_stands_together(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("any") / "any.py"
    path.write_bytes("\n".join(["import nlu", *lines]).encode("utf-8", "surrogatepass"))
    copy = migration.write(migration.judge(migration.read(path)))
    ast.parse(copy.read_bytes())
    again = migration.judge(migration.read(copy))
    assert {found.verdict for found in again.findings} <= {"works", "unknown"}


# IPython's lines


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("!pip install nlu pyspark", "!pip install nlu-lite"),
        (
            "! pip install -q nlu==3.0.2 pyspark==3.0.1 > /dev/null",
            "! pip install -q nlu-lite > /dev/null",
        ),
        (
            "%pip install --upgrade 'nlu>=1' \"pandas<3\" spark-nlp",
            '%pip install --upgrade nlu-lite "pandas<3"',
        ),
        ("!python -m pip install nlu && echo nlu", "!python -m pip install nlu-lite && echo nlu"),
        ("!pip install pyspark==2.4.7 spark-nlp", "# !pip install pyspark==2.4.7 spark-nlp"),
        ("!wget https://setup.johnsnowlabs.com/nlu/colab.sh -O - | bash", "!pip install nlu-lite"),
        ("!pip install -q johnsnowlabs", "!pip install -q nlu-lite"),
    ],
)
def test_what_installs_nlu_installs_us(tmp_path, line, changed):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(line, "import nlu"))
    copy = migration.write(migration.judge(migration.read(path)))
    assert nbformat.read(copy, as_version=4).cells[1].source == changed


def test_what_installs_nlu_in_databricks_installs_us(tmp_path):
    path = tmp_path / "a.py"
    lines = [
        "# Databricks notebook source",
        "# MAGIC %pip install nlu pyspark",
        "# COMMAND ----------",
        "# MAGIC %md about NLU",
        "import nlu",
    ]
    path.write_text("\n".join(lines))
    copy = migration.write(migration.judge(migration.read(path)))
    lines[1], lines[-1] = "# MAGIC %pip install nlu-lite", "import nlu_lite.compat as nlu"
    assert copy.read_text().splitlines() == lines


@pytest.mark.parametrize("magic", ["%time", "%timeit", "  %memit"])
def test_python_after_a_magic_is_changed_in_its_place(tmp_path, magic):
    path = tmp_path / "a.ipynb"
    path.write_text(
        notebook(
            f"import nlu\nif True:\n    x = 1\n  {magic} p = nlu.load('bert pos')".replace(
                "  %", "%", magic[0] == "%"
            )
        )
    )
    copy = migration.write(migration.judge(migration.read(path)))
    assert (
        nbformat.read(copy, as_version=4).cells[1].source.endswith(f"{magic} p = nlu.load('bert')")
    )


def test_spark_stays_where_the_code_uses_it(judged):
    code = "!pip install nlu pyspark\nimport pyspark\n"
    assert "!pip install nlu-lite pyspark" in migration.report(judged(code))


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nimport nlu\n!ls {folder}\nnlu.load?\n?nlu\nx = !ls\ny = %sql select "
        "1\nnlu.load('elmo')",
        "%%time\nimport nlu\nnlu.load('elmo')",
        "import nlu\nif True:\n    !ls\n    %cd x\nnlu.load('elmo')",
        "import nlu\n!echo 'it\n!ls \\\n  -l\n%time nlu.load('elmo')",
        "import nlu\n%timeit -n 3 f()\n%time p = nlu.load('elmo')",
        "import nlu\ns = '''\n!pip install nlu\n'''\nx = (5\n% 3)\nawait nlu.load('elmo')",
    ],
)
def test_lines_of_ipython_do_not_break_the_reading(tmp_path, cell):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(cell))
    verdicts = migration.judge(migration.read(path))
    assert [found.verdict for found in verdicts.findings].count("cannot") == 1
    copied = nbformat.read(migration.write(verdicts), as_version=4).cells[1].source
    kept = [line for line in cell.splitlines() if "nlu" not in line or "pip" in line]
    assert [line for line in kept if line not in copied.splitlines()] == []


def test_every_line_of_ipython_gets_a_line(judged):
    report = migration.report(judged("%matplotlib inline\n!apt-get install -y openjdk-8-jdk\n"))
    assert "%matplotlib inline" in report
    assert "no Java is needed" in report


def test_cells_in_other_languages_are_not_read(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(
        notebook(
            "import nlu",
            "%%html\n<b>",
            "%%writefile a.py\nimport nlu",
            "%%bash\nls\npip install nlu \\\n  pyspark",
        )
    )
    verdicts = migration.judge(migration.read(path))
    assert [found.verdict for found in verdicts.findings] == [
        "changed",
        "works",
        "unknown",
        "works",
        "changed",
    ]
    assert (
        nbformat.read(migration.write(verdicts), as_version=4)
        .cells[4]
        .source.startswith("%%bash\nls\npip install nlu-lite")
    )


# Notebooks


def test_a_notebook_keeps_all_but_what_changes(tmp_path):
    text = notebook(
        "import nlu", "x = 'ü'", "pipe = nlu.load('bert pos')\npipe.predict('x')", "pipe.viz('x')"
    )
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    copy = migration.write(migration.judge(migration.read(path)))
    assert copy.name == "a.nlu_lite.ipynb"
    made = nbformat.read(copy, as_version=4)
    nbformat.validate(made)
    before = nbformat.reads(text, as_version=4)
    assert made.cells[0] == before.cells[0]
    assert made.cells[2] == before.cells[2]
    assert [cell.id for cell in made.cells] == [cell.id for cell in before.cells]
    assert made.metadata == before.metadata
    assert [len(cell.outputs) for cell in made.cells[1:]] == [0, 1, 0, 0]
    assert [cell.execution_count for cell in made.cells[1:]] == [None, 2, None, None]
    assert made.cells[3].source == "pipe = nlu.load('bert')\npipe.predict('x')"
    # Only the changed cells' lines differ in the file.
    same = set(text.splitlines()) & set(copy.read_text(encoding="utf-8").splitlines())
    assert len(same) > 20


def test_what_a_cell_binds_is_known_in_later_cells(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook("import nlu", "pipe = nlu.load('elmo')", "df = pipe.predict('x')"))
    report = migration.report(migration.judge(migration.read(path)))
    assert "it uses 'pipe', which cell 2, line 1 cannot make" in report
    assert report.endswith("3 cells with NLU: 1 with changes, 2 cannot work")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["no notebook"]),
        ("[]", ["version 4"]),
        ('{"cells": [{"cell_type": "code"}]}', ["version 4"]),
        ('{"worksheets": []}', ["nbconvert"]),
        ('{"cells": [], "metadata": {"kernelspec": {"language": "R"}}}', ["in r;"]),
        (notebook("import nlu", "x = 1\nprint 5"), ["cell 2, line 2", "not Python"]),
        (
            json.dumps({"cells": [{"cell_type": "code", "source": "x = '\ud800'"}]}),
            ["cell 1, line 1"],
        ),
    ],
)
def test_a_notebook_that_cannot_be_read_is_refused(tmp_path, content, words):
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    with pytest.raises(MigrationError) as caught:
        migration.read(path)
    for word in (str(path), *words):
        assert word in str(caught.value)


# The command


def run(*arguments: str) -> int:
    return cli.main(["migrate", *arguments])


def test_the_command_says_what_works_and_how(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(
        "import nlu\n\npipe = nlu.load('bert pos')\n\npipe.viz('x')\n\nx = 1\n"
    )
    assert run("a.py") == 1
    out = capsys.readouterr().out
    assert (
        "line 1: works with this changed line\n     1 - import nlu\n     1 + import "
        "nlu_lite.compat as nlu\n" in out
    )
    assert (
        "line 3: works with this changed line, in part\n     3 - pipe = nlu.load('bert pos')\n     "
        "3 + pipe = nlu.load('bert')" in out
    )
    without = "'pos' is a name of NLU that is not served: it tags parts of speech"
    assert f"         without: {without}" in out
    assert (
        "line 5: cannot work\n     5   pipe.viz('x')\n         cannot work because viz: it draws"
        in out
    )
    assert "3 groups of lines with NLU: 2 with changes, 1 cannot work" in out
    assert not (tmp_path / "a.nlu_lite.py").exists()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import nlu\nnlu.load('bert').predict('x')\n", 0),
        ("x = 1\n", 0),
        ("import nlu\nnlu.load('bert pos')\n", 1),
        ("import nlu\nnlu.load(x)\n", 1),
        ("import nlu\nnlu.load('elmo')\n", 1),
        ("import nlu\nnlu.load('bert'\n", 1),
    ],
)
def test_exit_codes(tmp_path, code, expected):
    (tmp_path / "a.py").write_text(code)
    assert run(str(tmp_path / "a.py")) == expected


@pytest.mark.parametrize("arguments", [[], ["--force", "a.py"], ["--colour", "a.py"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2
    capsys.readouterr()


def test_the_copy_replaces_nothing_unless_told(tmp_path, capsys):
    path, copy = tmp_path / "a.py", tmp_path / "a.nlu_lite.py"
    path.write_text("import nlu\n")
    copy.write_text("mine")
    assert run("--write", str(path)) == 1
    assert "exists already; say --force" in capsys.readouterr().err
    assert copy.read_text() == "mine"
    assert run("--write", "--force", str(path)) == 0
    assert copy.read_text() == "import nlu_lite.compat as nlu\n"
    assert f"written: {copy}" in capsys.readouterr().out
    assert sorted(tmp_path.iterdir()) == [copy, path]


def test_nothing_is_written_where_nothing_changes(tmp_path, capsys):
    (tmp_path / "a.py").write_text("x = 1\n")
    assert run("--write", str(tmp_path / "a.py")) == 0
    assert "nothing written" in capsys.readouterr().out
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_cannot_be_read_does_not_keep_others_from_it(tmp_path, capsys):
    (tmp_path / "wrong.py").write_text("x = 1\nx = (\n")
    (tmp_path / "right.py").write_text("import nlu\n")
    assert (
        run(
            str(tmp_path / "wrong.py"),
            str(tmp_path / "none.py"),
            str(tmp_path),
            str(tmp_path / "right.py"),
        )
        == 1
    )
    captured = capsys.readouterr()
    assert f"nlu-lite: {tmp_path / 'wrong.py'}:2: is not Python" in captured.err
    assert "none.py: cannot be read: No such file" in captured.err
    assert "1 group of lines with NLU: 1 with changes" in captured.out


def test_the_help_teaches(capsys):
    with pytest.raises(SystemExit) as caught:
        run("--help")
    assert caught.value.code == 0
    assert "nlu-lite migrate --write notebook.ipynb" in capsys.readouterr().out


def test_the_command_loads_no_model_library(tmp_path):
    (tmp_path / "a.py").write_text("import nlu\nnlu.load('bert pos').predict('x')\n")
    code = (
        f"import sys\nfrom nlu_lite.cli import main\nmain(['migrate', '--write', "
        f"{str(tmp_path / 'a.py')!r}])\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"torch", "transformers", "pandas", "huggingface_hub"}.isdisjoint(
        done.stdout.splitlines()[-1].split()
    )


def test_code_is_not_run(tmp_path):
    (tmp_path / "a.py").write_text("import nlu\nopen('ran', 'w')\nnlu.load('bert')\n")
    assert run(str(tmp_path / "a.py")) == 0
    assert len(list(tmp_path.iterdir())) == 1


def test_the_written_json_is_laid_out_as_before(tmp_path):
    content = json.loads(notebook("import nlu"))
    for indent in (1, 2, "\t", None):
        path = tmp_path / "a.ipynb"
        path.write_text(json.dumps(content, indent=indent) + "\n")
        copy = migration.write(migration.judge(migration.read(path)), is_forced=True)
        lines = path.read_text().count("\n")
        assert copy.read_text().endswith("\n")
        assert abs(copy.read_text().count("\n") - lines) <= 10
        assert copy.read_text()[:5] == path.read_text()[:5]


def test_what_learns_labels_works_as_it_stands(verdict):
    code = (
        "nlu.load('embed_sentence.bert train.classifier').fit(df)"
        ".predict(df, output_level='document')"
    )
    assert verdict(code)[-1] == "works"
