"""What setup.cfg promises about dependencies, and the audit of the versions in constraints.txt."""

from __future__ import annotations

import configparser
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.helpers import extras, lowest
from tests.helpers.audit import audit
from tests.helpers.reached import main

CHECKOUT = Path(__file__).resolve().parents[2]
RANGE = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}
ADVISORY = {
    "id": "GHSA-1",
    "aliases": ["CVE-2026-1"],
    "summary": "bad",
    "affected": [{"package": {"name": "numpy", "ecosystem": "PyPI"}, "ranges": [RANGE]}],
}


def test_every_dependency_has_a_lower_bound_and_is_lowered_to_it():
    lines = lowest.constraints(CHECKOUT / "setup.cfg", CHECKOUT / "constraints.txt")
    assert any(line.startswith("pandas==2.2") for line in lines)
    pinned = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert next(line for line in lines if line.startswith("torch==")) in pinned


def test_a_dependency_without_a_lower_bound_is_a_fault(tmp_path):
    setup = tmp_path / "setup.cfg"
    setup.write_text(
        (CHECKOUT / "setup.cfg").read_text(encoding="utf-8").replace("numpy>=2.0", "numpy"),
        encoding="utf-8",
    )
    with pytest.raises(SystemExit, match="'numpy' has no lower bound"):
        lowest.bounds(setup)


def extras_for_users() -> set[str]:
    config = configparser.ConfigParser()
    config.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    return set(config["options.extras_require"]) - {"all", "test", "docs", "bench", "lint"}


def test_all_brings_every_extra_for_users_and_nothing_else():
    brought = extras.requirements(["all"])
    assert set(brought) == set(extras.requirements(sorted(extras_for_users())))


def test_the_extras_are_documented_with_what_they_bring():
    page = (CHECKOUT / "docs" / "first-frame.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \| .* \| (.*) \|$", page, re.MULTILINE))
    assert set(rows) == extras_for_users() | {"all"}
    for name in extras_for_users():
        brought = set(extras.requirements([name])) - set(extras.requirements([]))
        assert set(rows[name].split(", ")) == {re.split("[>=<]", line)[0] for line in brought}


@pytest.mark.parametrize(("reached", "code"), [(2_631, 0), (2_591, 1)])
def test_too_few_branches_fail(reached, code, capsys):
    totals = {
        "num_branches": 2_728,
        "covered_branches": reached,
        "percent_branches_covered": 100 * reached / 2_728,
    }
    assert main(totals) == code
    assert f"{reached:,} of 2,728" in capsys.readouterr().out


@contextmanager
def database(answer):
    """A server on this machine that answers every question of OSV's interface alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def requirements(tmp_path):
    file = tmp_path / "constraints.txt"
    file.write_text("# exact\nnumpy==2.0.0\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        ({"vulns": [ADVISORY]}, 1, "numpy 2.0.0: CVE-2026-1 (GHSA-1); repaired in 9"),
        ({}, 0, "audit: 1 packages looked up by osv, 0 unknown there, 0 vulnerabilities"),
    ],
)
def test_a_known_vulnerability_fails_the_audit(requirements, capfd, answer, code, says):
    with database(answer) as address:
        assert audit(requirements, address) == code
    assert says in capfd.readouterr().out


def test_an_answer_that_cannot_be_read_is_no_silence(requirements, capfd):
    without_type = {
        **ADVISORY,
        "affected": [{**ADVISORY["affected"][0], "ranges": [{"events": []}]}],
    }
    with database({"vulns": [without_type]}) as address:
        assert audit(requirements, address, ("osv",)) == 1
    assert "KeyError" in capfd.readouterr().out


def test_where_no_database_answers_the_audit_says_so_and_goes_on(requirements, capfd):
    assert audit(requirements, "http://127.0.0.1:9/none", ("osv",)) == 0
    assert (
        capfd.readouterr().out
        == "audit: no database of vulnerabilities can be reached; nothing was looked up\n"
    )
