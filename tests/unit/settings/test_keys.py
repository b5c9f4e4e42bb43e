"""Every key arrives as it was meant, says its remedy, and has a value that is tried here."""

from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from pydantic import BaseModel

from gateway.errors import ConfigErrors
from gateway.settings import SECTIONS, Settings, load
from gateway.settings.sections import OrganisationEntry, PracticeEntry

SHA = "ab" * 32
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"

MAIN: dict[str, dict[str, tuple[object, object]]] = {
    "gateway": {
        "domain": ("Overdracht.example", "overdracht.example"),
        "address": ("Hier@overdracht.example", "hier@overdracht.example"),
        "aliases": (["Daar@elders.example"], ("daar@elders.example",)),
        "data_dir": ("elders", Path("elders")),
        "database_url": ("postgresql+psycopg:///inbeeld", "postgresql+psycopg:///inbeeld"),
        "keys_dir": ("/etc/keys", Path("/etc/keys")),
        "language": ("en", "en"),
        "timezone": ("Europe/Brussels", "Europe/Brussels"),
    },
    "smtp": {
        "listen": ("[::1]:0", "[::1]:0"),
        "tls_cert": ("a.pem", Path("a.pem")),
        "tls_key": ("a.key", Path("a.key")),
        "require_tls": (False, False),
        "trusted_relays": (["10.0.0.5", "fd00::/8"], (ip_network("10.0.0.5/32"), ip_network("fd00::/8"))),
        "mx": (["MX.overdracht.example"], ("mx.overdracht.example",)),
        "tls_reports": ("TLS@overdracht.example", "tls@overdracht.example"),
        "client_ca": ("ca.pem", Path("ca.pem")),
    },
    "imap": {
        "server": ("imap.provider.example:993", "imap.provider.example:993"),
        "username": ("rapporten", "rapporten"),
        "password_file": ("geheim", Path("geheim")),
        "ca_file": ("ca.pem", Path("ca.pem")),
        "folder": ("INBOX/InBeeld", "INBOX/InBeeld"),
        "aside_folder": ("Geweigerd", "Geweigerd"),
        "done_folder": ("Gelezen", "Gelezen"),
        "seconds": (30, 30),
    },
    "gate": {
        "proof": ("front", "front"),
        "dns_servers": (["127.0.0.1:5353"], None),
        "front_id": ("mx.example", "mx.example"),
        "signature_days": (9, 9),
    },
    "delivery": {
        "relay": ("mail.example:465", "mail.example:465"),
        "tls": (f"pinned:{SHA}", f"pinned:{SHA}"),
        "ca_file": ("ca.pem", Path("ca.pem")),
        "username": ("wij", "wij"),
        "password_file": ("geheim", Path("geheim")),
        "dkim_selectors": (["ib1", "ib1e"], ("ib1", "ib1e")),
        "openpgp_engine": ("gnupg", "gnupg"),
        "nudge_networks": (["10.20.0.0/16"], (ip_network("10.20.0.0/16"),)),
    },
    "web": {
        "mta_sts": ("enforce", "enforce"),
        "listen": ("127.0.0.1:0", "127.0.0.1:0"),
        "public_url": ("https://overdracht.example", "https://overdracht.example"),
        "security_contact": ("mailto:lek@overdracht.example", "mailto:lek@overdracht.example"),
        "client_ca": ("ca.pem", Path("ca.pem")),
        "requests_per_minute": (7, 7),
        "connections": (300, 300),
        "connections_per_address": (60, 60),
        "metrics_from": (["10.0.0.0/8"], (ip_network("10.0.0.0/8"),)),
    },
    "oidc": {
        "issuer": ("https://login.example/x", "https://login.example/x"),
        "client_id": ("inbeeld", "inbeeld"),
        "client_secret_file": ("geheim", Path("geheim")),
        "name": ("Gemeente Voorbeeld", "Gemeente Voorbeeld"),
        "organisations": (["buurt-1"], ("buurt-1",)),
        "beheerders": (True, True),
        "two_factors": (["urn:sterk"], ("urn:sterk",)),
        "authentication_context": ("c1", "c1"),
        "scopes": (["groups"], ("groups",)),
        "role_claim": ("groups", "groups"),
        "roles": ({"schoor": "buurt-1"}, {"schoor": "buurt-1"}),
        "create": (True, True),
        "ca_file": ("ca.pem", Path("ca.pem")),
    },
    "board": {
        "key": ("board/beheerders.jwk", Path("board/beheerders.jwk")),
        "fingerprint": ("A" * 43, "A" * 43),
    },
    "alarm": {
        "to": (["Beheer@overdracht.example"], ("beheer@overdracht.example",)),
        "webhook": ("https://wacht.example/bel?x=1", "https://wacht.example/bel?x=1"),
        "webhook_secret_file": ("keys/alarm.secret", Path("keys/alarm.secret")),
        "webhook_ca_file": ("ca.pem", Path("ca.pem")),
    },
    "metrics": {
        "intake": ("", ""),
        "worker": ("10.0.0.7:9472", "10.0.0.7:9472"),
    },
    "limits": {},
}
"""Section -> key -> what is written and what arrives (None: only that it is accepted)."""

ORGANISATION: dict[str, tuple[object, object]] = {
    "id": ("buurt-1", "buurt-1"),
    "name": ("Buurtteam", "Buurtteam"),
    "serves": (["Almere"], ("Almere",)),
    "adapter": ("memory", "memory"),
    "format": ("jwe", "jwe"),
    "key": ("b.jwk", Path("b.jwk")),
    "fingerprint": ("A" * 40, "A" * 40),
    "pathway": ("oss", "oss"),
    "backup": ("ander", "ander"),
    "phones": (["036-5300001"], ("+31365300001",)),
    "public_phone": ("036-5300002", "+31365300002"),
    "domains": (["BÜRO.example"], ("xn--bro-hoa.example",)),
    "team": ("Team@buro.example", "team@buro.example"),
    "lead": ("lead@buro.example", "lead@buro.example"),
    "arrival": (True, True),
    "client_certificates": ([":".join(["AB"] * 32)], (SHA,)),
    "closed": (["2026-12-24"], ("2026-12-24",)),
    "also": (["welzijn-op-recept"], ("welzijn-op-recept",)),
    "contact_persons": ({"Filmwijk": "Sanne"}, {"Filmwijk": "Sanne"}),
    "absences": (
        {"Sanne": "2026-07-01/2026-07-21 Kim de Vries"},
        {"Sanne": "2026-07-01/2026-07-21 Kim de Vries"},
    ),
    "waiting_weeks": (3, 3),
    "full": (True, True),
    "full_until": (date(2026, 9, 1), date(2026, 9, 1)),
    "options": ({"script": ["take"]}, {"script": ["take"]}),
}
PRACTICE: dict[str, tuple[object, object]] = {
    "id": ("p1", "p1"),
    "name": ("Praktijk", "Praktijk"),
    "domains": (["praktijk.example"], ("praktijk.example",)),
    "addresses": (["A@zorgmail.example"], ("a@zorgmail.example",)),
    "phones": (["036-5300000"], ("+31365300000",)),
    "feedback": ("uitkomst", "uitkomst"),
    "figures_to": ("cijfers@praktijk.example", "cijfers@praktijk.example"),
    "dkim": ("required", "required"),
    "page": (True, True),
    "certificates": ([SHA.upper()], (SHA,)),
    "login": ("praktijk", "praktijk"),
    "password_hash": (HASH, HASH),
}
BARE = {"id", "name", "serves", "adapter", "format", "key", "fingerprint"}


def written(values: dict[str, tuple[object, object]]) -> dict[str, object]:
    return {key: given for key, (given, _) in values.items()}


def arrived(entry: Any, values: dict[str, tuple[object, object]]) -> dict[str, object]:
    return {key: getattr(entry, key) for key, (_, wanted) in values.items() if wanted is not None}


def wanted(values: dict[str, tuple[object, object]]) -> dict[str, object]:
    return {key: value for key, (_, value) in values.items() if value is not None}


def loaded(
    directory: Path,
    main: dict[str, dict[str, object]],
    organisations: list[dict[str, object]],
    practices: list[dict[str, object]],
) -> Settings:
    config = directory / "config"
    config.mkdir(exist_ok=True)
    (config / "inbeeld.toml").write_text(tomlkit.dumps(main))
    (config / "organisations.toml").write_text(tomlkit.dumps({"organisation": organisations}))
    (config / "practices.toml").write_text(tomlkit.dumps({"practice": practices}))
    return load(directory)


def test_every_key_is_tried_here() -> None:
    assert {name: set(keys) for name, keys in MAIN.items() if name != "limits"} == {
        name: set(kind.model_fields) for name, kind in SECTIONS.items() if name != "limits"
    }
    assert set(ORGANISATION) == set(OrganisationEntry.model_fields)
    assert set(PRACTICE) == set(PracticeEntry.model_fields)


def test_every_key_says_what_to_do_when_it_is_wrong() -> None:
    kinds: list[type[BaseModel]] = [*SECTIONS.values(), OrganisationEntry, PracticeEntry]
    for kind in kinds:
        for name, field in kind.model_fields.items():
            assert field.description, f"{kind.__name__}.{name}"
            assert not field.description.endswith("."), "the error adds none either"


def test_every_key_arrives(tmp_path: Path) -> None:
    other = written(ORGANISATION) | {"id": "ander", "backup": "buurt-1", "client_certificates": []}
    settings = loaded(
        tmp_path,
        {name: written(values) for name, values in MAIN.items()},
        [written(ORGANISATION), other],
        [written(PRACTICE)],
    )
    for name, values in MAIN.items():
        assert arrived(getattr(settings, name), values) == wanted(values)
    assert arrived(settings.organisations[0], ORGANISATION) == wanted(ORGANISATION)
    assert arrived(settings.practices[0], PRACTICE) == wanted(PRACTICE)


REQUIRED: dict[str, dict[str, object]] = {
    "gateway": {"domain": "overdracht.example", "address": "hier@overdracht.example"},
    "smtp": {"tls_cert": "a.pem", "tls_key": "a.key"},
    "delivery": {"relay": "mail.example:587"},
}


def test_what_has_a_default_may_be_left_out(tmp_path: Path) -> None:
    bare = {key: value for key, value in written(ORGANISATION).items() if key in BARE}
    settings = loaded(tmp_path, REQUIRED, [bare], [{"id": "p1", "name": "P", "domains": ["p.example"]}])
    assert settings.smtp.require_tls
    assert settings.gate.proof == "self"
    assert settings.organisations[0].pathway == "almere"


@pytest.mark.parametrize(
    ("section", "key"), [(section, key) for section, keys in REQUIRED.items() for key in keys]
)
def test_what_has_none_may_not(tmp_path: Path, section: str, key: str) -> None:
    without = {
        name: {k: v for k, v in keys.items() if (name, k) != (section, key)}
        for name, keys in REQUIRED.items()
    }
    with pytest.raises(ConfigErrors) as caught:
        loaded(tmp_path, without, [], [])
    (error,) = caught.value.errors
    assert (error.file, error.key) == ("config/inbeeld.toml", f"{section}.{key}")
    assert error.problem == "is missing"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        loaded(tmp_path, {"smpt": {}}, [{"id": "X"}], [{}])
    assert {error.file for error in caught.value.errors} == {
        "config/inbeeld.toml",
        "config/organisations.toml",
        "config/practices.toml",
    }
    assert len(caught.value.errors) > 10


def test_paths_are_below_the_working_directory_unless_they_are_whole(tmp_path: Path) -> None:
    settings = loaded(tmp_path, REQUIRED, [], [])
    assert settings.path(Path("data")) == tmp_path.resolve() / "data"
    assert settings.path(Path("/var/data")) == Path("/var/data")
    assert settings.key_path(Path("organisations/a.asc")) == tmp_path.resolve() / "keys/organisations/a.asc"
    assert settings.data_dir == tmp_path.resolve() / "data"


@pytest.mark.parametrize("file", ["inbeeld.toml", "organisations.toml", "practices.toml"])
def test_a_file_that_cannot_be_read_is_told_without_its_content(tmp_path: Path, file: str) -> None:
    loaded(tmp_path, REQUIRED, [], [])
    (tmp_path / "config" / file).write_bytes(b'password_hash = "geheim\xff"')
    with pytest.raises(Exception, match="Make it a readable text file in UTF-8") as caught:
        load(tmp_path)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None
