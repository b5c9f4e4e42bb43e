"""What the tests of the relay send, and how it fails."""

from typing import Any

import pytest

from adapters.base import Refused, TryLater

FROM, TO = "aanmelding@gateway.example", "aanmeldingen@organisatie.example"
MESSAGE = b"Subject: versleuteld\r\n\r\n.een\r\n..twee\r\n.\r\ndrie\r\n"


async def reason_of(attempt: Any, kind: type[TryLater] | type[Refused] = TryLater) -> str:
    with pytest.raises(kind) as caught:
        await attempt
    assert type(caught.value.reason) is str  # type: ignore[attr-defined]
    return str(caught.value.reason)  # type: ignore[attr-defined]
