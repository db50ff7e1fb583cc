"""Known vulnerabilities of exact versions, by pip-audit: ``python tests/helpers/audit.py
constraints.txt``.

Ends with 1 where one is known, or where the audit itself fails. Where no database answers - OSV's,
else PyPI's - it says so in one line and ends with 0. An index that serves packages but no
advisories is no database: to pip-audit all its packages are "not found", which it counts as sound.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# What pip-audit says, or the traceback of its library, where a database does not answer.
UNREACHABLE = (
    "ConnectionError",
    "Timeout",
    "ConnectionFailure",
    "ServiceError",
    "SSLError",
    "ProxyError",
)
OSV = "https://api.osv.dev/v1/query"


def audit(file: Path, osv: str = OSV, services: tuple[str, ...] = ("osv", "pypi")) -> int:
    """The exit code, after the findings were printed.

    Args:
        file: Lines such as ``numpy==2.4.6``.
        osv: Address of OSV's interface.
        services: Databases, in the order in which they are tried.
    """
    for service in services:
        where = [
            "--vulnerability-service",
            service,
            *(["--osv-url", osv] if service == "osv" else []),
        ]
        quiet = [
            "--no-deps",
            "--disable-pip",
            "--progress-spinner",
            "off",
            "--format",
            "json",
            "--timeout",
            "15",
        ]
        process = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--requirement", str(file), *where, *quiet],
            capture_output=True,
            text=True,
        )
        try:
            packages = json.loads(process.stdout)["dependencies"]
        except ValueError:
            if not any(sign in process.stderr for sign in UNREACHABLE):
                print(f"audit: pip-audit failed:\n{process.stderr}")
                return 1
            continue
        audited = [package for package in packages if "vulns" in package]
        if not audited:
            continue
        faults = [(package, fault) for package in audited for fault in package["vulns"]]
        for package, fault in faults:
            cure = ", ".join(fault["fix_versions"]) or "no version"
            print(
                f"{package['name']} {package['version']}: {fault['id']} "
                f"({', '.join(fault['aliases'])}); repaired in {cure}"
            )
        unknown = len(packages) - len(audited)
        print(
            f"audit: {len(audited)} packages looked up by {service}, {unknown} unknown there, "
            f"{len(faults)} vulnerabilities"
        )
        return 1 if faults else 0
    print("audit: no database of vulnerabilities can be reached; nothing was looked up")
    return 0


if __name__ == "__main__":
    sys.exit(audit(Path(sys.argv[1]), *sys.argv[2:3]))
