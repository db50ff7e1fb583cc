"""What the hub holds: repositories, their commits and the contents of their files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

# The hub keeps these in LFS (its default .gitattributes lists them), where a download is redirected
# to the CDN.
LFS_SUFFIXES = frozenset({".bin", ".h5", ".model", ".msgpack", ".onnx", ".pt", ".safetensors"})

Content = bytes | str | Path
"""The content of a file as a test gives it: bytes, text (UTF-8), or the path of a file to read."""


@dataclass(frozen=True)
class Blob:
    """The content of one file, with the identifiers that git and LFS give it."""

    data: bytes
    lfs: bool

    @cached_property
    def sha256(self) -> str:
        """The LFS object id."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        """The text that git stores in place of an LFS file."""
        head = b"version https://git-lfs.github.com/spec/v1\n"
        return head + f"oid sha256:{self.sha256}\nsize {len(self.data)}\n".encode()

    @cached_property
    def oid(self) -> str:
        """The git blob id: of the content, or of the pointer for an LFS file."""
        stored = self.pointer if self.lfs else self.data
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()

    @property
    def etag(self) -> str:
        """What the hub sends as the ETag of the file, and what the client names the blob in its
        cache."""
        return self.sha256 if self.lfs else self.oid


@dataclass
class Repo:
    """A model repository: its commits by sha, its branches, and who may read it."""

    repo_id: str
    commits: dict[str, dict[str, Blob]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    gated: bool = False
    tags: tuple[str, ...] = ()
    license: str | None = None

    def commit(self, files: Mapping[str, Content], revision: str) -> str:
        """Put a commit that holds exactly these files on a branch; returns its sha."""
        blobs = {path: _blob(path, content) for path, content in files.items()}
        # The parent is part of the sha, as in git: the same files committed again are another
        # commit.
        lines = [self.repo_id, self.refs.get(revision, "")]
        lines += [f"{path} {blob.etag}" for path, blob in sorted(blobs.items())]
        sha = hashlib.sha1("\n".join(lines).encode()).hexdigest()
        # The commit comes before the ref, so that a request in between never meets a ref without a
        # commit.
        self.commits[sha] = blobs
        self.refs[revision] = sha
        return sha

    def resolve(self, revision: str) -> str | None:
        """The sha that a branch name or a sha stands for; None where there is none."""
        sha = self.refs.get(revision, revision)
        return sha if sha in self.commits else None

    def forget(self, revision: str) -> None:
        """Lose a branch (its commits stay reachable by sha), or a commit with the branches that
        point at it."""
        if self.refs.pop(revision, None) is None:
            del self.commits[revision]
            self.refs = {name: sha for name, sha in self.refs.items() if sha != revision}


def _blob(path: str, content: Content) -> Blob:
    if isinstance(content, Path):
        content = content.read_bytes()
    elif isinstance(content, str):
        content = content.encode()
    return Blob(content, lfs=PurePosixPath(path).suffix in LFS_SUFFIXES)
