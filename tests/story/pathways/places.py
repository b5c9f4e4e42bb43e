"""Twelve places in one gateway, by configuration alone: who refers, who takes it, under what agreement.

Names of patients, practices and people are invented; the keys are made for the story and last long.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.sealing import openpgp
from tests.story.place import Place

EXPIRES = datetime(2045, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Setting:
    """One place: its wijk, its organisation, and what stands in organisations.toml beside the usual."""

    pathway: str
    gemeente: str
    wijk: str
    organisation: str
    extra: str = ""

    @property
    def id(self) -> str:
        """The organisation's id."""
        return f"org-{self.pathway}"

    @property
    def domain(self) -> str:
        """The organisation's mail domain."""
        return f"hulp-{self.pathway}.example"

    @property
    def practice(self) -> str:
        """The practice's id."""
        return f"praktijk-{self.pathway}"


SETTINGS = {
    setting.pathway: setting
    for setting in (
        Setting(
            "almere", "Almere", "Filmwijk", "De Schoor", 'backup = "buurtteam"\nlead = "leider@{domain}"'
        ),
        Setting(
            "losser",
            "Losser",
            "Overdinkel",
            "de gemeente Losser",
            'contact_persons = {{ "praktijk-losser" = "Anja de Vries: di ochtend; Kim Jansen: do middag" }}',
        ),
        Setting("utrecht", "Utrecht", "Overvecht", "Buurtteam Overvecht"),
        Setting(
            "maastricht",
            "Maastricht",
            "Wittevrouwenveld",
            "Sociaal team Maastricht-Oost",
            'contact_persons = {{ "Wittevrouwenveld" = "Noor van de Vaandel" }}',
        ),
        Setting("rotterdam", "Rotterdam", "Carnisse", "Lijn 2 Charlois"),
        Setting("oss", "Oss", "Ruwaard", "Sociaal team Ruwaard"),
        Setting("den-haag", "Den Haag", "Rubenshoek", "Geldhulp Rubenshoek"),
        Setting("gemeente", "Zeewolde", "Polderwijk", "Team Schulden"),
        Setting("welzijn-op-recept", "Leiden", "Stevenshof", "Welzijnscoaches Leiden"),
        Setting("poh-jeugd", "Doetinchem", "De Huet", "Jeugdteam Doetinchem"),
        Setting("straatdokter", "Nijmegen", "Bottendaal", "Straatteam Nijmegen"),
        Setting("een-balie", "Appingedam", "Opwierde", "Damster Zorgbalie"),
    )
}

ALL = tuple(SETTINGS.values())
BACKUP = Setting("buurtteam", "Almere", "Almere Pampus", "Buurtteam Almere")
DEBTS = Setting("stadsbank", "Leiden", "Stevenshof", "Stadsbank Leiden")
"""Takes debts where somebody else takes welfare."""

ORGANISATION = """
[[organisation]]
id = "{id}"
name = "{name}"
serves = ["{serves}"]
adapter = "mail"
format = "openpgp"
key = "organisations/story.asc"
fingerprint = "{fingerprint}"
pathway = "{pathway}"
domains = ["{domain}"]
team = "team@{domain}"
{extra}
[organisation.options]
to = "aanmeldingen@{domain}"
"""
PRACTICE = """
[[practice]]
id = "{id}"
name = "Huisartsen {gemeente}"
domains = ["huisarts-{pathway}.example"]
"""


def make_eight_places(template: Place, directory: Path) -> Place:
    """A working directory in which all eight places are served."""
    place = template.copy(directory)
    armour, secret, fingerprint = openpgp.generate(
        directory / "data" / "gpg", "Story", "aanmeldingen@hulp.example", EXPIRES
    )
    (directory / "keys" / "organisations" / "story.asc").write_text(armour)
    (directory / "keys" / "trial" / "story.private.asc").write_text(secret)
    # Our own signing keys of `init` have ended by the year of the stories.
    gateway = directory / "keys" / "gateway"
    armour, secret, _ = openpgp.generate(
        directory / "data" / "gpg", "InBeeld", "aanmelding@handover.example", EXPIRES, signing=True
    )
    (gateway / "openpgp.asc").write_text(armour)
    (gateway / "openpgp.private.asc").write_text(secret)
    config = directory / "config"
    for setting in SETTINGS.values():
        if setting.gemeente != "Almere":
            rows = f"gemeente,{setting.gemeente},,\nwijk,{setting.wijk},{setting.gemeente},\n"
            (config / "wijken" / f"wijken-{setting.pathway}.csv").write_text(
                f"level,name,parent,aliases\n{rows}"
            )
    organisations = [
        _organisation(each, each.gemeente, each.pathway, fingerprint) for each in SETTINGS.values()
    ]
    organisations.append(_organisation(BACKUP, BACKUP.wijk, "almere", fingerprint))
    organisations.append(_organisation(DEBTS, DEBTS.gemeente, "almere", fingerprint))
    (config / "organisations.toml").write_text(
        "".join(organisations).replace('"org-buurtteam"', '"buurtteam"')
    )
    practices = (
        PRACTICE.format(id=each.practice, gemeente=each.gemeente, pathway=each.pathway) for each in ALL
    )
    (config / "practices.toml").write_text("".join(practices))
    place.replace("inbeeld.toml", "to = []", 'to = ["beheer@handover.example"]')
    shutil.rmtree(directory / "data" / "gpg", ignore_errors=True)
    return place


def _organisation(setting: Setting, serves: str, pathway: str, fingerprint: str) -> str:
    return ORGANISATION.format(
        id=setting.id,
        name=setting.organisation,
        serves=serves,
        fingerprint=fingerprint,
        pathway=pathway,
        domain=setting.domain,
        extra=setting.extra.format(domain=setting.domain),
    )
