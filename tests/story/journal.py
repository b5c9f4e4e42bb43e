"""What a gateway logged, to be asked for its events."""

import io
import json
from typing import Any


class Journal(io.StringIO):
    """A stream for `gateway.base.log.Log`."""

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of that name, oldest first."""
        lines = [json.loads(line) for line in self.getvalue().splitlines()]
        return [line for line in lines if line["event"] == name]

    def alarms(self) -> list[str]:
        """The codes of everything that needs a person."""
        return [event["code"] for event in self.events("alarm")]
