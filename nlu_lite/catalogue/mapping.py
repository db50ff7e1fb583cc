"""The references of the registry as a mapping, whose values are cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nlu_lite import registry
from nlu_lite.catalogue.cards import make_card
from nlu_lite.registry import Entry


class Catalogue(Mapping[str, Entry]):
    """The references of the registry in force and what is known about each.

    Looking up a key takes every name that ``load`` takes: aliases, Spark NLP names and hub ids too.
    What it gives shows itself as a card, and has the facts as attributes.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.models["en.embed.bert.small_L12_256"].dimension
        256
        >>> print(str(nlu.models["bert"]).splitlines()[0])
        reference         bert
        >>> "en.embed.minilm_l6" in nlu.models
        True
    """

    def __getitem__(self, reference: str) -> Entry:
        """The entry that a name means, as a card.

        Raises:
            UnknownReferenceError: No registry knows it; a LookupError, as of other mappings.
            UnservedReferenceError: NLU knows it and it is not served here.
        """
        return make_card(registry.current().find(reference))

    def __contains__(self, reference: object) -> bool:
        """Whether a reference stands in a registry file under exactly this name."""
        return isinstance(reference, str) and reference in registry.current().references

    def __iter__(self) -> Iterator[str]:
        """Every reference, sorted."""
        return iter(registry.current().references)

    def __len__(self) -> int:
        """How many references there are."""
        return len(registry.current().references)

    def __repr__(self) -> str:
        """How many references, and how to find one."""
        return (
            f"<{len(self)} references; nlu.search(...) lists those that match, nlu.load(...) loads "
            f"one>"
        )

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


models = Catalogue()
