"""How a wrong configuration file of the domain is refused: every fault with file, key and remedy."""

from pydantic import ValidationError

from gateway.errors import ConfigError, ConfigErrors


def refusal(file: str, error: ValidationError, example: str) -> ConfigErrors:
    """Our error for all that pydantic found wrong in `file`; `example` is a file that shows every key."""
    details = error.errors(include_url=False)
    # A list with one wrong entry is also reported as too short: the entry says it better.
    inner = [each for each in details if not any(_is_within(other["loc"], each["loc"]) for other in details)]
    return ConfigErrors([_fault(file, dict(each), example) for each in inner])


def _is_within(inner: tuple[int | str, ...], outer: tuple[int | str, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _fault(file: str, detail: dict[str, object], example: str) -> ConfigError:
    loc = detail["loc"]
    key = ".".join(map(str, loc if isinstance(loc, tuple) else ())) or "file"
    match detail["type"]:
        case "extra_forbidden":
            return ConfigError(file, key, "is not known", f"Correct its spelling or remove it; see {example}")
        case "missing":
            return ConfigError(file, key, "is missing", f"Add it as in {example}")
        case _:
            problem = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input ")
            return ConfigError(file, key, problem[:1].lower() + problem[1:], f"{example} explains this key")
