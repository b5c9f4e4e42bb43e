"""The kinds of value a setting can be; each refuses what it is not, in words that follow the key's name.

A file that the configuration names is found by its type and not by a list, and a pipe or a device in its
place is told of before anybody opens it: whoever does may wait for ever.
"""

import ipaddress
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo

from gateway.errors import ConfigError

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


REMEDY = "Name a file"


def named_files(model: BaseModel) -> Iterator[tuple[str, Path]]:
    """The keys of a section whose values are paths."""
    for name in type(model).model_fields:
        if isinstance(value := getattr(model, name), Path):
            yield name, value


def pipes(file: str, place: str, model: BaseModel, found: Callable[[Path], Path]) -> list[ConfigError]:
    """What a section in a file of `config` names that is a pipe or a device; `found` says where a path is."""
    return [
        ConfigError(f"config/{file}", f"{place}.{name}", "names a pipe or a device", REMEDY)
        for name, path in named_files(model)
        if is_special(found(path))
    ]


def is_special(path: Path) -> bool:
    """Whether something is there that is neither a file nor a folder."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
