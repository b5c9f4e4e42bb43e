"""`demo`: the gateway shown on this machine, for real.

First one referral goes from the GP's mail to "in beeld": a gateway is started in a temporary working
directory as its own process, a real SMTP peer on loopback plays the mail servers of the GP and of the
organisation, and every step is checked as it is told; a step that is not true ends the demo with exit code 1.
Then a town of invented people is let loose on the same gateway, whose clock now runs fast, with its pages to
look at.
"""

import asyncio
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.console import complain, say
from gateway.cli.init import lay_out
from gateway.demo.config import configure
from gateway.demo.mail import PRACTICE
from gateway.demo.peer import DemoPeer
from gateway.demo.stage import DemoStage, NotTrueError, serving
from gateway.demo.story import chapter, tell
from gateway.demo.town import SPEED, Town


def demo(
    once: Annotated[bool, typer.Option("--once", help="Tell the story, check every step, and stop.")] = False,
) -> None:
    """Show one referral from the GP's mail to "in beeld", then the board and an inbox of a busy town.

    Everybody in it is invented. It opens nothing by itself, listens on this machine alone, and leaves nothing
    behind when ctrl-c ends it.
    """
    directory = Path(tempfile.mkdtemp(prefix="inbeeld-demo-"))
    try:
        asyncio.run(_demo(directory / "gateway", once))
    except asyncio.CancelledError:
        # Being told to stop is how a demo ends, but a story that was broken off has shown nothing.
        if once:
            raise typer.Exit(130) from None
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _demo(directory: Path, once: bool) -> None:
    _stop_on_signal()
    lay_out(directory)
    tls = directory / "keys" / "tls"
    async with DemoPeer(tls / "server.pem", tls / "server.key", hostname="localhost") as peer:
        configure(directory, peer)
        async with serving(directory) as smtp:
            try:
                await tell(DemoStage(directory, peer, smtp))
            except (TimeoutError, NotTrueError) as error:
                complain((directory / "gateway.log").read_text())
                raise NotTrueError(str(error) or "the demo stopped: nothing more happened") from None
        if not once:
            chapter("9. two weeks in a town of invented people")
            with (directory / "gateway.log").open("a") as log:
                async with Town(directory, peer, log) as town:
                    await town.live(say)
                    await town.run()
                    _invite(town)
                    await town.go_on()


def _stop_on_signal() -> None:
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _invite(town: Town) -> None:
    host, port = town.smtp
    chapter("now you")
    say(f"  the gateway's clock stands at {town.clock():%Y-%m-%d %H:%M} UTC and runs {SPEED} times as fast")
    say("  your browser will warn you: nobody knows the authority that signed this trial's certificate\n")
    say(f"  the board, as a beheerder        {town.link(town.cast.beheerder)}")
    say(f"  the inbox, as a medewerker       {town.link(town.cast.medewerker)}")
    say(f"  the passphrase of both mailboxes {town.cast.passphrase}\n")
    say("  send it a mail of your own from another terminal:")
    address = PRACTICE.address
    proof = f"Authentication-Results: mx.handover.example; dmarc=pass header.from={address.partition('@')[2]}"
    say(
        f"  swaks --server {host}:{port} --tls --from {address} --to aanmelding@handover.example \\\n"
        f'    --add-header "{proof}" \\\n'
        '    --body "Naam: Pieternel Zomerdijk, tel 06-12345678, wijk De Werven"'
    )
    say("\n  ctrl-c ends it\nready")
