"""The command `inbeeld`."""

from gateway.cli.app import run


def main() -> None:
    """Run the command line; exits with 0, 1 (something is wrong) or 2 (the call is wrong)."""
    run()


if __name__ == "__main__":
    main()
