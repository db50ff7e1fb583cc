"""Which model of the hub a name of Spark NLP may be: its names are ids of the hub, spelt anew.

Spark NLP writes lower case, ``_`` for every run of other characters, what the model is for in
front, and the owner in front of the model's name, behind it, or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nlu_lite.errors import UnservedReferenceError
from nlu_lite.registry.nlu_names import annotators, nlu_name
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, MULTILINGUAL
from nlu_lite.registry.unserved import UnservedName

Match = Literal["exact", "near"]

_OTHER_SIGNS = re.compile(r"[^a-z0-9]+")
_FAMILIES = "bert roberta xlmroberta xlm distilbert distil albert camembert longformer deberta"
_FAMILY_WORDS = frozenset([*_FAMILIES.split(), "electra", "xlnet", "mpnet"])
_TASK_PREFIX = re.compile(
    r"(?:sent_)?(?:[a-z0-9]+|xlm_roberta)_"
    r"(?:ner|pos|qa|embeddings?|(?:sequence_|token_|zero_shot_)?classifier|token_classification)_"
)
_SENTENCE_PREFIX = re.compile(r"sbert_|sent_")
_AUTHOR = re.compile(r"(?:^|\.)by_(.+)$")
# Of other languages Spark NLP leaves the language out of the name: only the owner tells then that
# a model of the same name is not the English one.
_NAMED_WHOLE = (DEFAULT_LANGUAGE, MULTILINGUAL)
# Task here -> the hub's tag of such models; those of vectors have too many.
_TAGS = {
    "token_classification": "token-classification",
    "text_classification": "text-classification",
    "question_answering": "question-answering",
    "zero_shot": "zero-shot-classification",
}


def spell(name: str) -> str:
    """A name as Spark NLP spells it.

    Example:
        >>> spell("Vera-Pro/BERT.base--NER")
        'vera_pro_bert_base_ner'
    """
    return _OTHER_SIGNS.sub("_", name.lower()).strip("_")


@dataclass(frozen=True, kw_only=True)
class HubImport:
    """A name of NLU whose model Spark NLP took from the hub.

    Attributes:
        reference: As NLU has it.
        spark_name: The model's name in Spark NLP.
        author: Who owns it on the hub, as Spark NLP spells that; empty where the name has no
            ``by_``.
        task: What it is for here.
        language: Of its texts.
        architecture: transformers' word for it.
    """

    reference: str
    spark_name: str
    author: str
    task: str
    language: str
    architecture: str

    @property
    def tag(self) -> str | None:
        """The hub's tag of such models."""
        return _TAGS.get(self.task)

    @property
    def core(self) -> str:
        """The name without what the model is for."""
        name = spell(self.spark_name)
        core = _SENTENCE_PREFIX.sub("", _TASK_PREFIX.sub("", name, count=1), count=1)
        return core or name

    @property
    def queries(self) -> list[str]:
        """What to search for: the name, and that without its first or last word."""
        words = self.core.split("_")
        parts = [words, words[1:], words[:-1]]
        return list(dict.fromkeys("-".join(part) for part in parts if part))

    @property
    def authors(self) -> list[str]:
        """How the owner may be spelt on the hub; none where the name has no owner."""
        if not self.author:
            return []
        raw = _AUTHOR.search(self.reference)
        spelt = raw.group(1).strip(".") if raw else self.author
        return list(dict.fromkeys((spelt, self.author, self.author.replace("_", "-"))))

    def compare(self, hub_id: str) -> Match | None:
        """How well an id of the hub goes with the name; None where it does not.

        Args:
            hub_id: ``owner/model``, or a model without an owner.
        """
        owner, _, model = hub_id.rpartition("/")
        owner, model = spell(owner), spell(model)
        if self.author and self.author != owner:
            return None
        names = (spell(self.spark_name), self.core)
        with_owner = (f"{owner}_{model}", f"{model}_{owner}", f"{model}_by_{owner}")
        forms = (model, *with_owner)
        if any(form in names for form in with_owner):
            return "exact"
        if model in names and (self.author or self.language in _NAMED_WHOLE):
            return "exact"
        bare_names = {_drop_family(name) for name in names} - {""}
        return "near" if any(_drop_family(form) in bare_names for form in forms) else None


def _drop_family(name: str) -> str:
    """A name without the words for the family of the model, some of which Spark NLP leaves out."""
    return "_".join(word for word in name.split("_") if word not in _FAMILY_WORDS)


def hub_import(record: UnservedName, name: str) -> HubImport:
    """What is known of a name whose model lies on the hub.

    Args:
        record: Of the name.
        name: As typed.

    Raises:
        UnservedReferenceError: The name stands for no such model; says what it is.
    """
    row = nlu_name(record.reference)
    annotator = annotators().get(row.annotator) if row else None
    task = record.task
    if not record.is_hub_import or annotator is None or not annotator.architecture or not task:
        raise UnservedReferenceError(f"No model of the hub is looked for: {record.explain(name)}")
    author = _AUTHOR.search(record.reference)
    is_electra = record.spark_name.startswith("electra_")
    return HubImport(
        reference=record.reference,
        spark_name=record.spark_name,
        author=spell(author.group(1)) if author else "",
        task=task,
        language=record.language,
        architecture="electra" if is_electra else annotator.architecture,
    )
