"""Pointing the real client at a hub on 127.0.0.1: through the environment of a subprocess, or in
this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .server import HubServer


def environment(url: str, home: Path, timeout: int) -> dict[str, str]:
    """The variables that make a hub the only one, with its cache under ``home`` and nothing of the
    user's in it.

    The proxy for everything that is not local is the hub too: what would leave 127.0.0.1 lands
    there, is refused, and stands in its log as ``CONNECT host:443`` (or, without TLS, as a request
    for the whole address).
    """
    tokens = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE"]
    offline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]
    # One variable for both protocols: the client loads the certificates anew, 35 ms, for each that
    # is set.
    proxies = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]
    return {
        "HF_ENDPOINT": url,
        "HF_HOME": str(home),
        "HF_HUB_CACHE": str(home / "hub"),
        "HF_TOKEN_PATH": str(home / "token"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_XET": "1",
        # Whole seconds are all the client takes. 0 or 10 would mean its default, 10.
        "HF_HUB_ETAG_TIMEOUT": str(timeout),
        "HF_HUB_DOWNLOAD_TIMEOUT": str(timeout),
        **dict.fromkeys(["ALL_PROXY", "all_proxy"], url),
        **dict.fromkeys(["NO_PROXY", "no_proxy"], "127.0.0.1,localhost"),
        **dict.fromkeys([*tokens, *offline, *proxies], ""),
    }


@contextmanager
def connected(hub: HubServer, home: Path, timeout: int = 2) -> Iterator[None]:
    """Make a hub the only one in this process, as if the client had been imported in its
    environment.

    The client reads its environment once, at import, into ``huggingface_hub.constants``; these are
    patched.
    """
    from huggingface_hub import constants, hf_api
    from huggingface_hub.utils import close_session

    variables = hub.env(home, timeout)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        for name, value in {
            "ENDPOINT": hub.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HOME": variables["HF_HOME"],
            "HF_HUB_CACHE": variables["HF_HUB_CACHE"],
            "HF_TOKEN_PATH": variables["HF_TOKEN_PATH"],
            "HF_HUB_DISABLE_TELEMETRY": True,
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_OFFLINE": False,
            "HF_HUB_ETAG_TIMEOUT": timeout,
            "HF_HUB_DOWNLOAD_TIMEOUT": timeout,
        }.items():
            patch.setattr(constants, name, value)
        patch.setattr(hf_api.api, "endpoint", hub.url)
        # transformers keeps an HfApi of its own, made on first use.
        if "transformers.utils.hub" in sys.modules:
            patch.setattr(sys.modules["transformers.utils.hub"], "_hf_api", None, raising=False)
        # The session reads the proxies when it is made, and keeps connections open.
        close_session()
        try:
            yield
        finally:
            close_session()
