"""Searching the hub for models by owner, words and task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
    from huggingface_hub import HfApi, constants

    subject = f"a list of models ({author or ''} {words or ''})"
    if constants.HF_HUB_OFFLINE:
        raise DownloadError(
            f"HF_HUB_OFFLINE forbids to ask {hub_address()} for {subject}; unset it where there is "
            f"a network."
        )

    def request() -> list[str]:
        with _timeout():
            models = HfApi().list_models(author=author, search=words, filter=tag, limit=MOST_MODELS)
            return [str(model.id) for model in models]

    return call_hub(request, subject)


@contextmanager
def _timeout() -> Iterator[None]:
    """Let the client's session wait no longer; its list of models has no option for that."""
    from huggingface_hub.utils import get_session  # type: ignore[attr-defined]  # exported lazily

    session = get_session()
    before = session.timeout
    session.timeout = TIMEOUT
    try:
        yield
    finally:
        session.timeout = before
