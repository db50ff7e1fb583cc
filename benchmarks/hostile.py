"""Whether the rules for words and sentences take linear time on texts made to be hard.

Each pattern is repeated to a quarter of a million code points and to a million. Four times the text
may take four times as long, and half as much again: a ratio of at most 1.5 a code point. Prints a
line a pattern, and ends with 1 where one takes more.

    python benchmarks/hostile.py
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from nlu_lite.text import SparkSentences, SparkTokenizer
from nlu_lite.text.sentences import split_sentences
from nlu_lite.text.words import script_words, standard_words, unicode_words

SIZES = (250_000, 1_000_000)
LARGEST_RATIO = 1.5
# Shorter times are noise.
LEAST_SECONDS = 0.2
RUNS = 2
ORDINARY = "He said “I am here. You are not.” Dr. Wu's dog (it's old) didn't care! "
QUOTES = [*"“«'`‘„‹「『《»”‚‛‟", '"']
PATTERNS = {
    "sentences": [
        *QUOTES,
        *(f"{quote}a. " for quote in QUOTES),
        *("(", "(a. ", "[", "{", "<", "（a。", "(“a) b”. ", "''a. ", "``a. "),
        *("a‼️", "。", "我。", "「我」。", "... ", "! ", ". . ", "A. ", "a.b", "Dr. "),
        *("1. a\n", "- a. b\n", "a\n\n", "a@b.c ", "\u200b", "e\u0301", "'a' ", '"a." '),
    ],
    "words": [
        *("🇫🇷", "🇫\u0301", "😀\u200d", "‼️", "*️⃣", "\u0301", "\u200d", "\u200b", "a\u200b"),
        *("a\u0301", ".", ".\u0301", "a.", 'א"', "a'", "1,", "क्", "ក្", "กำ", "\u0600", "\u00ad"),
        *("a", "我", "カ", "“", "a-", "\ufe0f", ".\ufeff"),
    ],
}
RULES: dict[str, dict[str, Callable[[str], object]]] = {
    "sentences": {
        "auto": lambda text: split_sentences(text, "en"),
        "auto, zh": lambda text: split_sentences(text, "zh"),
        "spark": SparkSentences(),
    },
    "words": {
        "standard": standard_words,
        "unicode": unicode_words,
        "by script": script_words,
        "spark": SparkTokenizer(),
    },
}


def text_of(pattern: str, length: int) -> str:
    """A pattern over and over, so many code points."""
    return (pattern * (length // len(pattern) + 1))[:length]


def seconds(rule: Callable[[str], object], text: str) -> float:
    """The processor's time of the fastest of some runs."""
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        rule(text)
        times.append(time.process_time() - started)
    return min(times)


def main() -> int:
    """Measure and print; 1 where a pattern takes more than linear time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    too_slow = 0
    for kind, rules in RULES.items():
        for name, rule in rules.items():
            for pattern in [ORDINARY, *PATTERNS[kind]]:
                short, long = (seconds(rule, text_of(pattern, size)) for size in SIZES)
                ratio = long / max(short, LEAST_SECONDS) / (SIZES[1] / SIZES[0])
                is_slow = ratio > LARGEST_RATIO
                too_slow += is_slow
                print(
                    f"{kind} {name:9} {short:7.3f} s {long:7.3f} s  ratio {ratio:4.2f}  "
                    f"{pattern!r}{'  NOT LINEAR' * is_slow}",
                    flush=True,
                )
    print(f"{too_slow} of all take more than linear time")
    return int(too_slow > 0)


if __name__ == "__main__":
    sys.exit(main())
