"""A Hugging Face hub on 127.0.0.1 for tests: the real client talks to it, and it misbehaves on
request.

``with HubServer() as hub: hub.add("org/name", {"config.json": b"{}"})`` serves a repository.
``hub.env(home)`` points a subprocess at it, ``connected(hub, home)`` this process.
``hub.fault(Fault(path="config.json", status=500, times=1))`` makes one request fail;
``hub.requests`` tells what was asked.
"""

from .client import connected
from .faults import Fault
from .server import HubServer, Request

__all__ = ["Fault", "HubServer", "Request", "connected"]
