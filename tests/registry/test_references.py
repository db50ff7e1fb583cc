"""Every embedding reference of NLU: it resolves with the right facts, or it is explained; and
thirty traps by hand."""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.errors import UnknownReferenceError, UnservedReferenceError, WeightsNotFoundError
from nlu_lite.registry import resolve, unserved
from nlu_lite.registry.files import built_in_path, read_built_in_file
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.near_names import similar_names
from nlu_lite.registry.reader import read_registry_file

TABLE = Path(__file__).parents[1] / "data" / "references.csv"
SHA256 = "cc68abde23b9c9eefe030d73b646aaad10ba95c471fd42a856cdb39da5db968e"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
SERVED = [row for row in ROWS if row["confidence"] in ("card", "known")]
UNSERVED = [row for row in ROWS if row["confidence"] not in ("card", "known")]
# What NLU calls its other tasks, and what four of them are here.
OTHERS = list(
    csv.DictReader((TABLE.parent / "other_tasks.csv").read_text(encoding="utf-8").splitlines())
)
LABELS = {
    "text-classification": "text_classification",
    "token-classification": "token_classification",
    "zero-shot-classification": "zero_shot",
    "question-answering": "question_answering",
}
LABELLING = [
    row for row in OTHERS if row["task"] in LABELS and row["confidence"] in ("card", "known")
]
# Names of translators, which a rule serves.
TRANSLATING = [row for row in OTHERS if row["hf_id"].startswith("Helsinki-NLP/opus-mt")]
NOT_LABELLING = [row for row in OTHERS if row not in LABELLING and row not in TRANSLATING]
# Names that NLU knows and the table leaves out: their word "embed" is missing.
BEYOND = {"en.bert", "roberta", "pt.bert", "pt.bert.cased", "pt.bert.cased.large"}
OWN = {"en.embed.minilm_l6", "en.embed_sentence.minilm_l6"} | BEYOND
KNOWN = registry.current()

# The table gives the width after Instructor's last layer; the transformer itself is 1024 wide, and
# that is what is checked.
OTHER_WIDTH = {"hkunlp/instructor-large"}
# The table gives the class that Spark NLP reads them with; the hub has ELECTRA discriminators
# there.
ELECTRA = {"mrm8488/legalectra-base-spanish", "mrm8488/legalectra-small-spanish"}
# A sentence reference that NLU points at a model for words: its tokens are averaged.
WORD_MODEL = "en.embed_sentence.albert"
# The only served name of the language "co" is a model of code, not of Corsican.
NOT_CORSICAN = "co.embed.w2v_cc_300d"


def whole(text: str) -> int | None:
    return int(text) if text else None


def facts(row: dict[str, str]) -> dict[str, object]:
    pooling = row["pooling"] if row["pooling"] != "none" else None
    hub = row["hf_id"]
    return {
        "task": row["action"],
        "language": row["lang"],
        "spark_name": row["spark_nlp_name"],
        "dimension": None if hub in OTHER_WIDTH else whole(row["hidden_size"]),
        "layers": whole(row["num_layers"]),
        "lowercase": {"true": True, "false": False, "": None}[row["lowercase"]],
        "pooling": "mean" if row["nlu_ref"] == WORD_MODEL else pooling,
        "license": row["license"] or None,
        "architecture": "electra"
        if hub in ELECTRA
        else row["architecture"].removesuffix("-encoder"),
        "size_mb": None,
        "verified": "unverified",
    }


def test_the_table_is_unchanged():
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() == SHA256
    assert (len(ROWS), len(SERVED), len(UNSERVED)) == (1490, 947, 543)


def test_the_registry_serves_what_is_known_and_our_own_and_nothing_else():
    assert set(KNOWN.references) == {row["nlu_ref"] for row in [*SERVED, *LABELLING]} | OWN
    assert set(unserved.unserved_names()) == {row["nlu_ref"] for row in [*UNSERVED, *NOT_LABELLING]}


def test_every_reference_that_gives_labels_has_the_hub_id_and_the_facts_of_the_table():
    assert (len(OTHERS), len(LABELLING), len(NOT_LABELLING)) == (120, 75, 32)
    for row in LABELLING:
        entry = KNOWN.find(row["nlu_ref"])
        facts_of_entry = (
            [source.hub for source in entry.sources],
            entry.task,
            entry.language,
            entry.spark_name,
            entry.verified,
        )
        assert facts_of_entry == (
            [row["hf_id"]],
            LABELS[row["task"]],
            row["lang"],
            row["spark_nlp_name"],
            "unverified",
        )
        assert KNOWN.find(row["spark_nlp_name"], language=row["lang"]).sources == entry.sources
        # Spark NLP's names begin with what the model is.
        assert (
            row["spark_nlp_name"]
            .replace("xlmroberta", "xlm_roberta")
            .startswith(
                (entry.architecture or "").replace("-", "_").replace("deberta_v2", "deberta")
            )
        )


def test_every_other_reference_of_these_tasks_is_refused_with_a_reason_and_what_to_use_instead():
    for row in NOT_LABELLING:
        record = unserved.unserved_names()[row["nlu_ref"]]
        assert (record.language, record.spark_name, record.guess) == (
            row["lang"],
            row["spark_nlp_name"],
            row["hf_id"],
        )
        does_labels = row["task"] in LABELS
        assert record.action == (LABELS[row["task"]] if does_labels else row["task"])
        assert record.reason == (
            {"guess": "guess", "none": "jsl"}[row["confidence"]] if does_labels else "makes_text"
        )
        with pytest.raises(UnservedReferenceError) as caught:
            nlu.load(row["nlu_ref"])
        assert unserved.REASONS[record.reason].format(guess=record.guess) in str(caught.value)
        if does_labels:
            near = KNOWN.find(record.nearest)
            assert near.task == record.task
            assert near.language in (record.language, "xx")
            assert repr(record.nearest) in str(caught.value)
        else:
            assert f"transformers itself runs {row['hf_id']!r}" in str(caught.value)


def test_every_served_reference_has_the_hub_id_and_the_facts_of_the_table():
    wrong = {}
    for row in SERVED:
        entry = KNOWN.find(row["nlu_ref"])
        hubs = [source.hub for source in entry.sources]
        differs = {
            name: getattr(entry, name)
            for name, value in facts(row).items()
            if getattr(entry, name) != value
        }
        if hubs != [row["hf_id"]] or differs or entry.reference != row["nlu_ref"]:
            wrong[row["nlu_ref"]] = (hubs, differs)
        longest = whole(row["max_position"])
        if entry.max_length != (256 if entry.spark_name == "labse" else longest):
            wrong[row["nlu_ref"]] = entry.max_length
    assert not wrong


def test_every_spark_name_with_its_language_means_the_same_model():
    wrong = {}
    for row in ROWS:
        name, language = row["spark_nlp_name"], row["lang"]
        if row in SERVED:
            hub_id = KNOWN.find(name, language=language).sources[0].hub
            if hub_id != row["hf_id"]:
                wrong[name, language] = hub_id
        else:
            with pytest.raises(UnservedReferenceError):
                KNOWN.find(name, language=language)
    assert not wrong


def test_every_other_reference_is_refused_with_a_reason_and_the_nearest_that_is_served():
    served_kinds = {(row["lang"], row["action"]) for row in SERVED}
    for row in UNSERVED:
        record = unserved.unserved_names()[row["nlu_ref"]]
        assert (record.action, record.language, record.spark_name) == (
            row["action"],
            row["lang"],
            row["spark_nlp_name"],
        )
        assert record.guess == row["hf_id"]
        assert (record.reason == "guess") == (row["confidence"] == "guess")
        near = KNOWN.find(record.nearest)
        assert (near.reference, near.task) == (record.nearest, record.task), record
        same = (record.language, record.task) in served_kinds and record.reference != NOT_CORSICAN
        assert near.language == (record.language if same else "xx"), record
        with pytest.raises(UnservedReferenceError) as caught:
            KNOWN.find(record.reference)
        message = str(caught.value)
        assert repr(record.reference) in message
        assert repr(record.nearest) in message
        assert unserved.REASONS[record.reason].format(guess=record.guess) in message
        assert "{" not in message


SAMPLE = [*SERVED[::24], *(row for row in SERVED if " " in row["nlu_ref"])]


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row["nlu_ref"])
def test_load_gets_as_far_as_the_weights(row):
    with pytest.raises(WeightsNotFoundError) as caught:
        nlu.load(row["nlu_ref"], offline=True)
    assert row["hf_id"] in str(caught.value)


@pytest.mark.parametrize("row", UNSERVED[::13], ids=lambda row: row["nlu_ref"])
def test_load_explains_what_is_not_served(row):
    with pytest.raises(
        UnservedReferenceError, match=re.escape(unserved.unserved_names()[row["nlu_ref"]].nearest)
    ):
        nlu.load(row["nlu_ref"])


TRAPS = [
    # The same words with and without "en." (NLU's default language) are other models.
    ("bert", "google/bert_uncased_L-2_H-128_A-2", 128, None),
    ("embed.bert", "google-bert/bert-base-uncased", 768, None),
    ("en.embed.bert", "google-bert/bert-base-uncased", 768, None),
    ("embed_sentence.bert", "google/bert_uncased_L-2_H-128_A-2", 128, "mean"),
    ("en.embed_sentence.bert", "google-bert/bert-base-uncased", 768, "mean"),
    ("electra", "google/electra-small-discriminator", 256, None),
    ("albert", "albert/albert-base-v2", 768, None),
    ("xlnet", "xlnet/xlnet-base-cased", 768, None),
    ("biobert", "dmis-lab/biobert-base-cased-v1.1", 768, None),
    # The second COVID-Twitter-BERT, and a large one.
    ("covidbert", "digitalepidemiologylab/covid-twitter-bert-v2", 1024, None),
    # Bare DistilBERT is the cased one; the uncased one's card says cased.
    ("embed.distilbert", "distilbert/distilbert-base-cased", 768, None),
    ("distilbert_base_uncased", "distilbert/distilbert-base-uncased", 768, None),
    ("zh.embed", "google-bert/bert-base-chinese", 768, None),
    ("xx.embed_sentence", "google-bert/bert-base-multilingual-cased", 768, "mean"),
    # ELECTRA without "uncased" is the generator, 256 wide in all three sizes.
    ("en.embed.electra.base", "google/electra-base-generator", 256, None),
    ("en.embed.electra.base_uncased", "google/electra-base-discriminator", 768, None),
    ("en.embed.electra.large", "google/electra-large-generator", 256, None),
    ("en.embed.electra.large_uncased", "google/electra-large-discriminator", 1024, None),
    # Names that mean something else than they say.
    ("en.embed.e", "michiyasunaga/BioLinkBERT-base", 768, None),
    ("en.embed.ge", "michiyasunaga/BioLinkBERT-large", 1024, None),
    ("co.embed.roberta.small", "huggingface/CodeBERTa-small-v1", 768, None),
    ("en.embed.xlmr_roberta", "EMBEDDIA/litlat-bert", 768, None),
    ("nl.embed.roberta.conll.v2_base", "pdelobelle/robbert-v2-dutch-base", 768, None),
    (
        "en.embed.roberta.base_finetuned",
        "mrm8488/RuPERTa-base-finetuned-spa-constitution",
        768,
        None,
    ),
    (
        "en.embed_sentence.mpnet.shona_mpnet_base_snli_mnli",
        "symanto/sn-mpnet-base-snli-mnli",
        768,
        "mean",
    ),
    # The legal Longformer is saibo's; the German BERT is dbmdz's, and the name with spaces is the
    # first one.
    ("legal_longformer_base", "saibo/legal-longformer-base-4096", 768, None),
    ("bert_base_german_cased", "dbmdz/bert-base-german-cased", 768, None),
    (
        "de.embed.bert.cased_base.by_uploaded by huggingface",
        "google-bert/bert-base-german-cased",
        768,
        None,
    ),
    # Trailing dots belong to the name.
    ("cs.embed.roberta.news.", "fav-kky/FERNET-News", 768, None),
    ("fi.embed.bert.", "TurkuNLP/bert-base-finnish-cased-v1", 768, None),
    # The Finnish sentence names changed their model between versions.
    ("fi.embed_sentence", "TurkuNLP/bert-base-finnish-cased-v1", 768, "mean"),
    ("fi.embed_sentence.bert", "TurkuNLP/bert-base-finnish-uncased-v1", 768, "pooler"),
    # A sentence name for a word-level model, and the Spark NLP name that both share.
    ("en.embed_sentence.albert", "albert/albert-base-v2", 768, "mean"),
    ("albert_base_uncased", "albert/albert-base-v2", 768, None),
    ("xx.embed_sentence.labse", "sentence-transformers/LaBSE", 768, "pooler"),
]


@pytest.mark.parametrize(
    ("name", "hub", "dimension", "pooling"), TRAPS, ids=[trap[0] for trap in TRAPS]
)
def test_traps(name, hub, dimension, pooling):
    entry = KNOWN.find(name)
    assert (entry.sources[0].hub, entry.dimension, entry.pooling) == (hub, dimension, pooling)


def test_hausa_by_davlan_is_swahili_and_chinese_roberta_is_bert():
    hausa = KNOWN.find("ha.embed.bert.cased_multilingual_base_finetuned.by_davlan")
    assert hausa.model_name == "Davlan/bert-base-multilingual-cased-finetuned-swahili"
    assert KNOWN.find("zh.embed.chinese_roberta_wwm_ext").architecture == "bert"


@pytest.mark.parametrize(
    ("name", "language", "hub"),
    [
        ("bert_base_cased", None, "google-bert/bert-base-cased"),
        ("bert_base_cased", "en", "google-bert/bert-base-cased"),
        ("bert_base_cased", "es", "dccuchile/bert-base-spanish-wwm-cased"),
        ("bert_base_cased", "nl", "GroNLP/bert-base-dutch-cased"),
        ("bert_base_cased", "ro", "dumitrescustefan/bert-base-romanian-cased-v1"),
        ("bert_base_cased", "sv", "KB/bert-base-swedish-cased"),
        ("bert_base_uncased", "el", "nlpaueb/bert-base-greek-uncased-v1"),
        ("sent_bert_base_cased", "de", "dbmdz/bert-base-german-cased"),
        ("roberta_embeddings_fernet_news", "sk", "fav-kky/FERNET-News_sk"),
        ("distilbert_base_cased", "vi", "Geotrend/distilbert-base-vi-cased"),
        # One model only: the language is then the text's.
        ("small_bert_L2_128", "de", "google/bert_uncased_L-2_H-128_A-2"),
        ("labse", "fr", "sentence-transformers/LaBSE"),
    ],
)
def test_a_spark_name_is_keyed_on_language_and_name(name, language, hub):
    with pytest.raises(WeightsNotFoundError, match=re.escape(hub)):
        nlu.load(name, language=language, offline=True)


def test_a_spark_name_that_several_languages_share_asks_which():
    for language in (None, "en"):
        with pytest.raises(UnknownReferenceError, match="several languages: cs, sk"):
            KNOWN.find("roberta_embeddings_fernet_news", language=language)
    with pytest.raises(UnknownReferenceError, match="several languages: en, es, nl, ro, sv"):
        KNOWN.find("bert_base_cased", language="de")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("embed", "static vectors"),
        ("glove", "static vectors"),
        ("xx.embed", "'xx.embed.bert'"),
        ("use", "Universal Sentence Encoder"),
        ("embed_sentence", "Universal Sentence Encoder"),
        ("tfhub_use_lg", "Universal Sentence Encoder"),
        ("elmo", "ELMo"),
        ("embed_chunk", 'output_level="chunk"'),
        ("embed.word2vec.gigaword", "('en.embed.word2vec.gigaword')"),
        ("w2v_cc_300d", "('en.embed.w2v_cc_300d')"),
        ("als.embed.w2v_cc_300d", "'xx.embed.bert'"),
        ("ja.embed.bert.base", "only guessed, 'cl-tohoku/bert-base-japanese'"),
        ("te.embed.distilbert", "path=FOLDER"),
        ("bert_wiki_books", "TensorFlow Hub"),
        ("biobert_pmc_base_cased", "'en.embed.biobert.pubmed_pmc_base_cased'"),
    ],
)
def test_what_nlu_loads_and_we_do_not_is_explained(name, part):
    with pytest.raises(UnservedReferenceError, match=re.escape(part)):
        nlu.load(name)


@pytest.mark.parametrize(
    "name",
    [
        "Bert",
        "en.embed.bert.small_l12_256",
        "is.ner.distil",
    ],
)
def test_what_nlu_knows_by_no_name_is_unknown_and_not_unserved(name):
    with pytest.raises(UnknownReferenceError, match="not a known reference") as caught:
        KNOWN.find(name)
    assert not isinstance(caught.value, UnservedReferenceError)


def test_facts_about_sentences_stand_where_they_are_known():
    def sentence(name):
        entry = KNOWN.find(f"en.embed_sentence.{name}")
        return entry.pooling, entry.normalize, entry.prompts

    assert sentence("e5_base") == ("mean", True, {"query": "query: ", "passage": "passage: "})
    instruction = {"query": "Represent this sentence for searching relevant passages: "}
    assert sentence("bge_base") == ("cls", True, instruction)
    assert sentence("instructor_base") == ("mean", True, None)
    assert sentence("mpnet.all_mpnet_base_v2") == ("mean", True, None)
    assert sentence("small_bert_L2_128") == ("mean", None, None)
    entry = KNOWN.find("en.embed_sentence.minilm_l6")
    assert (entry.pooling, entry.normalize, entry.max_length, entry.verified) == (
        "mean",
        True,
        256,
        "opened",
    )
    assert all(
        KNOWN.entry(name).normalize is None
        for name in KNOWN.references
        if KNOWN.entry(name).task == "embed"
    )


def test_an_own_registry_file_may_serve_what_the_built_in_one_does_not(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        'models:\n  "m": {sources: [{hub: "a/b"}], architecture: "bert"}\nreferences:\n'
        '  "elmo": {model: "m", task: "embed", language: "en"}\n'
        '  "own.use": {model: "m", task: "embed_sentence", language: "en", spark_name: '
        '"tfhub_use", pooling: "mean"}\n'
    )
    layered = Registry([read_registry_file(path, origin="test"), read_built_in_file()])
    assert layered.find("elmo").model_name == "m"
    assert layered.find("tfhub_use").reference == "own.use"
    with pytest.raises(UnservedReferenceError):
        layered.find("glove")


def test_with_a_folder_an_unserved_reference_keeps_its_task_and_language(tmp_path):
    (entry,) = resolve(
        "pt.embed_sentence.bert.large_legal", path=tmp_path, task=None, language=None
    )
    assert (entry.task, entry.language, entry.sources[0].path) == (
        "embed_sentence",
        "pt",
        str(tmp_path),
    )
    (entry,) = resolve("own", path=tmp_path, task=None, language="fr")
    assert (entry.task, entry.language) == (None, "fr")  # the folder tells the task


def test_a_known_name_is_found_without_reading_the_unserved_ones():
    unserved.unserved_names.cache_clear()
    KNOWN.find("en.embed.bert.small_L12_256")
    KNOWN.find("bert")
    assert unserved.unserved_names.cache_info().currsize == 0
    with pytest.raises(UnservedReferenceError):
        KNOWN.find("glove")
    assert unserved.unserved_names.cache_info().currsize == 1


def test_the_file_is_flat_and_sorted_and_holds_no_idle_model():
    def natural(name):
        return [
            (0, int(part), "") if part.isdigit() else (1, 0, part)
            for part in re.split(r"(\d+)", name.lower())
        ], name

    file = read_built_in_file()
    assert set(file.models) == {reference.model for reference in file.references.values()}
    for names in (list(file.models)[1:], [name for name in file.references if name not in OWN]):
        assert names == sorted(names, key=natural)
    lines = [
        line
        for line in built_in_path().read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert len(lines) == 2 + len(file.models) + len(file.references)
    assert all(re.fullmatch(r'models:|references:|  "[^"]+": \{.+\}', line) for line in lines)


@pytest.mark.parametrize(
    "wrong_name",
    ["en.embed.bert.smal_l12_256", "minilm", "x", "sent_bert_base", "zz.embed.nothing.like_it"],
)
def test_the_most_similar_names_are_those_of_difflib(wrong_name):
    names = [name.lower() for name in KNOWN.references]
    assert [name for _, name in similar_names(wrong_name, names, 3)] == difflib.get_close_matches(
        wrong_name, names, n=3, cutoff=0.0
    )


def test_golden_values_are_those_published_and_belong_to_references():
    text = (Path(unserved.__file__).parent / "golden.csv").read_text(encoding="utf-8")
    golden = list(csv.DictReader(text.splitlines()))
    assert len(golden) == 387
    assert {row["nlu_ref"] for row in golden} <= {row["nlu_ref"] for row in ROWS} | BEYOND
    # Every number printed in full is a float32 value, which a slip in copying would break.
    assert all(
        float(np.float32(row[value])) == float(row[value])
        for row in golden
        for value in ("v0", "v1")
    )
    assert sum(row["quality"].startswith("suspect") for row in golden) == 22
    assert {row["level"] for row in golden} == {"token", "sentence"}


def test_readme_and_docs_count_mapped_opened_and_golden_apart():
    states = [KNOWN.find(name).verified for name in KNOWN.references]
    mapped, opened, golden = (
        len(states),
        sum(state != "unverified" for state in states),
        states.count("golden"),
    )
    checkout = TABLE.parents[2]
    readme = " ".join((checkout / "README.md").read_text(encoding="utf-8").split())
    assert f"Of the {mapped} mapped, {opened} were opened" in readme
    assert f"and {golden} with published vectors (golden)" in readme
    rows = f"| mapped | {mapped} |\n| of these opened | {opened} |\n| of these golden | {golden} |"
    assert rows in (checkout / "docs" / "add-a-model.md").read_text(encoding="utf-8")
