"""Five hundred texts: half of them real sentences, half of what breaks offsets, words and
alignment. The same every time."""

from __future__ import annotations

import pydoc_data.topics
import random
import re

WRITTEN = [
    "“Curly” ‘quotes’ «guillemets» „low“ ‹single› 「corner」 it’s “nested ‘ones’”.",
    "…leading—dash – and… trailing… “…” —",
    "family 👩‍👩‍👧‍👦, thumbs 👍🏽👍🏿, flag 🇩🇪🇫🇷, keycap 1️⃣, heart ❤️❤, zwj \u200d\u200d alone",
    "😀😀😀 glued😀to😀words 😀!",
    "see https://www.example.org/a-b_c/d?e=f&g=h%20i#j, mailto:john.doe@example.com; or "
    "www.x.org/…",
    "combining e\u0301 o\u0308\u0323 q\u0307\u0323 \u0301alone a\u0315\u0300\u05ae\u0062 "
    "Z\u0351\u036b\u0343\u036a\u0302algo",
    "ﬁne ﬂow oﬃce ﬀ ﬅ ŉ ĳ ǆ ㎏ ㍿ ﷺ ½ ² ⅷ ℡ ①②③",
    "soft\u00adhyphen \u00ad a\u00ad \u00adb \u00ad\u00ad\u00ad.",
    "zero\u200bwidth \u200b\u200b a\u200b \u200bb word\u2060joiner\ufeff \ufeffbom",
    "control \x00 \x01\x02 a\x7fb \x1b[0m \x85next\x0bline\x0cfeed",
    "lone \ud800 surrogate a\udc00b \udbff\udbff \udfff",
    "bidi \u202eabc\u202c \u2067שלום\u2069 مرحبا بالعالم \u200f. abc שלום def",
    "x" * 300 + " " + "ab" * 150 + " " + "1," * 150 + "1 " + "“" * 80 + "end",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3,
    "byte levels: é ü ñ 字 ⿰ 🧿 \u0378 \ue000 \U000f0000 \U0010ffff \ufffe \uffff",
    "İstanbul ıI ẞ ß Straße ﬀ ŉ ΑΣ Σ ς ǅ",
    "한국어 \u1112\u1161\u11ab \uac01\u11a8 \u1100 日本語テキスト ｶﾞ ﾊﾟ ＡＢＣ１２ "
    "ภาษาไทย ພາສາລາວ မြန်မာ ខ្មែរ",
    "हिन्दी क्षत्रिय தமிழ் తెలుగు \u0f73\u0f71 བོད་ \u0344 \u1e9b\u0323",
    "▁ ▁▁ a▁b ▁word ▁, Ġword ##ing Ċ",
    "[MASK] [SEP] <s></s> [CLS]x <unk> [UNK] <mask>!",
    "\u00a0nbsp\u00a0\u2003em\u2009thin\u3000wide\u1680 \u2028line\u2029para",
    "$5.50 €5 £3,000 50% #tag @user C++ C# .NET 3.14 1e-5 -5 +7 ~x ^y {z} [q] `t` |p|",
    "a-b-c--d - -- --- (e) ((f)) [g] !? ?! ... . ; : , ' \" '' \"\"",
    "\t\ttabs\tand\r\nlines\n\n\nmore\r",
]

_STOCK = [
    *(
        "the",
        "grammar",
        "of",
        "Statement",
        "3,5",
        "“",
        "”",
        "’s",
        "—",
        "…",
        "。",
        "👩‍👧",
        "👍🏽",
        "🇩🇪",
        "\u0301",
        "e\u0323\u0301",
    ),
    *(
        "ﬁ",
        "\u00ad",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\x00",
        "\x01",
        "\ud800",
        "\udc00",
        "\u202e",
        "\u2069",
        "▁",
        "#",
        "$",
        "\u3000",
    ),
]


def _any(chance: random.Random, first: int, last: int) -> str:
    return chr(chance.randint(first, last))


def _mixed(chance: random.Random) -> str:
    parts = []
    for _ in range(chance.randint(1, 14)):
        parts.append(chance.choice(_STOCK) if chance.random() < 0.8 else _any(chance, 0xA0, 0xFFFF))
        parts.append(chance.choice(["", "", " ", "  ", "\n"]))
    return "".join(parts)


def texts() -> list[str]:
    """Real sentences of Python's own documentation first, hostile texts after them; none is
    blank."""
    chance = random.Random(11)
    prose = "\n".join(pydoc_data.topics.topics.values())
    real = [
        part.strip()
        for part in re.split(r"(?<=[.!?])\s+|\n\n+", prose)
        if 20 < len(part.strip()) < 400
    ]
    planes = [
        " ".join(
            _any(chance, plane << 16, (plane << 16) + 0xFFFF) for _ in range(chance.randint(3, 12))
        )
        for plane in range(17)
        for _ in range(5)
    ]
    glued = [
        "".join(_any(chance, plane << 16, (plane << 16) + 0x3FF) for _ in range(20))
        for plane in range(17)
    ]
    hostile = [*WRITTEN, *planes, *glued]
    hostile += [_mixed(chance) for _ in range(250 - len(hostile))]
    hostile = [text if text.strip() else f"{text}a" for text in hostile]
    return [*chance.sample(real, 250), *hostile]
