"""The command `inbeeld`."""

from gateway.cli.app import run
from gateway.sandbox.limits import harden


def main() -> None:
    """Run the command line; exits with 0, 1 (something is wrong) or 2 (the call is wrong)."""
    harden()
    run()


if __name__ == "__main__":
    main()
