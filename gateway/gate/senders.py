"""The practices that may send, and whose address an address is.

It promises that only an exact domain or an exact address makes a practice: never a suffix, a subdomain, a
look-alike or a display name. What merely resembles a practice is told to the administrator; it admits nobody.
A sender that a beheerder allowed counts as if it stood in the configuration, which goes before it.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from gateway.errors import ConfigError, ConfigErrors
from gateway.gate.header import domain_of, fold_address, fold_domain, one_address, organisational

# Anyone can have an address here, so a whole domain of these is never a practice's.
_FREE_MAIL = (
    "gmail.com googlemail.com hotmail.com hotmail.nl outlook.com outlook.nl live.com live.nl msn.com "
    "yahoo.com yahoo.nl icloud.com me.com mac.com aol.com gmx.com gmx.net gmx.de proton.me protonmail.com "
    "mail.com zoho.com ziggo.nl kpnmail.nl kpnplanet.nl planet.nl hetnet.nl home.nl upcmail.nl chello.nl "
    "xs4all.nl casema.nl quicknet.nl zeelandnet.nl telfort.nl tele2.nl solcon.nl caiway.nl"
)
FREE_MAIL = frozenset(_FREE_MAIL.split())
_NEAR = 2

UNFIT = {
    "practice": "there is no such practice in config/practices.toml",
    "no_sender": "that is no mail address and no domain; write naam@praktijk.nl, or praktijk.nl",
    "anybody": "anyone can have an address there; allow the address itself, not the domain",
    "closed": "that is a domain of our own or of an organisation, which never refers",
    "other_practice": "it is of another practice already",
    "known": "it is allowed for this practice already",
}
"""Why a sender can't be allowed, and what to do."""


@dataclass(frozen=True, slots=True)
class Practice:
    """A registered sender. `phones` are E.164 and never taken for a patient's; `certificates` are SHA-256
    fingerprints of client certificates (64 hex digits); `login` is its name for SMTP AUTH. With
    `dkim_required` an SPF pass alone proves no mail of it; with `page` its answers are read on a page."""

    id: str
    name: str
    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    phones: frozenset[str] = frozenset()
    certificates: frozenset[str] = frozenset()
    login: str | None = None
    feedback: str | None = None
    dkim_required: bool = False
    page: bool = False


PARTY = "praktijk:"


def party_of(practice_id: str) -> str:
    """What a practice is called among the parties whose colleagues log in; no organisation's id looks so."""
    return f"{PARTY}{practice_id}"


def practice_of(party: str | None) -> str | None:
    """The practice that is called so; None if it is none."""
    return party.removeprefix(PARTY) if party and party.startswith(PARTY) else None


TRIAL = Practice("proef", "PROEF: geen patiënt")
"""Who refers in a test referral. It has no address: nobody's mail is taken for its."""


@dataclass(frozen=True, slots=True)
class Register:
    """The practices by their domains and addresses."""

    practices: tuple[Practice, ...]
    by_domain: dict[str, Practice]
    by_address: dict[str, Practice]

    @classmethod
    def of(cls, practices: Iterable[Practice]) -> "Register":
        """Raises `ConfigErrors` with every entry that is no address or domain, that would let in strangers,
        or that two practices claim."""
        made = cls(tuple(practices), {}, {})
        wrong: list[ConfigError] = []
        for practice in made.practices:
            for claims, folded, entries in (
                (made.by_domain, _registrable, practice.domains),
                (made.by_address, _address, practice.addresses),
            ):
                for entry in entries:
                    try:
                        _claim(claims, folded(practice, entry), practice)
                    except ConfigError as error:
                        wrong.append(error)
        if wrong:
            raise ConfigErrors(wrong)
        return made


class Senders:
    """The allow-list: practices, or what gives their register as it is now. `allowed(address, domain)` gives
    the id of the practice for which a beheerder allowed that sender; it is asked anew for each that the
    register does not know."""

    def __init__(
        self,
        practices: Iterable[Practice] | Callable[[], Register],
        allowed: Callable[[str, str], str | None] = lambda address, domain: None,
    ) -> None:
        self._allowed = allowed
        if callable(practices):
            self._register = practices
        else:
            fixed = Register.of(practices)
            self._register = lambda: fixed

    @property
    def practices(self) -> tuple[Practice, ...]:
        return self._register().practices

    @property
    def _by_domain(self) -> dict[str, Practice]:
        return self._register().by_domain

    @property
    def _by_address(self) -> dict[str, Practice]:
        return self._register().by_address

    def by_id(self, practice_id: str) -> Practice | None:
        return next((practice for practice in self.practices if practice.id == practice_id), None)

    def practice_of(self, address: str) -> Practice | None:
        """The practice whose address this is; `address` may have a display name, and must be one address.

        An exactly registered address beats a registered domain.
        """
        folded = one_address(address)
        if folded is None:
            return None
        return self._owner(folded, domain_of(folded))

    def unfit(self, practice_id: str, sender: str, closed: Collection[str] = ()) -> str | None:
        """Why a sender can't be allowed for a practice, as a closed code (see `UNFIT`), or None.

        `sender` is an address or a domain; `closed` are the domains that are never a practice's: our own
        and those of organisations.
        """
        address = fold_address(sender)
        domain = domain_of(address) if address else fold_domain(sender)
        if self.by_id(practice_id) is None:
            return "practice"
        if domain is None:
            return "no_sender"
        if organisational(domain) is None or (domain in FREE_MAIL and not address):
            return "anybody"
        if organisational(domain) in {organisational(one) for one in closed}:
            return "closed"
        owner = self._owner(address or "", domain)
        neighbours = [
            p for entry, p in self._by_address.items() if not address and domain_of(entry) == domain
        ]
        if any(one.id != practice_id for one in (*neighbours, *([owner] if owner else []))):
            return "other_practice"
        return "known" if owner else None

    @staticmethod
    def folded(sender: str) -> str:
        """An address or domain in its one spelling; "" if it is neither."""
        return fold_address(sender) or fold_domain(sender) or ""

    def _owner(self, address: str, domain: str) -> Practice | None:
        known = self._by_address.get(address) or self._by_domain.get(domain)
        return known or self.by_id(self._allowed(address, domain) or "")

    def near_misses(self, address: str) -> tuple[str, ...]:
        """Ids of the practices an unknown address resembles, nearest first, for the administrator's eyes:
        a colleague at a known domain, a subdomain, a look-alike domain, or a familiar free-mail name."""
        folded = one_address(address)
        if folded is None or self.practice_of(folded):
            return ()
        scores = {p.id: score for p in self.practices if (score := _resemblance(folded, p)) is not None}
        return tuple(sorted(scores, key=lambda id_: (scores[id_], id_)))


def _claim(claims: dict[str, Practice], entry: str, practice: Practice) -> None:
    owner = claims.setdefault(entry, practice)
    if owner.id != practice.id:
        raise _wrong(practice, f"{entry} is also of practice {owner.id}", "Give it to one practice")


def _resemblance(address: str, practice: Practice) -> int | None:
    """How near the address is: 0 has the same owner, 1 looks alike, 2 is a familiar name; or None."""
    local, _, domain = address.rpartition("@")
    known = {fold_address(entry) or "" for entry in practice.addresses}
    domains = {fold_domain(entry) or "" for entry in practice.domains} | {domain_of(entry) for entry in known}
    if domain in FREE_MAIL:
        names = {entry.partition("@")[0] for entry in known} | {
            _label(entry) for entry in domains - FREE_MAIL
        }
        return 2 if any(_alike(_letters(local), _letters(name)) for name in names) else None
    owners = {organisational(entry) for entry in domains - FREE_MAIL} - {None}
    if organisational(domain) in owners:
        return 0
    return 1 if any(_alike(_label(domain), _label(entry)) for entry in domains - FREE_MAIL) else None


def _label(domain: str) -> str:
    """The registered name without its suffix: `praktijk` of `post.praktijk.nl`."""
    return (organisational(domain) or domain).partition(".")[0]


def _letters(name: str) -> str:
    return "".join(char for char in name if char.isalnum())


def _alike(one: str, other: str) -> bool:
    """Whether a person could take one for the other: a slip or two, in a name long enough to tell."""
    if min(len(one), len(other)) < 5:
        return one == other and bool(one)
    slips = DamerauLevenshtein.distance(one, other, score_cutoff=_NEAR)
    return slips <= _NEAR or (one in other or other in one)


def _registrable(practice: Practice, entry: str) -> str:
    domain = fold_domain(entry)
    if domain is None:
        raise _wrong(practice, f"{entry!r} is no domain", "Write it as praktijk.nl, without @ or wildcard")
    if domain in FREE_MAIL or organisational(domain) is None:
        raise _wrong(practice, f"anyone can have an address at {domain}", "List the addresses themselves")
    return domain


def _address(practice: Practice, entry: str) -> str:
    address = fold_address(entry)
    if address is None:
        raise _wrong(practice, f"{entry!r} is no address", "Write it as naam@praktijk.nl, without a name")
    return address


def _wrong(practice: Practice, problem: str, remedy: str) -> ConfigError:
    return ConfigError("config/practices.toml", f"practice {practice.id}", problem, remedy)
