"""Puts the running gateway together from its settings, and names every part.

It promises that a part gets what its role may hold and no more: the intake has the public intake key and can
only insert, the worker has the private keys and listens nowhere.
"""

import asyncio

from gateway.app.intake import Intake
from gateway.app.web import WebRole
from gateway.app.worker import Worker


class Gateway(Intake, WebRole, Worker):
    """One gateway of one working directory, in every role."""

    async def close(self) -> None:
        """Give back everything that was made."""
        made = self.__dict__
        if "committer" in made:
            await self.committer.close()
        if "readers" in made:
            await asyncio.to_thread(self.readers.close)
        if "adapters" in made:
            for adapter in self.adapters.values():
                await adapter.close()
        if "tellers" in made:
            for teller in self.tellers.values():
                await teller.close()
        if "relay" in made:
            await self.relay.close()
        if "openers" in made:
            for opener in self.openers:
                await asyncio.to_thread(opener.close)
        if "store" in made:
            self.store.close()
