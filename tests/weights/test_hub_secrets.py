"""Passwords of the hub's address and signatures of redirected ones are nowhere to be read."""

from __future__ import annotations

import pytest

from tests.helpers.hub import Fault
from tests.helpers.hub.models import REFERENCE, start

PASSWORD, SIGNATURE = "pass5ecretword", "5ignaturevalue"
SAY_ALL = f"""
import logging, sys, traceback
logging.basicConfig(level=1)
import nlu_lite as nlu
try:
    print(nlu.load({REFERENCE!r}).predict("a word"))
except nlu.NluLiteError as error:
    traceback.print_exception(error)
    print(repr(error), error.args)
"""


def everything(served, tmp_path, **variables) -> str:
    """All that a process says that loads the model, and all that it writes."""
    own = {"NLU_LITE_REGISTRY": str(tmp_path / "own_registry.yaml")}
    child = start(SAY_ALL, served.env(tmp_path / "home", timeout=2), own, variables)
    said = "".join(child.communicate(timeout=120))
    names = [str(path) for path in tmp_path.rglob("*")]
    contents = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    return "\n".join([said, *names, *(content.decode("latin-1") for content in contents)])


def endpoint(served) -> str:
    return served.url.replace("://", f"://user:{PASSWORD}@")


def test_a_password_in_the_hubs_address_is_not_told_where_all_goes_well(served, tmp_path):
    text = everything(served, tmp_path, HF_ENDPOINT=endpoint(served))
    assert "embeddings" in text
    assert PASSWORD not in text


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 404, 500])
@pytest.mark.parametrize("path", ["/api/", "/config.json", "/cdn/"])
def test_a_password_in_the_hubs_address_is_not_told_in_errors(served, tmp_path, path, status):
    served.fault(Fault(path=path, status=status))
    text = everything(served, tmp_path, HF_ENDPOINT=endpoint(served))
    assert "nlu_lite.errors" in text
    assert PASSWORD not in text


def test_a_password_is_not_told_where_nobody_answers(served, tmp_path):
    served.stop()
    text = everything(served, tmp_path, HF_ENDPOINT=endpoint(served))
    assert "Is the network up?" in text
    assert PASSWORD not in text
    served.start()


def test_a_password_of_a_proxy_is_not_told(served, tmp_path):
    text = everything(
        served,
        tmp_path,
        HF_ENDPOINT="http://hub.example",
        all_proxy=f"nonsense://user:{PASSWORD}@127.0.0.1:1",
    )
    assert "Check HTTPS_PROXY" in text
    assert PASSWORD not in text


@pytest.mark.parametrize(
    "query", ["X-Amz-Signature={}", "sig={}&se=2030", "Policy=a&Signature={}", "{}"]
)
def test_the_signature_of_a_redirected_address_is_not_told(served, tmp_path, query):
    address = f"{served.cdn_url}/cdn/nothing?{query.format(SIGNATURE)}"
    served.fault(Fault(path="/model.safetensors", headers={"Location": address}))
    text = everything(served, tmp_path)
    assert "nlu_lite.errors" in text
    assert SIGNATURE not in text
