"""What `inbeeld check` can find: each by a code of its own, with why it matters and what mends it.

It promises that nothing is found without both, and that the table in docs/check.md is this one.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

from gateway.errors import ConfigError, InbeeldError

Level = Literal["ok", "warning", "error"]


class Explanation(NamedTuple):
    """What a finding means: why it matters, and the command, file or page that mends it."""

    why: str
    mend: str


MEANINGS: dict[str, Explanation] = {
    # Agreements
    "agreements": Explanation(
        "without practices and organisations no referral can go anywhere",
        "config/practices.toml and config/organisations.toml",
    ),
    "directory": Explanation(
        "whoever reads the files believes what does not count any more",
        "inbeeld directory import takes them in; inbeeld directory export writes what counts",
    ),
    "alarm-address": Explanation(
        "what is held or late is told to nobody who isn't looking at the board",
        "[alarm] to, or webhook, in config/inbeeld.toml",
    ),
    "alarm-webhook": Explanation(
        "alarms by webhook don't arrive; they still go by mail",
        "[alarm] webhook and its files in config/inbeeld.toml",
    ),
    "notice-address": Explanation(
        "notices about that organisation's referrals would be held",
        "team = ADDRESS in config/organisations.toml",
    ),
    "unserved": Explanation(
        "a referral from there is held until a person finds somebody",
        "serves = […] in config/organisations.toml; inbeeld route WIJK shows who would get it",
    ),
    "removed": Explanation(
        "its reports are refused, and what waits for it is held",
        "put it back in config/organisations.toml, or: inbeeld cases reroute KENMERK",
    ),
    # Proof of senders
    "proof": Explanation(
        "a practice that can't prove its mail has everything set aside in quarantine",
        "gate.proof in config/inbeeld.toml, certificates or login in config/practices.toml",
    ),
    "spf-alone": Explanation(
        "whoever sends from the same server (a large provider's) can send in the practice's name",
        'dkim = "required" in config/practices.toml for those that sign',
    ),
    "front-id": Explanation(
        "what the front server writes counts for nothing, so that all mail goes to quarantine",
        "gate.front_id: the authserv-id exactly as your front server writes it (docs/front.md)",
    ),
    "front-strips": Explanation(
        "whoever writes that field themselves could be taken for a practice",
        "let the front server remove fields with its own name (docs/front.md, deploy/postfix)",
    ),
    "front-silent": Explanation(
        "mail without the front server's verdict goes to quarantine",
        "the front server's filter, or gate.front_id and smtp.trusted_relays (docs/front.md)",
    ),
    "front-probe": Explanation(
        "practices' mails, bounces or organisations' answers don't reach us through the front server",
        "the front server's log; docs/front.md, deploy/postfix",
    ),
    # Keys and certificates
    "intake-key": Explanation(
        "what comes in could not be read", "keys/README.md; restore both from one backup"
    ),
    "signing-keys": Explanation("nothing can be handed over", "inbeeld keys complete"),
    "head-key": Explanation(
        "the audit trail's end has no witness: what is cut off there goes unnoticed", "inbeeld keys complete"
    ),
    "signing-names": Explanation(
        "mail programs call what we sign doubtful, because it comes from another address",
        "inbeeld keys rotate signers",
    ),
    "key": Explanation("referrals for that organisation are held", "inbeeld keys import ORGANISATION FILE"),
    "board-key": Explanation(
        "mails in quarantine can't be read in the browser", "inbeeld keys adopt beheerders"
    ),
    "certificate": Explanation(
        "mail servers and browsers refuse us, or fall back to less", "a new certificate in smtp.tls_cert"
    ),
    "certificate-names": Explanation(
        "whoever checks the name (DANE, MTA-STS, browsers) refuses us",
        "a certificate for these names in smtp.tls_cert",
    ),
    "named-certificate": Explanation(
        "whoever asks for it refuses us, or we refuse them: nothing is handed over there",
        "a new one in the file that this setting names; it is read anew by itself",
    ),
    "key-modes": Explanation(
        "others on this machine can read what opens mail and referrals, or put their own in its place",
        "chmod -R go-rwx keys",
    ),
    "config-modes": Explanation(
        "others on this machine can decide where referrals go", "chmod -R go-w config, owned by root or us"
    ),
    # What is made when it starts
    "parts": Explanation("serve refuses to start", "the key of the configuration that is named"),
    "relay": Explanation(
        "nothing leaves: answers, handovers by mail and alarms wait", "[delivery] in config/inbeeld.toml"
    ),
    "relay-self": Explanation(
        "what we send would come back to us, round and round", "delivery.relay in config/inbeeld.toml"
    ),
    "imap": Explanation(
        "no mail is fetched from the mailbox", "[imap] in config/inbeeld.toml (docs/imap.md)"
    ),
    "peer": Explanation("handovers to that organisation wait", "its options in config/organisations.toml"),
    "in-clear": Explanation(
        "whoever reads that organisation's server can read who was referred; it was agreed, so is no mistake",
        "without clear_key and clear_agreed in its options everything is sealed again (docs/fhir.md)",
    ),
    "clear-key": Explanation(
        "handovers to that organisation are held: nothing may be opened for it",
        "clear_key (mode 0600, made for this very url) and clear_agreed in its options (docs/fhir.md)",
    ),
    "nudge": Explanation(
        "that organisation isn't told of new referrals; nothing is lost",
        "nudge_url in config/organisations.toml",
    ),
    "no-reader": Explanation(
        "what we answer waits on a page that nobody of that practice can open",
        "inbeeld users invite LOGIN --name NAME --role verwijzer --practice ID (docs/message-page.md)",
    ),
    "oidc": Explanation("nobody can log in that way", "[oidc] in config/inbeeld.toml"),
    # The machine
    "database": Explanation(
        "no mail is kept (451) and nothing is done",
        "inbeeld backup DIR and inbeeld migrate after an upgrade; for PostgreSQL: is it running?",
    ),
    "database-lost": Explanation(
        "no mail is kept (451) and nothing is done; what was kept is not in this file or database",
        "inbeeld restore BACKUP --into NEW; only where nothing was ever kept: inbeeld migrate --new",
    ),
    "database-broken": Explanation(
        "no mail is kept (451) and nothing is done; nothing can be read from what lies there",
        "move it away, then: inbeeld restore BACKUP --into NEW",
    ),
    "pooler": Explanation(
        "a worker refuses to start: others would take what it sends for left behind, and send it again",
        "the server itself in gateway.database_url, or a pooler in session mode",
    ),
    "encoding": Explanation(
        "a name with a letter that it lacks can't be kept: that mail is told to come again, for ever",
        "inbeeld backup DIR, then restore --database into one made with ENCODING 'UTF8' TEMPLATE template0",
    ),
    "paused": Explanation(
        "mail is taken in and kept, and nothing else is done: it was restored from a backup, or told to wait",
        "inbeeld resume, once the old gateway runs nowhere any more",
    ),
    "data": Explanation(
        "either this is new, or the disk with everything that is kept is not there",
        "mount it, or restore a backup; only where nothing was ever kept: inbeeld migrate --new",
    ),
    "data-modes": Explanation(
        "others on this machine may change or delete everything that is kept, or see how much there is",
        "chmod -R go-rwx data",
    ),
    "disk": Explanation("below limits.free_disk_bytes no mail is taken", "make room on the disk of data_dir"),
    "clock": Explanation(
        "deadlines are counted by this clock, and signatures and codes depend on it",
        "systemd-timesyncd or chrony: timedatectl set-ntp true",
    ),
    "sandbox": Explanation(
        "hostile mail is read with one wall less", "libseccomp2; a kernel of 5.13 or later"
    ),
    "swap": Explanation("names and keys that were in memory may end on a disk", "swapoff -a, or encrypt it"),
    "cores": Explanation(
        "a program that crashes beside us (gpg, openssl, PostgreSQL) may leave memory on a disk",
        "sysctl kernel.core_pattern=/dev/null, or LimitCORE=0 in the units",
    ),
    "look": Explanation("the pages are served without style", "install the wheel, or: make setup"),
    "public-url": Explanation(
        "mails hold no links: organisations can't report by clicking, practices can't follow",
        "web.public_url in config/inbeeld.toml",
    ),
    # What DNS says of us; `inbeeld dns` prints what it should
    "trial": Explanation(
        "a name for examples has no records to compare", "gateway.domain in config/inbeeld.toml"
    ),
    "dns": Explanation(
        'with gate.proof = "self" every mail waits until DNS answers', "gate.dns_servers, or /etc/resolv.conf"
    ),
    "dnssec": Explanation(
        "others can't trust our records, and DANE is not looked at",
        "sign the zone; use a validating resolver",
    ),
    "dns-mx": Explanation("mail for our address goes elsewhere or nowhere", "inbeeld dns"),
    "dns-host": Explanation("whoever follows that name doesn't reach us", "inbeeld dns"),
    "dns-spf": Explanation("our answers are taken for spam or refused", "inbeeld dns"),
    "dns-dkim": Explanation("our signature counts as broken", "inbeeld dns"),
    "dns-dmarc": Explanation("others can send in our name", "inbeeld dns"),
    "dns-mta-sts": Explanation("a server in between can strip TLS from mail to us", "inbeeld dns"),
    "dns-tls-rpt": Explanation("nobody hears that mail could not reach us over TLS", "inbeeld dns"),
    "dns-tlsa": Explanation("servers that check DANE refuse to bring mail, or don't check", "inbeeld dns"),
    "dns-caa": Explanation("any authority may make a certificate in our name", "inbeeld dns"),
    "dns-nta7516": Explanation(
        "senders under NTA 7516 take us for an uncertified receiver", "inbeeld dns; the certificate is yours"
    ),
}
"""By code."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, and how bad it is; `what` is concerned, `told` is how it stands. `mend` is
    what mends this one, where that is another thing than for most with its code."""

    code: str
    level: Level
    what: str
    told: str
    mend: str = ""

    @classmethod
    def of(cls, code: str, what: str, error: InbeeldError) -> Self:
        """An error, which knows what mends it."""
        mend = error.remedy if isinstance(error, ConfigError) else ""
        return cls(code, "error", what, str(error), mend)

    @property
    def meaning(self) -> Explanation:
        """Why it matters and what mends it."""
        meaning = MEANINGS[self.code]
        return meaning._replace(mend=self.mend) if self.mend else meaning

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        found = {"code": self.code, "level": self.level, "what": self.what, "told": self.told}
        return found if self.level == "ok" else found | self.meaning._asdict()
