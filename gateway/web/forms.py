"""What a browser posts: small forms."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from anyio import from_thread
from starlette.requests import Request

from gateway.web import problems
from gateway.web.problems import Problem

FORM = 4_000
"""A form of ours is not longer than this, in bytes."""

FIELDS = 60


def version(given: Mapping[str, str]) -> int:
    """The version of the case that a form was made for; -1, which is none, where it does not say."""
    typed = given.get("versie", "")[:9]
    return int(typed) if typed.isascii() and typed.isdigit() else -1


async def form(request: Request, longest: int = FORM) -> dict[str, str]:
    """The fields of a form, each with its first value; nothing of one that is none of ours, or too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    if kind != "application/x-www-form-urlencoded" or not length.isdigit() or int(length) > longest:
        return {}
    body = (await request.body()).decode("utf-8", "replace")
    try:
        given = parse_qs(body, max_num_fields=FIELDS)
    except ValueError:
        return {}
    # PostgreSQL takes NUL for an error; whoever pasted one sees where it was.
    return {name: values[0].replace("\0", "\ufffd") for name, values in given.items()}


def body(request: Request) -> bytes:
    """What was sent, for an endpoint that runs in a thread (`Auth.route` has read it)."""
    return from_thread.run(request.body)


def posted(request: Request) -> dict[str, str]:
    """The fields of a form, for an endpoint that runs in a thread."""
    return from_thread.run(form, request)


def whole_form(request: Request, longest: int) -> dict[str, str]:
    """The same; raises `Problem` for a larger one, which is not to be taken for an empty one."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > longest:
        raise Problem(problems.TOO_LARGE)
    return from_thread.run(form, request, longest)
