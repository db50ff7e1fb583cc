"""``nlu-lite download``: into the cache, as a copy, and newer."""

from __future__ import annotations

import nlu_lite as nlu
from nlu_lite import cli
from tests.helpers.hub import HubServer, connected


def test_download_on_the_command_line_fetches_copies_and_updates(tmp_path, family_folder, capsys):
    files = {path.name: path for path in family_folder("bert").iterdir()}
    with HubServer() as hub, connected(hub, tmp_path / "home"):
        hub.add("org/tiny", files)
        assert cli.main(["download", "org/tiny", "--to", str(tmp_path / "copies")]) == 0
        copied = tmp_path / "copies" / "org--tiny"
        assert capsys.readouterr().out == f"org/tiny\t{copied}\n"
        assert nlu.load(path=copied, offline=True).predict("a")["token"].tolist() == ["a"]
        newer = hub.add("org/tiny", files | {"README.md": b"newer"})
        hub.clear_requests()
        cli.main(["download", "org/tiny"])
        assert hub.requests == []
        cli.main(["download", "org/tiny", "--update"])
        assert newer in capsys.readouterr().out
