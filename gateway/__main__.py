"""The command `inbeeld`."""

import gc

from gateway.cli.app import run
from gateway.sandbox.limits import harden


def main() -> None:
    """Run the command line; exits with 0, 1 (something is wrong) or 2 (the call is wrong)."""
    harden()
    # Loading makes half a million objects that all stay, and looking through them again and again is a sixth
    # of every start.
    gc.set_threshold(10_000, 10, 10)
    run()


if __name__ == "__main__":
    main()
