"""The catalogue as a mapping, and completion in a real kernel."""

from __future__ import annotations

import pytest
from jupyter_client.manager import start_new_kernel

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.errors import UnknownReferenceError, UnservedReferenceError


def test_the_catalogue_is_a_mapping_of_all_references():
    assert tuple(nlu.models) == registry.current().references
    assert len(nlu.models) == len(registry.current().references)
    assert nlu.models["bert"].model_name == "google/bert_uncased_L-2_H-128_A-2"
    assert "small_bert_L2_128" not in nlu.models
    assert nlu.models["small_bert_L2_128"].reference == "en.embed.bert.small_L2_128"
    with pytest.raises(UnknownReferenceError):
        nlu.models["no.such.reference"]
    with pytest.raises(UnservedReferenceError):
        nlu.models["glove"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the kernel's own client, about its own sockets
def test_a_notebook_completes_references():
    manager, client = start_new_kernel()
    try:
        client.execute_interactive("import nlu_lite as nlu", timeout=60)
        code = 'nlu.models["en.embed.bert.small_L12'
        client.complete(code, len(code))
        reply = client.get_shell_msg(timeout=60)
        while reply["msg_type"] != "complete_reply":
            reply = client.get_shell_msg(timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    completions = {match.strip('"]') for match in reply["content"]["matches"]}
    assert completions == {f"en.embed.bert.small_L12_{width}" for width in (128, 256, 512, 768)}


def test_the_catalogue_shows_how_to_find_a_reference_and_offers_all_for_completion():
    assert repr(nlu.models).startswith(f"<{len(nlu.models)} references; nlu.search(...)")
    assert nlu.models._ipython_key_completions_() == list(registry.current().references)
