"""Zero-shot and question answering: pairs of texts, against transformers' pipeline and a direct
computation.

transformers 5 has no pipeline for question answering, so its oracle is written here after the one
of version 4.
"""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
import torch
import transformers
from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, InputValueError, ModelError, OptionError
from tests.faults.models import as_tokenizer
from tests.helpers import families, oracle
from tests.helpers.pipelines import pipeline_of

NLI = ("contradiction", "neutral", "entailment")
TEXTS = ["The bank closed and it was", "One for all statements", "Short"]
LABELS = ["sports", "the bank", "names of objects"]
# As the registry's references have them, and the others that transformers can.
ZERO_SHOT = (
    "bert",
    "distilbert",
    "roberta",
    "xlm-roberta",
    "camembert",
    "deberta-v2",
    "electra",
    "albert",
    "bart",
    "mpnet",
    "xlnet",
)
ANSWERING = (
    "bert",
    "distilbert",
    "roberta",
    "xlm-roberta",
    "camembert",
    "longformer",
    "electra",
    "albert",
    "deberta-v2",
    "mpnet",
)
WITH_TYPES = ("bert", "electra", "albert", "xlnet")
CONTEXT = (
    "The value of an expression is one of the objects. Unbelievable names, “all” of statements!"
)


def tokenizer_of(pipe, family):
    tokenizer = pipe.components[0].tokenizer
    tokenizer.model_input_names = ["input_ids", "attention_mask"] + ["token_type_ids"] * (
        family in WITH_TYPES
    )
    tokenizer.padding_side = "left" if family == "xlnet" else "right"
    return tokenizer


def official(pipe, folder, family):
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    return transformers.pipeline(
        "zero-shot-classification", model=model, tokenizer=tokenizer_of(pipe, family), device="cpu"
    )


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("family", ZERO_SHOT)
def test_zero_shot_agrees_with_the_pipeline(family, several, classifier_folder):
    folder = classifier_folder(family, "zero_shot", NLI)
    options = {"hypothesis": "It is about {}.", "multi_label": several}
    pipe = nlu.load(path=folder, task="zero_shot", labels=LABELS, column="topic", **options)
    frame = pipe.predict(TEXTS, "document")
    ask = official(pipe, folder, family)
    expected = ask(
        TEXTS, candidate_labels=LABELS, hypothesis_template="It is about {}.", multi_label=several
    )
    assert list(frame.columns) == ["document", "topic", "topic_confidence"]
    assert frame["topic"].tolist() == [row["labels"][0] for row in expected]
    np.testing.assert_allclose(
        frame["topic_confidence"], [row["scores"][0] for row in expected], atol=1e-5
    )


def test_one_candidate_is_weighed_against_contradiction(classifier_folder):
    folder = classifier_folder("bert", "zero_shot", NLI)
    pipe = nlu.load(path=folder, task="zero_shot", labels=["sports"], column="topic")
    expected = official(pipe, folder, "bert")(TEXTS, candidate_labels=["sports"])
    np.testing.assert_allclose(
        pipe.predict(TEXTS, "document")["topic_confidence"],
        [row["scores"][0] for row in expected],
        atol=1e-5,
    )


def test_a_long_text_is_cut_as_by_the_pipeline_or_read_in_windows(classifier_folder):
    folder = classifier_folder("bert", "zero_shot", NLI)
    long = (CONTEXT + " ") * 6
    cut = nlu.load(path=folder, task="zero_shot", labels=LABELS, long="cut", column="topic")
    ask = official(cut, folder, "bert")
    ask.tokenizer.model_max_length = families.POSITIONS
    expected = ask(long.strip(), candidate_labels=LABELS)
    frame = cut.predict(long, "document", metadata=True)
    assert frame["topic"].tolist() == expected["labels"][:1]
    assert abs(frame["topic_confidence"].iloc[0] - expected["scores"][0]) < 1e-5
    assert frame["window_count"].tolist() == [1]
    whole = nlu.load(path=folder, task="zero_shot", labels=LABELS, column="topic").predict(
        long, "document", metadata=True
    )
    assert whole["window_count"].iloc[0] > 2
    tokenizer, model = (
        oracle.tokenizer_of(folder),
        AutoModelForSequenceClassification.from_pretrained(folder).eval(),
    )
    ids = tokenizer.encode(long.strip(), add_special_tokens=False).ids
    hypotheses = [
        tokenizer.encode(f"This example is {label}.", add_special_tokens=False).ids
        for label in LABELS
    ]
    room = families.POSITIONS - 3 - max(map(len, hypotheses))
    rows = []
    for begin, end in oracle.window_ranges(len(ids), room, room // 4):
        pairs = [([2, *ids[begin:end], 3], [*hypothesis, 3]) for hypothesis in hypotheses]
        rows.append(softmax(np.array([run(model, *pair).logits[0, 2].item() for pair in pairs])))
    likely = np.mean(rows, axis=0)
    assert whole["topic"].tolist() == [LABELS[likely.argmax()]]
    assert abs(whole["topic_confidence"].iloc[0] - likely.max()) < 1e-5


@torch.inference_mode()
def run(model, first, second):
    types = [0] * len(first) + [1] * len(second)
    return model(input_ids=torch.tensor([first + second]), token_type_ids=torch.tensor([types]))


def softmax(scores):
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def test_zero_shot_stands_on_the_rows_of_embeddings(classifier_folder, family_folder):
    models = (
        ("e", family_folder("bert"), "embed"),
        ("topic", classifier_folder("bert", "zero_shot", NLI), "zero_shot"),
    )
    frame = pipeline_of(*models, labels=LABELS).predict(["The bank closed. It was.", None], "token")
    assert frame["topic"].isna().tolist() == [False] * 7 + [True]
    sentences = pipeline_of(models[1], labels=LABELS).predict(["The bank closed. It was.", None])
    assert (
        frame["topic"].tolist()[:7]
        == [sentences["topic"].iloc[0]] * 4 + [sentences["topic"].iloc[1]] * 3
    )


def test_zero_shot_says_what_it_needs(classifier_folder):
    folder = classifier_folder("bert", "zero_shot", NLI)
    with pytest.raises(OptionError, match="needs the labels to choose from"):
        nlu.load(path=folder, task="zero_shot")
    with pytest.raises(OptionError, match="valid are names that differ"):
        nlu.load(path=folder, task="zero_shot", labels=["a", "a"])
    with pytest.raises(OptionError, match=r"a text with one \{\}"):
        nlu.load(path=folder, task="zero_shot", labels=["a"], hypothesis="no place")
    with pytest.raises(ModelError, match="none begins with 'entail'"):
        nlu.load(
            path=classifier_folder("bert", "text_classification"), task="zero_shot", labels=["a"]
        )
    pipe = nlu.load(path=folder, task="zero_shot", labels=["a " * 70])
    with pytest.raises(InputValueError, match="no room"):
        pipe.predict("Short", "document")


def answer_of_version_4(folder, family, question, context, *, longest, most=15):
    """transformers 4's question answering: softmax over context and [CLS], the likeliest span of
    all windows, whole words."""
    tokenizer, model = (
        oracle.tokenizer_of(folder),
        AutoModelForQuestionAnswering.from_pretrained(folder).eval(),
    )
    question_encoding, context_encoding = (
        tokenizer.encode(text, add_special_tokens=False) for text in (question, context)
    )
    template = tokenizer.encode("a", "b")
    inner = [len(tokenizer.encode(text, add_special_tokens=False).ids) for text in ("a", "b")]
    middle = len(template.ids) - sum(inner) - 2
    first, last = template.ids[:1], template.ids[-1:]
    between = template.ids[1 + inner[0] : 1 + inner[0] + middle]
    room = longest - 2 - middle - len(question_encoding.ids)
    best = (-1.0, 0, 0)
    windows = oracle.window_ranges(len(context_encoding.ids), room, room // 4)
    for begin, end in windows:
        head = first + question_encoding.ids + between
        ids = head + context_encoding.ids[begin:end] + last
        # The piece that ends the question is of its part.
        types = [0] * len(head) + [1] * (len(ids) - len(head))
        type_inputs = {"token_type_ids": torch.tensor([types])} if family in WITH_TYPES else {}
        with torch.inference_mode():
            output = model(
                input_ids=torch.tensor([ids]),
                attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                **type_inputs,
            )
        allowed = np.array(
            [n == 0 or len(head) <= n < len(head) + end - begin for n in range(len(ids))]
        )
        likely = []
        for logits in (output.start_logits[0].numpy(), output.end_logits[0].numpy()):
            part = softmax(np.where(allowed, logits, -10000.0))
            part[0] = 0.0
            likely.append(part)
        for start in range(len(head), len(head) + end - begin):
            for stop in range(start, min(start + most, len(head) + end - begin)):
                score = likely[0][start] * likely[1][stop]
                if score > best[0]:
                    best = (score, begin + start - len(head), begin + stop - len(head))
    words = context_encoding.word_ids
    inside = [
        n
        for n, word in enumerate(words)
        if word in (words[best[1]], words[best[2]]) or best[1] <= n <= best[2]
    ]
    left, right = context_encoding.offsets[inside[0]][0], context_encoding.offsets[inside[-1]][1]
    text = context[left:right]
    left += len(text) - len(text.lstrip())
    return context[left:right].rstrip(), left, best[0], len(windows)


@pytest.mark.parametrize("family", ANSWERING)
def test_answers_agree_with_version_4(family, classifier_folder):
    folder = classifier_folder(family, "question_answering")
    pipe = nlu.load(path=folder, task="question_answering", column="answer")
    pairs = [
        ("What closed?", "The bank closed and it was"),
        ("Who?", CONTEXT),
        ("Which names of it?", CONTEXT * 4),
        ("What?", "Yes"),
    ]
    frame = pipe.predict(pairs, positions=True, metadata=True)
    assert list(frame.columns) == [
        *(
            "question",
            "context",
            "begin",
            "end",
            "piece_count",
            "window_count",
            "answer",
            "answer_confidence",
        )
    ]
    assert frame["window_count"].max() > 2
    for row, (question, context) in zip(frame.itertuples(), pairs, strict=True):
        expected, begin, score, windows = answer_of_version_4(
            folder, family, question, context, longest=families.POSITIONS
        )
        assert (row.answer, row.begin, row.window_count) == (expected, begin, windows)
        assert context[row.begin : row.end + 1] == row.answer
        assert abs(row.answer_confidence - score) < 1e-5


@pytest.fixture(scope="module")
def answering(classifier_folder):
    return nlu.load(
        path=classifier_folder("bert", "question_answering"),
        task="question_answering",
        column="answer",
    )


def test_kinds_of_input_give_the_same_answers(answering):
    pairs = [("What closed?", "The bank closed and it was"), ("Who?", CONTEXT)]
    expected = answering.predict(pairs)
    frame = pd.DataFrame(
        {"id": [7, 8], "question": [q for q, _ in pairs], "context": [c for _, c in pairs]},
        index=["a", "b"],
    )
    copied = frame.copy()
    from_frame = answering.predict(frame)
    assert list(from_frame.columns) == ["question", "context", "answer", "answer_confidence", "id"]
    assert from_frame.index.tolist() == ["a", "b"]
    assert frame.equals(copied)
    joined = [f"{question}|||{context}" for question, context in pairs]
    inputs = [joined, pd.Series(joined), pd.DataFrame({"text": joined}), tuple(joined)]
    for result in (from_frame, *map(answering.predict, inputs)):
        assert result["answer"].tolist() == expected["answer"].tolist()
        assert result["answer_confidence"].tolist() == expected["answer_confidence"].tolist()
    assert answering.predict(pairs[0])["answer"].tolist() == expected["answer"].tolist()[:1]
    assert answering.predict(joined[0])["answer"].tolist() == expected["answer"].tolist()[:1]


def test_a_missing_question_or_context_keeps_its_row(answering):
    pairs = [
        ("Who?", None),
        (None, CONTEXT),
        ("", CONTEXT),
        ("Who?", " "),
        ("What closed?", "The bank closed"),
    ]
    frame = answering.predict(pairs, positions=True)
    assert frame["answer"].isna().tolist() == [True, True, True, True, False]
    assert frame["answer_confidence"].isna().tolist() == [True, True, True, True, False]
    assert frame["begin"].isna().tolist() == [True, True, True, True, False]
    assert len(answering.predict([])) == 0
    assert answering.predict([None, "a|||b"])["answer"].isna().tolist() == [True, False]


def test_an_answer_does_not_depend_on_its_neighbours(answering):
    pairs = [(f"Which {number}?", CONTEXT[: 20 + number]) for number in range(60)]
    frame = answering.predict(pairs)
    alone = answering.predict(pairs[31])
    assert frame["answer"].iloc[31] == alone["answer"].iloc[0]
    assert abs(frame["answer_confidence"].iloc[31] - alone["answer_confidence"].iloc[0]) < 1e-6


@pytest.mark.parametrize(
    ("data", "error", "match"),
    [
        (["no sign"], InputValueError, r"question\|\|\|context"),
        ([("a", "b"), ("a",)], InputTypeError, r"Item 1 .* pair"),
        ([("a", 3)], InputTypeError, r"Item 0 .* pair"),
        (pd.DataFrame({"question": [3], "context": ["a"]}), InputTypeError, "Item 0 is 3"),
        (
            pd.DataFrame({"question": [["a", "b"]], "context": ["a"]}),
            InputTypeError,
            "column 'question'",
        ),
    ],
)
def test_what_is_no_pair_is_an_error(answering, data, error, match):
    with pytest.raises(error, match=match):
        answering.predict(data)


def test_answers_refuse_what_means_nothing_for_them(answering, tmp_path, family_folder):
    pairs = [("Who?", CONTEXT)]
    for level in ("token", "sentence", "chunk"):
        with pytest.raises(OptionError, match="one row a question"):
            answering.predict(pairs, level)
    for call in (answering.stream, answering.estimate):
        with pytest.raises(OptionError, match="answers questions about contexts"):
            call(["a|||b"])
    with pytest.raises(OptionError, match="answers questions about contexts"):
        answering.to_parquet(["a|||b"], tmp_path / "out")
    with pytest.raises(InputValueError, match="no room"):
        answering.predict([("Who? " * 60, CONTEXT)])
    with pytest.raises(OptionError, match="are labels"):
        answering.encode(["a|||b"])


def test_a_frame_of_questions_and_contexts_only_has_no_other_columns(answering):
    frame = answering.predict(pd.DataFrame({"question": ["Who?"], "context": [CONTEXT]}))
    assert list(frame.columns) == ["question", "context", "answer", "answer_confidence"]


@pytest.mark.parametrize("context", ["\u200b", "\x01 \u200b"])
def test_a_context_of_which_the_model_reads_nothing_has_no_answer(answering, context):
    frame = answering.predict(
        [("Who?", context), ("What closed?", "The bank closed")], positions=True, metadata=True
    )
    assert frame["answer"].isna().tolist() == frame["begin"].isna().tolist() == [True, False]
    assert frame["answer_confidence"].isna().tolist() == [True, False]
    assert frame["piece_count"].iloc[0] == 0


def test_white_space_at_the_ends_of_an_answer_is_not_part_of_it(classifier_folder, tmp_path):
    """Byte-level tokenizers whose offsets are not trimmed count the space in front to a word, and
    spaces alone are words."""
    folder = shutil.copytree(classifier_folder("roberta", "question_answering"), tmp_path / "model")
    as_tokenizer(lambda settings: settings["post_processor"].update(trim_offsets=False))(
        folder, None
    )
    pipe = nlu.load(path=folder, task="question_answering", column="answer")
    chance = np.random.default_rng(2)
    contexts = ["   ".join(chance.permutation(CONTEXT.split())) for _ in range(40)]
    frame = pipe.predict([("Who?", context) for context in contexts], positions=True)
    answered = frame.dropna(subset=["answer"])
    assert len(answered) > 30
    for row in answered.itertuples():
        assert row.answer == row.answer.strip() == row.context[row.begin : row.end + 1]
    unanswered = frame[frame["answer"].isna()]
    assert unanswered["begin"].isna().all()
    assert unanswered["end"].isna().all()


def test_a_tokenizer_that_says_nothing_of_pairs_is_refused(classifier_folder, tmp_path):
    folder = shutil.copytree(classifier_folder("bert", "question_answering"), tmp_path / "model")
    as_tokenizer(lambda settings: settings.update(post_processor=None))(folder, None)
    with pytest.raises(ModelError, match="does not say what stands between two texts"):
        nlu.load(path=folder, task="question_answering").predict([("Who?", CONTEXT)])
