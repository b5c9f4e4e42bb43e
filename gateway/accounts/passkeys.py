"""Passkeys (WebAuthn): what a browser is asked, and whether its answer is right.

It promises that a passkey counts only with its owner verified by the device (a finger, a face, a PIN), so
that it is two factors; only for our own origin; and that an answer is for the question that was asked last.
The origin is `web.public_url`; without one it is https://localhost with the port at which we were asked.
The library is loaded when a passkey is first asked for: it brings eighty modules and 5 MiB.
"""

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from gateway.store.pagetables import PasskeyRow
from gateway.web import problems
from gateway.web.problems import Problem

NAME = "InBeeld"
ANSWER = 16_000
"""The longest answer of a browser that is read, in bytes."""

_LOCAL = re.compile(r"localhost(:[0-9]{1,5})?")
_ADDRESS = re.compile(r"[0-9.]+|\[.*")
_ID = re.compile(r"[A-Za-z0-9_-]{1,1400}")


class PasskeyError(Exception):
    """The browser's answer is not right; it is never told why."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom a passkey is: a host name, and the origin of its pages."""

    id: str
    origin: str

    def asked_to_make(self, user_id: str, login: str, name: str, known: list[PasskeyRow]) -> tuple[str, str]:
        """What a browser is asked to make a passkey with (JSON), and the challenge in it."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        challenge = secrets.token_bytes(32)
        options = webauthn.generate_registration_options(
            rp_id=self.id,
            rp_name=NAME,
            user_id=user_id.encode(),
            user_name=login,
            user_display_name=name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(row.id)) for row in known],
        )
        return webauthn.options_to_json(options), bytes_to_base64url(challenge)

    def made(self, answer: dict[str, Any], challenge: str) -> tuple[str, bytes, int]:
        """A new passkey: its id, public key and counter; raises `PasskeyError`."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

        try:
            found = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self.id,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - every way in which an answer can be wrong ends the same
            raise PasskeyError from None
        return bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count

    def asked_to_show(self, known: list[PasskeyRow]) -> tuple[str, str]:
        """What a browser is asked to show a passkey with (JSON), and the challenge; of `known`, or any."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

        challenge = secrets.token_bytes(32)
        options = webauthn.generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            allow_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(row.id)) for row in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options), bytes_to_base64url(challenge)

    def shown(self, answer: dict[str, Any], challenge: str, row: PasskeyRow) -> int:
        """The counter of a passkey that was shown rightly; raises `PasskeyError`."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes

        handle = answer.get("response", {}).get("userHandle") or ""
        try:
            if handle and base64url_to_bytes(handle) != row.user_id.encode():
                raise PasskeyError
            found = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self.id,
                expected_origin=self.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - every way in which an answer can be wrong ends the same
            raise PasskeyError from None
        return found.new_sign_count


def asked_party(public_url: str, request: Request) -> RelyingParty:
    """The same; raises `Problem` where there is none."""
    if (party := relying_party(public_url, request)) is None:
        raise Problem(problems.NOT_FOUND)
    return party


def relying_party(public_url: str, request: Request) -> RelyingParty | None:
    """For whom passkeys are made here, or None where browsers allow none (at a bare address)."""
    if public_url:
        host = urlsplit(public_url).hostname or ""
        return None if not host or _ADDRESS.fullmatch(host) else RelyingParty(host, public_url)
    asked = request.headers.get("host", "").lower()
    # Whoever asks chooses this header, so nothing but our own machine is taken from it.
    return RelyingParty("localhost", f"https://{asked}") if _LOCAL.fullmatch(asked) else None


async def answer_of(request: Request) -> dict[str, Any]:
    """The browser's answer; raises `PasskeyError` for what is none."""
    length = request.headers.get("content-length", "")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or not length.isdigit() or int(length) > ANSWER:
        raise PasskeyError
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise PasskeyError from None
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise PasskeyError
    return found


def id_of(answer: dict[str, Any]) -> str:
    """The id of the passkey that is shown."""
    found = answer.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""
