"""The kinds of value a setting can be; each refuses what it is not, in words that follow the key's name."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("is not HOST:PORT")
    try:
        # What asks for the address of a name does this, and fails in a way of its own.
        host.encode("idna")
    except UnicodeError:
        raise ValueError("is not HOST:PORT") from None
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}", value):
        raise ValueError("is not a mail address (the local part may hold no +)")
    return value.lower()


def _domain(value: str) -> str:
    try:
        name = value.encode("idna").decode().lower()
    except UnicodeError:
        raise ValueError("is not a domain name") from None
    if not re.fullmatch(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", name):
        raise ValueError("is not a domain name")
    return name


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is not a known time zone") from None
    return value


STORED: Mapping[str, bool] = {"stored": True}
"""The context of what was written down before: a rule that is newer than it does not take it away."""


def _phone(value: str, info: ValidationInfo) -> str:
    try:
        number = phonenumbers.parse(value, "NL")
    except phonenumbers.NumberParseException:
        raise ValueError("is not a telephone number") from None
    if info.context is not STORED and not phonenumbers.is_possible_number(number):
        raise ValueError("is not a telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _plain_line(value: str, info: ValidationInfo) -> str:
    # It stands in mails and letters: a break, or a mark that turns what follows around, would forge lines.
    if info.context is not STORED and _BREAKING.search(value):
        raise ValueError("holds a line break or a mark that can't be seen")
    return value


def _server(value: str) -> tuple[str, int]:
    address, port = value.split(":") if value.count(":") == 1 else (value, "53")
    try:
        ipaddress.ip_address(address)
        number = int(port)
    except ValueError:
        raise ValueError(f"'{value}' is not an address, or ADDRESS:PORT") from None
    return address, number


def _fingerprint(value: str) -> str:
    plain = re.sub(r"[\s:]", "", value).removeprefix("sha256")
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", plain):
        raise ValueError("is not a SHA-256 fingerprint of 64 hexadecimal digits")
    return plain.lower()


def _of_an_organisation(value: str) -> str:
    # The beheerders' own mailbox key has this owner: colleagues of such an organisation would share it.
    if value == "beheerders":
        raise ValueError("is the name of the beheerders themselves")
    return value


def _network(value: object) -> object:
    try:
        return ipaddress.ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("is not a network") from None


AddressOrNot = Annotated[str, AfterValidator(lambda value: value and _address(value))]
ListenOrNot = Annotated[str, AfterValidator(lambda value: value and _listen(value))]
Listen = Annotated[str, AfterValidator(_listen)]
Address = Annotated[str, AfterValidator(_address)]
Domain = Annotated[str, AfterValidator(_domain)]
PlainLine = Annotated[str, AfterValidator(_plain_line)]
Phone = Annotated[str, AfterValidator(_phone)]
Sha256 = Annotated[str, AfterValidator(_fingerprint)]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
OrganisationId = Annotated[Identifier, AfterValidator(_of_an_organisation)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Server = Annotated[tuple[str, int], BeforeValidator(_server)]
Network = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(_network)]
