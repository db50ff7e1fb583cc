"""NLU's names for the columns of components: those of 3.0.1 and later, and those of 2020."""

from __future__ import annotations

from collections.abc import Sequence

from nlu_lite import frame

# What NLU calls a component's column before the part that its reference gives.
KINDS = {
    "embed": "word_embedding",
    "embed_sentence": "sentence_embedding",
    "embed_chunk": "chunk_embedding",
}
# What a model given by path alone is called.
FROM_DISK = "from_disk"
DEEPEST = 10
# Parts of a reference that say nothing about the model.
NAMELESS = frozenset(
    {
        *(
            "embed",
            "embed_sentence",
            "embed_chunk",
            "ner",
            "med_ner",
            "classify",
            "sentiment",
            "pos",
            "train",
            "dl",
            "match",
        ),
        *(
            "clean",
            "explain",
            "spell",
            "resolve",
            "resolve_chunk",
            "ner_converter",
            "ner_to_chunk_converter",
        ),
    }
)
# The languages of NLU 5.4.1, as they stand in references.
_CODES = """
    ab af als am an ar arz as ast az azb ba bar bcl be bem bg bh bn bo bpy br bs ca ce ceb ch ckb co cop cs cu cv
    cy da de diq dv el eml en eo es et eu fa fi fo fon fr fro frr fy ga gam gd gl gom got grc gu gv ha he hi hif
    hr hsb hu hy hyw id ig is it ja jv ka kab kin kn ko kr ku ky la lb lg lij lmo lo lou lt lu luo lv lwt lzh mai
    mg min mk ml mn mr ms mt mwl my myv mzn nah nap nb nds ne new nl nn no nso oc or orv os pa pcm pfl pl pms pnb
    ps pt qhe qtd qu rm ro ru rw sa sae sah sc scn sco sd sg sh si sk sl sme so sq sr st su sv sw swa ta te tg th
    ti tk tl tn tr tt tw ug uk unk ur uz vec vi vls vn vo wa war wo xmf xx yi yo yue zea zh zu
"""
LANGUAGES = frozenset(_CODES.split())


def parts_of(reference: str) -> list[str]:
    """The parts of a reference that can name its model: without language and kind in front, at least one.

    Args:
        reference: As typed; of a hub id or a path only the last part counts.

    Example:
        >>> parts_of("en.embed.bert.small_L12_256")
        ['bert', 'small_L12_256']
        >>> parts_of("sentence-transformers/all-MiniLM-L6-v2")
        ['all_MiniLM_L6_v2']
    """
    if _is_path(reference):
        return [frame.component_column(reference, is_reference=False).removesuffix("_embeddings")]
    parts = [part for part in reference.replace(" ", "_").split(".") if part] or [reference]
    while len(parts) > 1 and (parts[0] in LANGUAGES or parts[0] in NAMELESS):
        parts.pop(0)
    return parts


def component_names(components: Sequence[tuple[str, str]]) -> list[str]:
    """The columns of components as NLU names them since 3.0.1: kind and first part, more parts where two would clash.

    Names that clash still, as those of ``bert`` and ``embed.bert`` do, are told apart by ``_2``;
    NLU drops one of the two.

    Args:
        components: The task (``embed``, ``embed_sentence``, ``embed_chunk``) and the reference of
            each, as typed.

    Example:
        >>> component_names([("embed", "en.embed.bert.small_L12_256")])
        ['word_embedding_bert']
        >>> component_names([("embed", "bert"), ("embed", "en.embed.bert.small_L8_128")])
        ['word_embedding_bert', 'word_embedding_bert_small_L8_128']
    """
    parts = [(task, parts_of(reference)) for task, reference in components]
    names = []
    for place, (task, own) in enumerate(parts):
        others = [other for at, (kind, other) in enumerate(parts) if kind == task and at != place]
        depth = next(
            (n for n in range(1, DEEPEST) if all(other[:n] != own[:n] for other in others)), DEEPEST
        )
        names.append(f"{KINDS[task]}_{'_'.join(own[:depth])}")
    return frame.distinct(names)


def label_name(reference: str) -> str:
    """The column of labels of a component as NLU names it; that of their confidences is called ``<name>_confidence``.

    What NLU calls by several columns (``entities_<model>``, ``..._class``, ``..._confidence``) is
    here the class.

    Args:
        reference: As typed.

    Example:
        >>> label_name("en.classify.bert_sequence.finbert"), label_name("en.ner.bert.conll.base")
        ('classified_sequence', 'entities_bert_class')
        >>> label_name("train.classifier")
        'trained_classifier'
    """
    from nlu_lite.compat.other_tasks import other_task

    if reference.startswith("train."):
        return f"trained_{reference.removeprefix('train.').removesuffix('_dl')}"
    found = None if _is_path(reference) else other_task(reference)
    if found is None or not found.columns:
        return parts_of(reference)[0]
    return next((name for name in found.columns if name.endswith("_class")), found.columns[0])


def names_of_2020(references: Sequence[str]) -> list[str]:
    """The columns of components as NLU named them until 3.0.0: the reference as typed, and ``_embeddings`` once.

    Args:
        references: Of the components that give vectors, as typed.

    Example:
        >>> names_of_2020(["en.embed.bert.small_L12_256", "openai.embeddings"])
        ['en_embed_bert_small_L12_256_embeddings', 'openai_embeddings']
    """
    columns = [
        frame.component_column(reference, is_reference=not _is_path(reference))
        for reference in references
    ]
    return frame.distinct(
        column.replace("_embeddings_embeddings", "_embeddings") for column in columns
    )


def _is_path(reference: str) -> bool:
    """Whether it is a hub id or a path."""
    return "/" in reference or "\\" in reference
