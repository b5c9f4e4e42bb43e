"""What the sender wrote, and what is only quoted: any program, any language, with marks or without."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reading.mail.message import parse
from gateway.reading.mail.text import html_text
from gateway.reading.mail.thread import clean, passages

OWN = "Het klopt, dank u."
OLD = "Naam: Dirk Bos\nTel: 06-23456792"

ATTRIBUTIONS = {
    "gmail": "Op ma 3 mrt 2025 om 10:00 schreef A. Bos <a.bos@x.example>:",
    "gmail-wrapped": "Op ma 3 mrt 2025 om 10:00 schreef Anna-Katharina van den Bos <\na.bos@x.example>:",
    "gmail-english": "On Mon, 3 Mar 2025 at 10:00, A. Bos <a.bos@x.example> wrote:",
    "yahoo": "Op maandag 3 maart 2025 om 10:00:00 CET schreef A. Bos <a.bos@x.example>:",
    "swedish": "Den mån 3 mars 2025 kl 10:00 skrev A. Bos <a.bos@x.example>:",
    "apple": "Op 3 mrt 2025 om 10:00 heeft A. Bos <a.bos@x.example> het volgende geschreven:",
    "apple-wrapped": "Op 3 mrt 2025 om 10:00 heeft Anna-Katharina van den Bos\n"
    "<a.bos@x.example> het volgende\ngeschreven:",
    "thunderbird": "Op 03-03-2025 om 10:00 schreef A. Bos:",
    "thunderbird-name-first": "A. Bos schreef op 3-3-2025 om 10:00:",
    "german": "Am 03.03.25 um 10:00 schrieb A. Bos:",
    "french": "Le lun. 3 mars 2025 à 10:00, A. Bos <a.bos@x.example> a écrit :",
    "turkish": "A. Bos <a.bos@x.example>, 3 Mar 2025 Pzt, 10:00 tarihinde şunu yazdı:",
    "polish": "pon., 3 mar 2025 o 10:00 A. Bos <a.bos@x.example> napisał(a):",
    "spanish": "El lun, 3 mar 2025 a las 10:00, A. Bos (<a.bos@x.example>) escribió:",
    "spanish-wrapped": "El lun, 3 mar 2025 a las 10:00, A. Bos\n(<a.bos@x.example>) escribió:",
    "italian": "Il giorno lun 3 mar 2025 alle ore 10:00 A. Bos <a.bos@x.example> ha scritto:",
    "russian": "пн, 3 мар. 2025 г. в 10:00, A. Bos <a.bos@x.example>:",
    "arabic": "في الاثنين، 3 مارس 2025 10:00، كتب A. Bos <a.bos@x.example>:",
    "no-verb-known": "2025-03-03 10:00 GMT+01:00 A. Bos <a.bos@x.example>:",
}
BLOCKS = {
    "outlook": "Van: A. Bos <a.bos@x.example>\nVerzonden: maandag 3 maart 2025 10:00\n"
    "Aan: B <b@y.example>\nOnderwerp: vraag\n",
    "outlook-mobile": "Outlook voor iOS downloaden\n________________________________\n"
    "Van: A. Bos <a.bos@x.example>\n"
    "Verzonden: Monday, March 3, 2025 10:00:00 AM\nAan: B <b@y.example>\nOnderwerp: vraag\n",
    "outlook-english": "-----Original Message-----\n"
    "From: A. Bos <a.bos@x.example>\nSent: Monday, 3 March 2025 10:00\n",
    "outlook-german": "Von: A. Bos <a.bos@x.example>\nGesendet: Montag, 3. März 2025 10:00\n"
    "An: B\nBetreff: x\n",
    "outlook-turkish": "Kimden: A. Bos <a.bos@x.example>\nGönderildi: 3 Mart 2025 Pazartesi 10:00\n"
    "Kime: B\nKonu: x\n",
    "outlook-polish": "Od: A. Bos <a.bos@x.example>\nWysłano: poniedziałek, 3 marca 2025 10:00\n"
    "Do: B\nTemat: x\n",
    "two-lines": "Van: A. Bos <a.bos@x.example>\nVerzonden: maandag 3 maart 2025 10:00\n",
    "samsung": "-------- Oorspronkelijk bericht --------\nVan: A. Bos <a.bos@x.example>\n"
    "Datum: 03-03-2025 10:00 (GMT+01:00)\n",
    "gmail-forward": "---------- Forwarded message ---------\nVan: A. Bos <a.bos@x.example>\n"
    "Date: ma 3 mrt 2025 om 10:00\n",
    "portuguese-rule": "---------- Mensagem encaminhada ---------\nDe: A. Bos <a.bos@x.example>\n"
    "Enviado: 3 mar 2025 10:00\n",
}


def said(text: str) -> tuple[str, str]:
    """What is the sender's own, and the rest."""
    parts = passages(text)
    own = "\n".join(line for part in parts if part.own for line in part.lines).strip()
    older = "\n".join(line for part in parts if not part.own for line in part.lines).strip()
    return own, older


@pytest.mark.parametrize("name", ATTRIBUTIONS)
@pytest.mark.parametrize("marks", ["> ", ""])
@pytest.mark.parametrize("blank", ["\n", ""])
def test_what_follows_an_attribution_is_not_the_senders(name: str, marks: str, blank: str) -> None:
    quoted = "\n".join(marks + line for line in OLD.split("\n"))
    text = f"{OWN}\n\n{ATTRIBUTIONS[name]}\n{blank}{quoted}\n"
    own, older = said(text)
    assert own == OWN
    assert older == OLD
    assert passages(text)[1].address == ("a.bos@x.example" if "@" in ATTRIBUTIONS[name] else "")


@pytest.mark.parametrize("name", ["gmail", "thunderbird", "french", "turkish", "polish"])
def test_an_attribution_right_below_a_text_takes_none_of_it(name: str) -> None:
    own, older = said(f"Het nummer is 06-23456781 van mijn patiënt\n{ATTRIBUTIONS[name]}\n> {OLD}")
    assert own.startswith("Het nummer is 06-23456781")
    assert older.startswith("Naam: Dirk Bos")


@pytest.mark.parametrize("name", BLOCKS)
def test_what_follows_a_block_of_headers_is_not_the_senders(name: str) -> None:
    own, older = said(f"{OWN}\n\n{BLOCKS[name]}\n{OLD}\n")
    assert own.removesuffix("Outlook voor iOS downloaden").strip() == OWN
    assert older == OLD


def test_names_of_authors() -> None:
    for name in (
        "gmail",
        "apple",
        "thunderbird",
        "thunderbird-name-first",
        "french",
        "spanish",
        "turkish",
        "german",
    ):
        assert passages(f"x\n\n{ATTRIBUTIONS[name]}\n> y")[1].author == "A. Bos", name


@pytest.mark.parametrize(
    "text",
    [
        "Van: Joke\nAan: De Schoor\n\nNaam: Iris",
        "Naam: Iris Blok\nE-mail: iris@x.example\nGeboortedatum: 3-3-1980\nTel: 06-23456781",
        "Contact: iris@x.example\nTel: 06-23456781\nWijk: Filmwijk",
        "Afspraak op 3-3-2025 om 10:00:\nNaam: Iris",
        "Betreft: Iris Blok\nDatum: 3-3-2025 10:00\nTel: 06-23456781",
        "--- Gegevens patiënt ---\nNaam: Iris\nTel: 06-23456781\nWijk: Filmwijk",
        "Op maandag schreef de deurwaarder een brief: zij moet betalen\nNaam: Iris",
        "De huisbaas schreef het volgende\nNaam: Iris",
        "Mail: iris@x.example\n\nWijk: Filmwijk",
    ],
)
def test_a_text_of_ones_own_stays_ones_own(text: str) -> None:
    own, older = said(text)
    assert own == text
    assert older == ""


def test_data_right_below_a_block_of_headers_is_read() -> None:
    _, older = said(f"Zie onder\n\n{BLOCKS['outlook']}{OLD}")
    assert older == OLD


def test_a_quote_in_html_has_marks() -> None:
    rich = (
        "<div>Eigen</div><div class='gmail_quote'>Op ma 3 mrt 2025 om 10:00 schreef A &lt;a@x.example&gt;:"
        "<blockquote class='gmail_quote' style='margin:0'><p>oud</p>"
        "<table><tr><td>Naam</td><td>X</td></tr></table>"
        "<blockquote type='cite'>ouder</blockquote></blockquote></div><div>Ook eigen</div>"
    )
    own, older = said(html_text(rich))
    assert own.split("\n") == ["Eigen", "Ook eigen"] or own.split() == ["Eigen", "Ook", "eigen"]
    assert [line.strip() for line in older.split("\n") if line.strip()] == ["oud", "Naam\tX", "ouder"]


def test_an_indent_in_html_is_no_quote() -> None:
    rich = "<div>Hierbij:</div><blockquote style='margin:0 0 0 40px;border:none'>Naam: Iris Blok</blockquote>"
    assert said(html_text(rich))[1] == ""


@pytest.mark.parametrize(
    "rich", ["<blockquote " * 2_000, "<blockquote cite>" * 2_000 + "x", "\ue000\ue001<p>x"]
)
def test_odd_quotes_in_html_are_read(rich: str) -> None:
    assert "\ue000" not in html_text(rich)


LINES = st.one_of(
    st.sampled_from(
        [OWN, *OLD.split("\n"), *ATTRIBUTIONS.values(), *BLOCKS.values(), "> x", ">> y", "", "-- "]
    ),
    st.text(max_size=40),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12))
def test_every_passage_has_its_place(lines: list[str]) -> None:
    parts = passages("\n".join(lines))
    assert parts[0].own
    assert not any(part.own for part in parts[1:])


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=8), st.sampled_from(sorted(ATTRIBUTIONS)))
def test_nothing_below_an_attribution_is_own_again_without_marks(lines: list[str], name: str) -> None:
    below = "\n".join(line for line in lines if ">" not in line)
    parts = passages(f"{OWN}\n\n{ATTRIBUTIONS[name]}\nGEHEIM\n{below}")
    assert not any("GEHEIM" in line for line in parts[0].lines)


def test_a_mail_is_parted_in_linear_time() -> None:
    # Each of these was once joined with all that follow; a quadratic way would keep the run waiting.
    for line in ("Op 3 mrt 2025 om 10:00", "Van: a <a@x.example>", "--- a ---", "Le a:", "a: b"):
        assert parse(b"\r\n" + f"{line}\r\n".encode() * 5_000).texts
        assert passages(f"{line}\n" * 5_000)


def test_a_pasted_card_is_read_as_lines() -> None:
    card = "BEGIN:VCARD\nFN:Jan \udcff Bos\nTEL:06-12345678\nEND:VCARD"
    assert clean(card).split("\n") == ["Naam: Jan ? Bos", "Telefoon: 06-12345678"]
    assert clean(f"BEGIN:VCARD\n{card}") == f"BEGIN:VCARD\n{clean(card)}"
