"""Every tokenizer class of the installed transformers that can be made without a download."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

import pytest

from nlu_lite.encoder.models.tokenizer_trial import HARD_TEXTS
from tests.helpers.tokenizer_classes import LINES, compare, make_folders

TEXTS = [*HARD_TEXTS, *LINES[:30], "has covid19 zz top <ent> Covid19"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ids_of_every_class_are_those_of_auto_tokenizer_or_it_is_refused(tmp_path, capsys):
    """In every layout of folder. The list is printed, with the reasons."""
    results = defaultdict(dict)
    for name, layout, folder in make_folders(tmp_path):
        is_made = not isinstance(folder, str)
        results[name][layout] = compare(folder, TEXTS) if is_made else f"not made: {folder}"
    outcomes = Counter(
        outcome.partition(":")[0] for layouts in results.values() for outcome in layouts.values()
    )
    lines = [f"{len(results)} classes; folders: {dict(outcomes)}"]
    for name, layouts in results.items():
        lines += [f"{name} | {layout} | {outcome:.160}" for layout, outcome in layouts.items()]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *lines, ""]))
    assert outcomes["equal"] > 150
    equal = {name for name, layouts in results.items() if "equal" in layouts.values()}
    assert {"BertTokenizer", "MPNetTokenizer", "RobertaTokenizer", "XLMRobertaTokenizer"} <= equal
    assert {"T5Tokenizer", "DebertaV2Tokenizer", "AlbertTokenizer", "GPT2Tokenizer"} <= equal
    assert {"XLNetTokenizer", "LlamaTokenizer", "GemmaTokenizer", "CLIPTokenizer"} <= equal
    assert {"MBartTokenizer", "HerbertTokenizer", "Qwen2Tokenizer", "NllbTokenizer"} <= equal
