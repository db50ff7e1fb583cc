"""What has a flow, and the groups of its calls that a pipeline is made of."""

from __future__ import annotations

from nlu_lite.flow.flow import Flow


class FlowOwner:
    """Something that asks its flow.

    Args:
        flow: The way of its data.
    """

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    @property
    def flow(self) -> Flow:
        """The way of its data, for adapters such as that to Spark; its own names may change."""
        return self._flow
