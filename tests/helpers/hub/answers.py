"""What the hub answers to a request when nothing goes wrong: routes, headers, status codes and
error codes.

The protocol is what ``huggingface_hub`` reads (file_download.py, hf_api.py, utils/_http.py); no
more of it is spoken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from .repo import Blob, Repo

_REPO = r"(?P<repo>[^/]+/[^/]+?|[^/]+)"
_RESOLVE = re.compile(rf"/{_REPO}/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
_API = re.compile(
    rf"/api/models/{_REPO}(?:/(?P<verb>revision|tree)/(?P<revision>[^/]+)(?:/(?P<path>.+))?)?"
)
_CDN = re.compile(rf"/cdn/{_REPO}/(?P<sha256>[0-9a-f]{{64}})/[^/]+")
_RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)")
_DATE = "2024-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Answer:
    """A response: the status, the headers (Content-Length is added when it is sent) and the whole
    body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class RefusalError(Exception):
    """A request that the hub answers with an error."""

    def __init__(self, status: int, message: str, code: str | None = None, **headers: str) -> None:
        super().__init__(message)
        named = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = as_json({"error": message}, status, named)


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer whose body is JSON."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, kind | dict(headers or {}), json.dumps(value).encode())


@dataclass
class Answers:
    """The routes over the repositories. ``url`` and ``cdn_url`` are what links and redirects point
    at."""

    repos: dict[str, Repo] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    url: str = ""
    cdn_url: str = ""
    page_size: int = 1000

    def to(self, target: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a GET of this target; a HEAD gets the same without the body."""
        split = urlsplit(target)
        try:
            if split.path == "/api/models":
                return self._search(parse_qs(split.query), headers.get("Authorization"))
            if location := self._moved(target):
                return Answer(307, {"Location": location})
            if match := _API.fullmatch(split.path):
                return self._api(
                    match, split.path, parse_qs(split.query), headers.get("Authorization")
                )
            if match := _CDN.fullmatch(split.path):
                return self._cdn(match, headers)
            if match := _RESOLVE.fullmatch(split.path):
                return self._resolve(match, headers)
            raise RefusalError(404, "Sorry, we can't find the page you are looking for.")
        except RefusalError as refusal:
            return refusal.answer

    def _moved(self, target: str) -> str | None:
        """Where a renamed repository is asked for, the same under its new id, as a path."""
        for old, new in self.renamed.items():
            for before in (f"/api/models/{old}", f"/{old}/resolve"):
                if target == before or target.startswith((f"{before}/", f"{before}?")):
                    return target.replace(old, new, 1)
        return None

    def _readable(self, repo_id: str, authorization: str | None, *, content: bool) -> Repo:
        """The repository, if the request may see it: a gated one shows all but the content of its
        files."""
        repo = self.repos.get(repo_id)
        if repo is None:
            # Without a token the hub does not tell a missing repository from a private one.
            raise RefusalError(
                404 if authorization else 401, "Repository not found", "RepoNotFound"
            )
        if (
            repo.token is None
            or authorization == f"Bearer {repo.token}"
            or (repo.gated and not content)
        ):
            return repo
        if not repo.gated:
            raise RefusalError(401, "Invalid username or password.", "RepoNotFound")
        status = 403 if authorization else 401
        raise RefusalError(status, f"Access to model {repo_id} is restricted.", "GatedRepo")

    @staticmethod
    def _commit(repo: Repo, revision: str) -> str:
        sha = repo.resolve(unquote(revision))
        if sha is None:
            raise RefusalError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return sha

    def _resolve(self, match: re.Match[str], headers: Mapping[str, str]) -> Answer:
        repo = self._readable(match["repo"], headers.get("Authorization"), content=True)
        sha, path = self._commit(repo, match["revision"]), unquote(match["path"])
        blob = repo.commits[sha].get(path)
        if blob is None:
            # With the commit in the answer the client can write down that this commit has no such
            # file.
            raise RefusalError(404, "Entry not found", "EntryNotFound", X_Repo_Commit=sha)
        named = {"X-Repo-Commit": sha, "ETag": f'"{blob.etag}"'}
        if not blob.lfs:
            return _content(blob, named, headers.get("Range"))
        location = (
            f"{self.cdn_url}/cdn/{match['repo']}/{blob.sha256}/{quote(PurePosixPath(path).name)}"
        )
        named |= {
            "X-Linked-Etag": f'"{blob.etag}"',
            "X-Linked-Size": str(len(blob.data)),
            "Location": location,
        }
        return Answer(302, named, f"Found. Redirecting to {location}".encode())

    def _cdn(self, match: re.Match[str], headers: Mapping[str, str]) -> Answer:
        # The CDN knows no tokens: the client must not send one there, and the address is what opens
        # the file.
        repo = self.repos.get(match["repo"])
        for files in list(repo.commits.values()) if repo else []:
            for blob in files.values():
                if blob.lfs and blob.sha256 == match["sha256"]:
                    return _content(blob, {"ETag": f'"{blob.sha256}"'}, headers.get("Range"))
        raise RefusalError(403, "Access denied")

    def _api(
        self,
        match: re.Match[str],
        path: str,
        query: dict[str, list[str]],
        authorization: str | None,
    ) -> Answer:
        repo = self._readable(match["repo"], authorization, content=False)
        sha = self._commit(repo, match["revision"] or "main")
        files = repo.commits[sha]
        if match["verb"] == "tree":
            entries = _tree(
                files, unquote(match["path"] or ""), recursive=_flag(query, "recursive")
            )
            return self._page(entries, path, query)
        if match["path"]:
            raise RefusalError(404, "Sorry, we can't find the page you are looking for.")
        siblings = [
            {"rfilename": name} | (_sizes(blob) if _flag(query, "blobs") else {})
            for name, blob in files.items()
        ]
        info = {
            "id": repo.repo_id,
            "modelId": repo.repo_id,
            "sha": sha,
            "siblings": siblings,
            "tags": [],
            "likes": 0,
        }
        info |= {
            "private": repo.token is not None and not repo.gated,
            "gated": "auto" if repo.gated else False,
        }
        if repo.license:
            info["cardData"] = {"license": repo.license}
            info["tags"] = [f"license:{repo.license}"]
        info |= {"disabled": False, "downloads": 0, "lastModified": _DATE, "createdAt": _DATE}
        return as_json(info)

    def _search(self, query: dict[str, list[str]], authorization: str | None) -> Answer:
        """The models that may be seen and match: owner, words of the id, tags (all of them)."""
        author = query.get("author", [""])[0].lower()
        words = query.get("search", [""])[0].lower()
        tags = set(query.get("filter", []))
        models = [
            {"_id": "0" * 24, "id": repo.repo_id, "modelId": repo.repo_id, "tags": list(repo.tags)}
            for repo in self.repos.values()
            if words in repo.repo_id.lower()
            and author in ("", repo.repo_id.rpartition("/")[0].lower())
            and tags <= set(repo.tags)
            and (repo.token is None or repo.gated or authorization == f"Bearer {repo.token}")
        ]
        return self._page(models, "/api/models", query)

    def _page(
        self, entries: list[dict[str, Any]], path: str, query: dict[str, list[str]]
    ) -> Answer:
        start = int(query.get("cursor", ["0"])[0])
        end = start + self.page_size
        headers = {}
        if end < len(entries):
            following = urlencode({**query, "cursor": [str(end)]}, doseq=True)
            headers["Link"] = f'<{self.url}{path}?{following}>; rel="next"'
        return as_json(entries[start:end], headers=headers)


def _flag(query: dict[str, list[str]], name: str) -> bool:
    return query.get(name, ["false"])[0].lower() in {"true", "1"}


def _sizes(blob: Blob) -> dict[str, Any]:
    """The sizes of a file as model info spells them."""
    sizes: dict[str, Any] = {"size": len(blob.data), "blobId": blob.oid}
    if blob.lfs:
        sizes["lfs"] = {
            "sha256": blob.sha256,
            "size": len(blob.data),
            "pointerSize": len(blob.pointer),
        }
    return sizes


def _tree(files: dict[str, Blob], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    """The entries of a folder, as the tree listing spells them: folders first, then files."""
    prefix = f"{folder}/" if folder else ""
    inside = {path: blob for path, blob in files.items() if path.startswith(prefix)}
    if folder and not inside:
        raise RefusalError(404, f"{folder} does not exist", "EntryNotFound")
    folders = {str(parent) for path in inside for parent in PurePosixPath(path).parents}
    entries = [
        {"type": "directory", "oid": "0" * 40, "size": 0, "path": path} for path in folders - {"."}
    ]
    for path, blob in inside.items():
        entry = {"type": "file", "oid": blob.oid, "size": len(blob.data), "path": path}
        if blob.lfs:
            entry["lfs"] = {
                "oid": blob.sha256,
                "size": len(blob.data),
                "pointerSize": len(blob.pointer),
            }
        entries.append(entry)
    entries = [
        entry
        for entry in entries
        if entry["path"].startswith(prefix)
        and (recursive or "/" not in entry["path"].removeprefix(prefix))
    ]
    return sorted(entries, key=lambda entry: (entry["type"], entry["path"]))


def _content(blob: Blob, headers: dict[str, str], range_header: str | None) -> Answer:
    """The content of a file, or the part of it that a Range header asks for."""
    headers = {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream", **headers}
    size = len(blob.data)
    match = _RANGE.fullmatch(range_header or "")
    if match is None or match.group("first", "last") == ("", ""):
        return Answer(200, headers, blob.data)
    if match["first"]:
        first, last = int(match["first"]), min(int(match["last"] or size - 1), size - 1)
    else:
        first, last = max(size - int(match["last"]), 0), size - 1
    if first > last:
        return Answer(416, {**headers, "Content-Range": f"bytes */{size}"})
    return Answer(
        206,
        {**headers, "Content-Range": f"bytes {first}-{last}/{size}"},
        blob.data[first : last + 1],
    )
