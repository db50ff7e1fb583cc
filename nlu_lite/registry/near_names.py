"""The names nearest to a misspelled one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from nlu_lite.registry.schema import DEFAULT_LANGUAGE

# From this ratio of common letters on, a name is taken for a misspelling.
CLOSE_RATIO = 0.85
# Below this one, two names have letters in common by chance.
NEAR_RATIO = 0.7
# Nobody types a longer name, but a whole text may stand where a name should; comparing takes the
# square of the length.
LONGEST_NAME = 200


def near_names(name: str, names: Iterable[str], count: int) -> list[str]:
    """The names that a wrong one may be meant for: at most ``count``, often none.

    Those that hold all its parts as whole parts come first, then close misspellings, then those
    that hold its parts inside of words, then those with most letters in common. What shares fewer
    letters than ``NEAR_RATIO`` is not near. Short names come before long ones, English first.

    Names of another language are near only where the one that the name begins with has none.

    Example:
        >>> near_names("Bert", ["en.roberta", "en.bert", "de.electra"], 2)
        ['en.bert', 'en.roberta']
        >>> near_names("pt.embed.bert", ["tr.embed.bert", "pt.embed.bert.base"], 2)
        ['pt.embed.bert.base']
    """
    candidates = list(names)
    language, dot, _ = name.lower().partition(".")
    of_language = [name for name in candidates if name.lower().startswith(f"{language}{dot}")]
    near = _nearest(name, of_language, count) if dot else []
    return near or _nearest(name, candidates, count)


def _nearest(name: str, names: Iterable[str], count: int) -> list[str]:
    """The names of one or of all languages that are near."""
    low_name = name.lower()
    by_low_name = {candidate.lower(): candidate for candidate in names}
    similar = similar_names(low_name, by_low_name, count)
    similar = [(ratio, low) for ratio, low in similar if ratio >= NEAR_RATIO]
    # A bare stem has no close misspelling.
    close = [low for ratio, low in similar if ratio >= CLOSE_RATIO]
    parts = parts_of_name(low_name)
    with_parts = _names_with_parts(parts, by_low_name)
    whole = [low for low in with_parts if parts <= parts_of_name(low)]
    ordered = dict.fromkeys((*whole, *close, *with_parts, *(low for _, low in similar)))
    return [by_low_name[low] for low in list(ordered)[:count]]


def parts_of_name(name: str) -> set[str]:
    """The words of a reference: ``en``, ``embed`` and ``bert`` of ``en.embed_bert``."""
    return set(name.replace(".", " ").replace("_", " ").split())


def _names_with_parts(parts: set[str], names: Iterable[str]) -> list[str]:
    if not parts:
        return []
    holders = [name for name in names if all(part in name for part in parts)]

    def distance(name: str) -> tuple[int, int, bool]:
        is_foreign = not name.startswith(f"{DEFAULT_LANGUAGE}.")
        return len(parts - parts_of_name(name)), len(name), is_foreign

    return sorted(holders, key=distance)


def similar_names(name: str, names: Iterable[str], count: int) -> list[tuple[float, str]]:
    """The names most similar to a wrong one with their ratios, the most similar first.

    What ``difflib.get_close_matches`` gives without a cutoff, at a fraction of the time: a ratio is
    worked out only while its upper bound, which costs a tenth, can still beat the worst of the
    best.
    """
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(name[:LONGEST_NAME])
    bounds = []
    for candidate in names:
        matcher.set_seq1(candidate)
        bounds.append((matcher.quick_ratio(), candidate))
    best: list[tuple[float, str]] = []
    for bound, candidate in sorted(bounds, reverse=True):
        if len(best) == count and bound < best[-1][0]:
            break
        matcher.set_seq1(candidate)
        best = sorted((*best, (matcher.ratio(), candidate)), reverse=True)[:count]
    return best
