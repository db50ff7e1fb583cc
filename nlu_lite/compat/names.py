"""NLU's names: what a reference of another task than vectors stands for, what columns are called.

Columns have one name in 3.0.1 and later, and another in 2020.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import dropwhile
from typing import TYPE_CHECKING

from nlu_lite.registry import OtherTask, task_of_parts

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

# What NLU calls a component's column before the part that its reference gives.
KINDS = {
    "embed": "word_embedding",
    "embed_sentence": "sentence_embedding",
    "embed_chunk": "chunk_embedding",
}
# What NLU calls a component before the ``@`` of its key.
_KEY_KINDS = {
    "embed": "embeddings",
    "embed_sentence": "sentence_embeddings",
    "translation": "marian",
}
# Of models with an annotator of their own in Spark NLP, what their key begins with.
_SENTENCE_FAMILIES = ("instructor", "e5", "bge")
# What is trained -> what NLU's notebooks call the component, the key first.
_TRAINED_KEYS = {
    "sentiment": ("trainable_sentiment_dl", "sentiment_dl"),
    "classifier": ("trainable_classifier_dl", "classifier_dl"),
    "multi_classifier": (
        "trainable_multi_classifier_dl",
        "multi_classifier_dl",
        "multi_classifier",
    ),
    "ner": ("trainable_ner_dl", "ner_dl", "named_entity_recognizer_dl"),
    "pos": ("trainable_pos", "pos"),
}
# What is trained -> its column since 3.0.1, and before where that was another.
_TRAINED_COLUMNS = {
    "sentiment": "sentiment",
    "classifier": "classifier_dl",
    "multi_classifier": "classifier_dl",
    "ner": "entities_ner_class",
    "pos": "pos",
}
_TRAINED_COLUMNS_OF_2020 = {
    "sentiment": "trained_sentiment",
    "classifier": "trained_classifier",
    "multi_classifier": "multi_classifier_classes",
}
# What a model given by path alone is called.
FROM_DISK = "from_disk"
DEEPEST = 10
# Parts of a reference that say nothing about the model.
_NAMELESS = """
    embed embed_sentence embed_chunk ner med_ner classify sentiment pos train dl match clean explain
    spell resolve resolve_chunk ner_converter ner_to_chunk_converter
"""
NAMELESS = frozenset(_NAMELESS.split())
# The languages of NLU 5.4.1, as they stand in references.
_CODES = """
    ab af als am an ar arz as ast az azb ba bar bcl be bem bg bh bn bo bpy br bs ca ce ceb ch ckb co
    cop cs cu cv cy da de diq dv el eml en eo es et eu fa fi fo fon fr fro frr fy ga gam gd gl gom
    got grc gu gv ha he hi hif hr hsb hu hy hyw id ig is it ja jv ka kab kin kn ko kr ku ky la lb lg
    lij lmo lo lou lt lu luo lv lwt lzh mai mg min mk ml mn mr ms mt mwl my myv mzn nah nap nb nds
    ne new nl nn no nso oc or orv os pa pcm pfl pl pms pnb ps pt qhe qtd qu rm ro ru rw sa sae sah
    sc scn sco sd sg sh si sk sl sme so sq sr st su sv sw swa ta te tg th ti tk tl tn tr tt tw ug uk
    unk ur uz vec vi vls vn vo wa war wo xmf xx yi yo yue zea zh zu
"""
LANGUAGES = frozenset(_CODES.split())
# Classifiers that are whole transformers name their columns after what they classify: a pattern of
# the model's name -> the column.
_TRANSFORMER_COLUMNS = {
    r"^token_": "classified_token",
    r"bert|xlm|xlnet|longformer|electra": "classified_sequence",
}


def parts_of(reference: str) -> list[str]:
    """The parts of a reference that can name its model: without language and kind, at least one.

    Args:
        reference: As typed; of a hub id or a path only the last part counts.

    Example:
        >>> parts_of("en.embed.bert.small_L12_256")
        ['bert', 'small_L12_256']
        >>> parts_of("sentence-transformers/all-MiniLM-L6-v2")
        ['all_MiniLM_L6_v2']
    """
    if _is_path(reference):
        return [_last_part(reference)]
    parts = list(filter(None, reference.replace(" ", "_").split("."))) or [reference]
    return _drop_leading(parts, LANGUAGES | NAMELESS)


def other_task(reference: str) -> OtherTask | None:
    """What a reference of NLU stands for, if it is one of another task than vectors.

    The name space has 10,000 references, so what counts is the part that says what is done; a wrong
    name after it is not noticed.

    Args:
        reference: As typed, such as ``pos``, ``en.sentiment.twitter`` or
            ``xx.de.marian.translate_to.en``.

    Returns:
        The task with the columns that NLU gives for this reference.

    Example:
        >>> other_task("en.classify.sarcasm").columns
        ('sarcasm', 'sarcasm_confidence')
        >>> other_task("en.embed.bert") is None
        True
    """
    parts = _drop_leading(reference.split("."), LANGUAGES)
    if parts[0] in KINDS:
        return None
    task = task_of_parts(parts)
    return replace(task, columns=_task_columns(task, reference)) if task else None


def _task_columns(task: OtherTask, reference: str) -> tuple[str, ...]:
    model = parts_of(reference)[0]
    if task.name == "classify":
        for pattern, column in _TRANSFORMER_COLUMNS.items():
            if re.search(pattern, model):
                return (column,)
    return tuple(column.format(x=model) for column in task.columns)


def component_names(components: Sequence[tuple[str, str]]) -> list[str]:
    """The columns of vectors as NLU names them since 3.0.1: kind and first part of the reference.

    More parts where two would be called the same. Names that clash still, as those of ``bert`` and
    ``embed.bert`` do, are left to the caller; NLU drops one of the two.

    Args:
        components: The task (``embed``, ``embed_sentence``, ``embed_chunk``) and the reference of
            each, as typed.

    Example:
        >>> component_names([("embed", "en.embed.bert.small_L12_256")])
        ['word_embedding_bert']
        >>> component_names([("embed", "bert"), ("embed", "en.embed.bert.small_L8_128")])
        ['word_embedding_bert', 'word_embedding_bert_small_L8_128']
    """
    models = [(task, parts_of(reference)) for task, reference in components]
    beginnings = Counter(
        (task, depth, *parts[:depth]) for task, parts in models for depth in range(1, DEEPEST)
    )
    names = []
    for task, parts in models:
        depths = range(1, DEEPEST)
        unique = [depth for depth in depths if beginnings[(task, depth, *parts[:depth])] == 1]
        names.append("_".join([KINDS[task], *parts[: min(unique, default=DEEPEST)]]))
    return names


def trained_name(reference: str) -> str:
    """What a reference that begins with ``train.`` trains: ``train.sentiment_dl`` a sentiment."""
    name = reference.removeprefix("train.").removesuffix("_dl")
    return "ner" if name == "named_entity_recognizer" else name


def label_name(reference: str, names: str = "current") -> str:
    """The column of labels as NLU names it; that of their confidences is ``<name>_confidence``.

    What NLU calls by several columns (``entities_<model>``, ``..._class``, ``..._confidence``) is
    here the class.

    Args:
        reference: As typed.
        names: ``current`` or ``2020``; of what is trained the names differ.

    Source: the outputs that NLU's notebooks show, 5.4.1 and 1.1.

    Example:
        >>> label_name("en.classify.bert_sequence.finbert"), label_name("en.ner.bert.conll.base")
        ('classified_sequence', 'entities_bert_class')
        >>> label_name("train.classifier"), label_name("train.classifier", "2020")
        ('classifier_dl', 'trained_classifier')
    """
    if reference.startswith("train."):
        name = trained_name(reference)
        older = _TRAINED_COLUMNS_OF_2020 if names == "2020" else {}
        return {**_TRAINED_COLUMNS, **older}[name]
    task = None if _is_path(reference) else other_task(reference)
    columns = task.columns if task else ()
    classes = [column for column in columns if column.endswith("_class")]
    return [*classes, *columns, parts_of(reference)[0]][0]


def name_of_2020(reference: str) -> str:
    """The column of vectors as NLU named it until 3.0.0: reference as typed, ``_embeddings`` once.

    Args:
        reference: As typed.

    Example:
        >>> name_of_2020("en.embed.bert.small_L12_256"), name_of_2020("openai.embeddings")
        ('en_embed_bert_small_L12_256_embeddings', 'openai_embeddings')
    """
    name = reference.replace(".", "_").replace(" ", "_")
    if _is_path(reference):
        name = _last_part(reference)
    return f"{name}_embeddings".replace("_embeddings_embeddings", "_embeddings")


def component_key(entry: Entry) -> str:
    """What NLU's pipeline calls a component: kind of model, ``@``, Spark NLP name.

    Args:
        entry: Of the component; of something to be trained the key is the kind alone.
    """
    if entry.request.startswith("train."):
        return _TRAINED_KEYS[trained_name(entry.request)][0]
    name = parts_of(entry.request)[0]
    families = [family for family in _SENTENCE_FAMILIES if name.startswith(family)]
    if entry.task == "embed_sentence" and families:
        return f"{families[0]}_sentence_embeddings@{entry.spark_name or entry.model_name}"
    kind = _KEY_KINDS.get(str(entry.task), str(entry.task))
    model = "_".join(filter(None, [entry.architecture, kind]))
    return f"{model}@{entry.spark_name or entry.model_name}"


def component_keys(entry: Entry) -> tuple[str, ...]:
    """All that NLU's notebooks call a component by: its key, what is before the ``@``, and others.

    Args:
        entry: Of the component.
    """
    if entry.request.startswith("train."):
        trained = trained_name(entry.request)
        # A pipeline has one thing that is trained, and notebooks take one name for another.
        other_keys = [key for keys in _TRAINED_KEYS.values() for key in keys if "trainable" in key]
        return (*_TRAINED_KEYS[trained], *other_keys)
    key = component_key(entry)
    kind = key.partition("@")[0]
    return (key, kind)


def _is_path(reference: str) -> bool:
    """Whether it is a hub id or a path."""
    return not {"/", "\\"}.isdisjoint(reference)


def _drop_leading(parts: list[str], names: Collection[str]) -> list[str]:
    """The parts without leading ones of these names; the last part stays."""
    return list(dropwhile(names.__contains__, parts)) or parts[-1:]


def _last_part(path: str) -> str:
    return re.sub(r"[^0-9A-Za-z_]", "_", re.split(r"[\\/]", path.rstrip("\\/"))[-1])
