"""The organisation's side of the mailbox API: one method per operation.

It promises HTTPS with a checked certificate, that no redirect is followed (a token goes where it was meant to
go), and that whatever goes wrong is a `MailboxError` that says what to do.
"""

import base64
import ssl
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2

from gateway.domain.case import is_kenmerk
from gateway.errors import InbeeldError

PATIENCE = 30.0
"""How long an answer may take beyond the time that was asked to wait, in seconds."""

LONGEST_WAIT = 20
_HEX = frozenset("0123456789abcdef")


class MailboxError(InbeeldError):
    """The mailbox could not be used; `passing` is whether it may work later by itself."""

    def __init__(self, message: str, *, passing: bool = False, code: str = "") -> None:
        super().__init__(message)
        self.passing, self.code = passing, code


@dataclass(frozen=True, slots=True)
class CollectedItem:
    """One leased item: what is sealed in it, and its media type."""

    id: str
    lease: str
    kenmerk: str
    attempt: int
    media_type: str
    sealed: bytes


class MailboxClient:
    """One connection to one gateway, with a token or a client certificate (PEM with its key), or both."""

    def __init__(
        self, url: str, *, token: str | None, certificate: Path | None = None, ca_file: Path | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(
            base_url=url, headers=headers, verify=_tls(certificate, ca_file), timeout=PATIENCE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def collect(self, maximum: int, wait: int = 0) -> list[CollectedItem]:
        """Lease what waits, after at most `wait` seconds."""
        found = self._post("/v1/afhalingen", {"maximum": maximum, "wachtSeconden": wait}, PATIENCE + wait)
        try:
            return [_item(one) for one in found]
        except (KeyError, TypeError, ValueError):
            raise MailboxError("the gateway's answer is not understood; is this inbeeld too old?") from None

    def acknowledge(self, items: Sequence[CollectedItem]) -> dict[str, str]:
        """Say that items are kept here now; gives why not, by the id of those that the gateway refuses."""
        kept = [{"berichtId": item.id, "leaseToken": item.lease} for item in items]
        found = self._again("/v1/ontvangstbevestigingen", {"berichten": kept})
        try:
            problems = {one["berichtId"]: one["probleem"] for one in found}
            return {item.id: str(problems[item.id]).rpartition(":")[2] for item in items if problems[item.id]}
        except (KeyError, TypeError):
            raise MailboxError("the gateway's answer is not understood; is this inbeeld too old?") from None

    def report(self, kenmerk: str, status: str, codes: Mapping[str, str | None]) -> dict[str, Any]:
        """Report on a case; gives the gateway's answer."""
        # A name of its own makes it harmless to send the report twice.
        body = {"status": status, "meldingId": uuid.uuid4().hex}
        body |= {name: code for name, code in codes.items() if code is not None}
        found = self._again(f"/v1/aanmeldingen/{kenmerk}/statussen", body)
        if not isinstance(found, dict):
            raise MailboxError("the gateway's answer is not understood; is this inbeeld too old?")
        return found

    def signer(self, format: str) -> bytes:
        """The public key with which the gateway signs what it seals as `format`: openpgp, smime or jwe."""
        found = self._answered(lambda: self._http.get("/v1/ondertekenaar"))
        key = found.get(format) if isinstance(found, dict) else None
        if not isinstance(key, str):
            raise MailboxError(f"the gateway names no key with which it signs {format}; use --signed-by")
        return key.encode()

    def _again(self, path: str, body: dict[str, Any]) -> Any:
        """What may be said twice, once more when its answer was lost."""
        try:
            return self._post(path, body)
        except MailboxError as error:
            if not error.passing:
                raise
            return self._post(path, body)

    def _post(self, path: str, body: dict[str, Any], patience: float = PATIENCE) -> Any:
        return self._answered(lambda: self._http.post(path, json=body, timeout=patience))

    def _answered(self, ask: Callable[[], httpx2.Response]) -> Any:
        try:
            answer = ask()
        except httpx2.TimeoutException:
            raise MailboxError("the gateway does not answer; try again later", passing=True) from None
        except httpx2.HTTPError as error:
            raise _unreached(error) from None
        if answer.status_code == 200:
            try:
                return answer.json()
            except ValueError:
                raise MailboxError("what answers at this address is no InBeeld; check --url") from None
        raise _refused(answer)


def _tls(certificate: Path | None, ca_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate is not None:
            context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as error:
        raise MailboxError(
            f"--ca-file or --certificate can't be used ({type(error).__name__}); both are PEM files, and a "
            "client certificate stands in one file with its private key"
        ) from None
    return context


def _unreached(error: httpx2.HTTPError) -> MailboxError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return MailboxError(
            "the gateway's certificate is not trusted here; name its authority with --ca-file"
        )
    return MailboxError(
        f"the gateway can't be reached ({type(error).__name__}); check --url and the network", passing=True
    )


def _refused(answer: httpx2.Response) -> MailboxError:
    if answer.status_code == 401:
        return MailboxError(
            "the gateway does not know this token or certificate; ask its administrator for a new token"
        )
    try:
        problem = answer.json()
        told = ": ".join(str(problem[name]) for name in ("title", "watTeDoen"))
        code = str(problem["type"]).rpartition(":")[2]
        if allowed := problem.get("mogelijk"):
            told += f" (mogelijk: {', '.join(map(str, allowed))})"
        for fault in problem.get("fouten") or []:
            told += f"; {fault.get('veld', '')} {fault.get('melding', '')}"
    except (ValueError, KeyError, TypeError, AttributeError):
        told, code = f"the gateway answered {answer.status_code}; check --url", ""
    passing = answer.status_code == 429 or answer.status_code >= 500
    return MailboxError(told, passing=passing, code=code)


def _item(found: dict[str, Any]) -> CollectedItem:
    """One item, if its names can be used as names of files and parts of addresses."""
    if found["jwe"] is not None:
        media_type, sealed = "application/jose", found["jwe"].encode("ascii")
    else:
        content: dict[str, str] = found["inhoud"]
        media_type, sealed = content["mediatype"], base64.b64decode(content["base64"], validate=True)
    id_, kenmerk = found["berichtId"], found["kenmerk"]
    if not id_ or not set(id_) <= _HEX or not is_kenmerk(kenmerk):
        raise ValueError
    return CollectedItem(id_, str(found["leaseToken"]), kenmerk, int(found["poging"]), media_type, sealed)
