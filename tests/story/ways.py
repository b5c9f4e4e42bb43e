"""One referral through each way to hand over, from outside, against the peers of the trials.

    python -m tests.story.ways [DIR]

Two trials are made with `inbeeld init` (everything sealed; in clear where it was agreed, with mail that is
fetched), each is served by `inbeeld serve`, and each receiver is a program of its own. A referral comes in as
mail for each way, its receiver opens it, tells back by the same way that it spoke with the patient, and the
practice's thread must say so. It prints what it does; it ends with 1 if a way did not come to its end. What
stands in DIR afterwards is looked through for the patients' names. The message pages want Debian's
chromium-headless-shell. It takes some five minutes, most of them waiting for what is asked once a minute.
"""

import asyncio
import contextlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from pathlib import Path

from tests.invented import WIRE, Patient, make_mail
from tests.story.wayspage import read_answer, read_referral, set_up_reader, set_up_team
from tests.story.waystown import Program, Town, init, run, until

SEALED = ("relay", "file", "sftp", "fhir", "klantinteracties", "page")
CLEAR = ("relay", "imap", "fhir", "klantinteracties")
IN_BEELD = "in beeld"


def say(way: str, *words: str) -> None:
    """What happens, as it happens."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {way:17} {' '.join(words)}", flush=True)


BEGAN = time.monotonic()


async def decrypted(town: Town, id_: str, sealed: bytes) -> str:
    """What an organisation reads with gpg and its own key; our signature must be right."""
    keys = town.directory / "keys"
    with tempfile.TemporaryDirectory(prefix="gpg") as home:
        gpg = ("gpg", "--homedir", home, "--batch", "--quiet", "--trust-model", "always")
        known = (keys / "trial" / f"{id_}.private.asc", keys / "gateway" / "openpgp.asc")
        await run(*gpg, "--import", *map(str, known))
        text = await run(*gpg, "--decrypt", given=sealed)
        await run("gpgconf", "--homedir", home, "--kill", "gpg-agent")
    return text


async def signaal(town: Town, patient: Patient) -> None:
    """DDAS 1.2: a signed signaal with a JWE; the municipality posts a status."""
    peer, mail = town.peers["municipality"], await town.refer(patient)
    line = await peer.hears("signaal ", "receipt")
    say("signaal", line.strip())
    say("signaal", "opened:", (await peer.hears(patient.name)).strip())
    command = ("report", str(town.directory / "keys/trial/gemeente-poort"), line.split()[1], "--bereikt")
    token = ("--token-file", str(await town.token("gemeente-poort")), "--gateway", town.url)
    told = await run(
        sys.executable, "-m", "tests.peers.municipality", *command, "--soort", "Telefoon", *token
    )
    say("signaal", "told back:", " ".join(told.split())[:100])
    say("signaal", "thread:", first(await town.answer(mail, IN_BEELD)))


async def fhir(town: Town, patient: Patient, how: str = "fhir") -> None:
    """A transaction with a Task; the receiver changes it and the gateway asks."""
    peer, mail = town.peers["fhir"], await town.refer(patient)
    line = await peer.hears(patient.name)
    say(how, "opened:", line[:200])
    if ("Patient" in line) != how.endswith("clear"):
        raise AssertionError("not as it was agreed")
    peer.tell("in-progress contacted")
    say(how, "told back:", await peer.hears("contacted"))
    say(how, "thread:", first(await town.answer(mail, IN_BEELD)))


async def klantinteracties(town: Town, patient: Patient) -> None:
    """A task without anything of the patient; the team collects the referral, and writes in the task."""
    peer, mail = town.peers["klantinteracties"], await town.refer(patient)
    say("klantinteracties", "task:", await peer.hears("contact op, kenmerk"))
    say("klantinteracties", "contact:", await peer.hears("versleuteld"))
    key = str(town.directory / "keys/trial/gemeente-pampus.private.jwk")
    told = await run(
        *(sys.executable, "-m", "gateway", "collect", "--url", town.url, "--ca-file", str(town.ca)),
        *("--token-file", str(await town.token("gemeente-pampus")), "--key", key),
        *("--signed-by", str(town.directory / "keys/gateway/jws.jwk")),
    )
    say("klantinteracties", "opened:", next(line for line in told.splitlines() if patient.name in line))
    peer.tell("[in_beeld]")
    say("klantinteracties", "told back:", await peer.hears("in the newest task"))
    say("klantinteracties", "thread:", first(await town.answer(mail, IN_BEELD)))


async def klantinteracties_clear(town: Town, patient: Patient) -> None:
    """The three fields in the contact, over TLS with a token."""
    peer, mail = town.peers["klantinteracties"], await town.refer(patient)
    say("klant, clear", "contact:", await peer.hears(f"Naam: {patient.name}"))
    peer.tell("[in_beeld]")
    say("klant, clear", "told back:", await peer.hears("in the newest task"))
    say("klant, clear", "thread:", first(await town.answer(mail, IN_BEELD)))


async def file(town: Town, patient: Patient, id_: str) -> None:
    """An encrypted file in a folder, or on the team's SFTP server; the team drops a list."""
    mail, folder = await town.refer(patient), town.directory / "data" / id_
    path = await until(lambda: next(folder.glob("IB-*.asc"), None))
    way = "file" if id_ == "wijkteam-buiten" else "SFTP"
    say(way, "came:", path.name)
    text = await decrypted(town, id_, path.read_bytes())
    say(way, "opened:", next(line for line in text.splitlines() if patient.name in line))
    kenmerk = path.name.partition("_")[0]
    (folder / "retour" / "lijst.csv").write_text(f"sep=;\r\nKenmerk;Status\r\n{kenmerk};in_beeld\r\n")
    done = await until(lambda: next((folder / "verwerkt").glob("*-uitslag.csv"), None))
    say(way, "told back:", done.read_text("utf-8-sig").splitlines()[-1])
    say(way, "thread:", first(await town.answer(mail, IN_BEELD)))


async def imap(town: Town, patient: Patient) -> None:
    """The referral and the organisation's report are fetched from a mailbox."""
    peer, before = town.peers["imap"], len(town.mails())
    mail = make_mail(patient)
    referral = town.directory / "aanmelding.eml"
    referral.write_bytes(with_path(mail))
    peer.tell(str(referral))
    say("imap", await peer.hears("put in the mailbox"))

    def handed() -> EmailMessage | None:
        sent = (one for one in town.mails()[before:] if "deschoor" in str(one["To"]))
        return next((one for one in sent if one.get_content_type() == "multipart/encrypted"), None)

    parcel: EmailMessage = await until(handed)
    text = await decrypted(town, "de-schoor", list(parcel.iter_parts())[1].get_content())
    inside = message_from_bytes(text.encode(), policy=default)
    body = inside.get_body(("plain",))
    shown = body.get_content() if isinstance(body, EmailMessage) else text
    say("imap", "opened:", next(line for line in shown.splitlines() if patient.name in line))
    report = make_mail(
        sender="aanmeldingen@deschoor.example",
        subject=f"Re: {parcel['Subject']}",
        text="Gesproken.\n",
        headers={"In-Reply-To": str(parcel["Message-ID"])},
    )
    report.replace_header("To", parseaddr(str(parcel["Reply-To"]))[1])
    answer = town.directory / "melding.eml"
    answer.write_bytes(with_path(report))
    at = len(peer.said)
    peer.tell(str(answer))
    say("imap", "told back:", await peer.hears("put in the mailbox", after=at))
    say("imap", "thread:", first(await town.answer(mail, IN_BEELD)))


def with_path(mail: EmailMessage) -> bytes:
    """A mail as a provider's server puts it in a mailbox."""
    path = parseaddr(str(mail["From"]))[1]
    return f"Return-Path: <{path}>\r\n".encode() + mail.as_bytes(policy=WIRE)


async def page(town: Town, patient: Patient) -> None:
    """A team without a key and a practice without secure mail, both in a browser."""
    invited: tuple[str, ...] = (
        "users",
        "invite",
        "kim@buurthuis.example",
        "--name",
        "Kim",
        "--role",
        "medewerker",
        "--json",
    )
    link = json.loads(await town.inbeeld(*invited, "--organisation", "buurthuis-nobelhorst"))["link"]
    team = await asyncio.to_thread(set_up_team, town.place.tls[0], town.url, link)
    say("page", "made in the browser:", team.fingerprint, "read out as", team.digits)
    adopted = await town.inbeeld("keys", "adopt", "buurthuis-nobelhorst", team.fingerprint, "--yes")
    say("page", "bound:", " ".join(adopted.split()))
    invited = ("users", "invite", "lena@huisarts-nobelhorst.example", "--name", "Lena", "--role", "verwijzer")
    link = json.loads(await town.inbeeld(*invited, "--practice", "nobelhorst", "--json"))["link"]
    reader = await asyncio.to_thread(set_up_reader, town.place.tls[0], link)
    mail = await town.refer(patient, sender="l.voorbeeld@huisarts-nobelhorst.example")
    first_answer = await town.answer(mail, "/berichten/")
    say("page", "receipt in the thread:", berichten(first_answer))
    opened = await asyncio.to_thread(read_referral, team, town.url, patient.name)
    say("page", "opened and told back:", opened)

    def second() -> str | None:
        texts = [one.get_body(("plain",)) for one in town.mails() if one["In-Reply-To"] == mail["Message-ID"]]
        links = [berichten(str(text.get_content())) for text in texts if isinstance(text, EmailMessage)]
        return next((one for one in links if one and one != berichten(first_answer)), None)

    link = str(await until(second))
    shown = await asyncio.to_thread(read_answer, reader, link)
    if IN_BEELD not in shown:
        raise AssertionError("the page does not say so")
    say("page", "on the page:", first(shown))


def berichten(text: str) -> str:
    """The link to a page with an answer; "" if there is none."""
    found = re.search(r"https://\S+/berichten/\S+", text)
    return found[0].rstrip(".") if found else ""


def first(text: str) -> str:
    """The line that says it."""
    return next((line for line in text.splitlines() if IN_BEELD in line), "")


async def in_clear(town: Town, organisation: str, port: int, base: str) -> None:
    """Let referrals go to it in clear, by the three steps of the documents."""
    url, keys = f"https://localhost:{town.ports[port]}{base}", town.directory / "keys" / "clear"
    made = json.loads(
        await town.inbeeld(
            "keys", "generate", "clear", str(keys), "--name", organisation, "--url", url, "--json"
        )
    )
    public = str(keys / f"{organisation}.jwk")
    await town.inbeeld("keys", "import", organisation, public, f"--yes-compared={made['fingerprint']}")
    path = town.directory / "config" / "organisations.toml"
    text, name = path.read_text(), f'"keys/clear/{organisation}.private.jwk"'
    changed = text.replace(f"# clear_key = {name}\n# clear_agreed =", f"clear_key = {name}\nclear_agreed =")
    if changed == text:
        raise AssertionError("the trial does not name the options")
    path.write_text(changed)


def spilled(directory: Path, patients: list[Patient], *but: str) -> list[str]:
    """The files in which a patient stands in clear, but those of the trial's own other sides."""
    words = [one.name.encode() for one in patients]
    found = []
    for path in directory.rglob("*"):
        name = str(path.relative_to(directory))
        if path.is_file() and not name.startswith(but) and any(word in path.read_bytes() for word in words):
            found.append(name)
    return found


Way = Callable[[Town, Patient], Awaitable[None]]


async def play(
    directory: Path, ways: tuple[str, ...], kinds: tuple[str, ...], walks: dict[str, tuple[Way, Patient]]
) -> dict[str, str]:
    """Serve a trial with its peers, and walk every way side by side; gives what went wrong, by way."""
    town = await init(directory, ways)
    if "imap" in ways:
        await in_clear(town, "wijkteam-hout", 9444, "/fhir")
        await in_clear(town, "gemeente-pampus", 9445, "/klantinteracties/api/v1")
    async with contextlib.AsyncExitStack() as stack:
        for kind in kinds:
            command: tuple[str, ...] = ("tests.peers.trial", kind, str(directory))
            if kind == "municipality":
                port = str(town.ports[9443])
                keys = directory / "keys/trial/gemeente-poort"
                command = ("tests.peers.municipality", "serve", str(keys), "--port", port)
            town.peers[kind] = await stack.enter_async_context(Program(sys.executable, "-m", *command))
        for kind, peer in town.peers.items():
            say(kind, await peer.hears(" at "))
        serve = Program(sys.executable, "-m", "gateway", "--dir", str(directory), "serve")
        await stack.enter_async_context(serve)
        await serve.hears("ready")
        say("serve", "ready")
        ends = await asyncio.gather(
            *(walk(town, patient) for walk, patient in walks.values()), return_exceptions=True
        )
        (directory / "serve.log").write_text("\n".join(serve.said))
    wrong = {
        way: f"{type(end).__name__}: {end}" for way, end in zip(walks, ends, strict=True) if end is not None
    }
    patients = [patient for _, patient in walks.values()]
    if names := spilled(directory, patients, "aanmelding.eml"):
        wrong["spilled"] = ", ".join(names)
    evidence = await town.inbeeld("audit", "evidence", "--json")
    used = {json.loads(line)["beveiliging"] or "" for line in evidence.splitlines()}
    say("evidence", ", ".join(sorted(used)))
    return wrong


async def main(directory: Path) -> int:
    """Both trials, one after the other."""
    sealed: dict[str, tuple[Way, Patient]] = {
        "signaal": (signaal, Patient("Ansje Vrolijkstra", "611040404", "Almere Poort")),
        "fhir": (fhir, Patient("Berend Oudekerk", "611050505", "Almere Hout")),
        "klantinteracties": (klantinteracties, Patient("Cornelia Zevenster", "611060606", "Almere Pampus")),
        "file": (
            lambda town, patient: file(town, patient, "wijkteam-buiten"),
            Patient("Dirkjan Waterlelie", "611070707", "Almere Buiten"),
        ),
        "sftp": (
            lambda town, patient: file(town, patient, "wijkteam-vaarten"),
            Patient("Eefje Morgenster", "611080808", "Tussen de Vaarten"),
        ),
        "page": (page, Patient("Frederik Zonderland", "611090909", "Nobelhorst")),
    }
    clear: dict[str, tuple[Way, Patient]] = {
        "fhir, clear": (
            lambda town, patient: fhir(town, patient, "fhir, clear"),
            Patient("Gerda Klaproos", "611101010", "Almere Hout"),
        ),
        "klant, clear": (klantinteracties_clear, Patient("Harmen Lisdodde", "611111111", "Almere Pampus")),
        "imap": (imap, Patient("Ineke Boterbloem", "611121212", "Muziekwijk")),
    }
    peers = ("relay", "municipality", "fhir", "klantinteracties", "sftp")
    wrong = await play(directory / "sealed", SEALED, peers, sealed)
    wrong |= await play(directory / "clear", CLEAR, ("relay", "imap", "fhir", "klantinteracties"), clear)
    for way, trouble in wrong.items():
        say(way, "DID NOT COME TO ITS END:", trouble)
    say(
        "all", f"{len(sealed) + len(clear) - len(wrong)} of {len(sealed) + len(clear)} ways came to their end"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="inbeeld-ways-"))
    sys.exit(asyncio.run(main(where)))
