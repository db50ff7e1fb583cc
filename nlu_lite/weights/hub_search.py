"""Searching the hub for models by owner, words and task."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from nlu_lite.errors import DownloadError
from nlu_lite.weights.transfer import call_hub, hub_address

# Seconds to wait for each answer.
TIMEOUT = 10.0
# More models than this of one query are not looked at.
MOST_MODELS = 1_000


def search_hub(
    *, author: str | None = None, words: str | None = None, tag: str | None = None
) -> list[str]:
    """The ids of the models that match, as the hub orders them.

    Args:
        author: Only models of this owner, spelt as on the hub.
        words: What the id must contain.
        tag: Only models with this tag, such as ``token-classification``.

    Raises:
        DownloadError: The hub cannot be reached, does not answer, or refuses; says what helps.
    """
    from huggingface_hub import constants

    subject = f"a list of models ({' '.join(filter(None, (author, words)))})"
    if constants.HF_HUB_OFFLINE:
        raise DownloadError(
            f"HF_HUB_OFFLINE forbids to ask {hub_address()} for {subject}; unset it where there is "
            f"a network."
        )

    query = {"author": author, "search": words, "filter": tag, "limit": MOST_MODELS}
    return call_hub(lambda: _request(query), subject)


def _request(query: dict[str, Any]) -> list[str]:
    """The ids of the hub's answer, page after page.

    The client's own list asks a hub that does not answer six times, for 23 seconds, and prints
    each time what failed.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils import (  # type: ignore[attr-defined]  # exported lazily
        build_hf_headers,
        get_session,
        hf_raise_for_status,
    )

    parameters = {name: value for name, value in query.items() if value is not None}
    page: str | None = f"{constants.ENDPOINT}/api/models?{urlencode(parameters)}"
    headers = build_hf_headers(library_name="nlu-lite")
    hub_ids: list[str] = []
    while page is not None and len(hub_ids) < MOST_MODELS:
        response = get_session().get(page, headers=headers, timeout=TIMEOUT, follow_redirects=True)
        hf_raise_for_status(response)
        hub_ids += [str(model["id"]) for model in response.json()]
        page = response.links.get("next", {}).get("url")
    return hub_ids[:MOST_MODELS]
