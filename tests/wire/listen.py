"""A listener in a process of its own: prints its port and keeps mails in memory until it is killed."""

import asyncio

from tests.wire.harness import post


async def main() -> None:
    """Run until killed."""
    async with post() as office:
        print(office.address[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
