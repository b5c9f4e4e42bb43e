"""A chat that is pasted into a mail: who speaks is no patient, who asks for a number says nothing of it."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case

CHATS = {
    "brackets": "[3-6 14:02] Joke: {0}\n[3-6 14:05] Anton: heb je zijn nummer\n"
    "[3-6 14:06] Joke: {1}\n"
    "[3-6 14:09] Anton: ik mail het door",
    "whatsapp": "02-06-2025 16:11 - Anna: {0}\n02-06-2025 16:12 - Jo: nummer?\n02-06-2025 16:13 - Anna: {1}",
    "hours": "10:12 Anna: {0}\n10:13 Joke: wat is zijn telefoonnummer?\n10:14 Anna: {1}",
    "hours behind": "Anna (10:12): {0}\nJoke (10:13): telefoonnummer?\nAnna (10:14): {1}",
    "teams": "Joke Terpstra  09:41\n{0}\n\nMirjam Stoop  09:43\nHeb je een telefoonnummer van hem?\n\n"
    "Joke Terpstra  09:44\n{1}",
}
TOLD = "Theo Langendijk, De Laren, heeft schulden"
HIS = ["zijn mobiel is 06-12 29 83 71", "06-12298371", "zijn nummer is 0612298371"]
NOT_HIS = [
    (TOLD, "alleen van zijn zus: 06-12298371"),
    (TOLD, "bel me even op 06-12298371"),
    (TOLD, "06-12298371 maar dat is van zijn zus"),
    (TOLD, "weet ik niet, zijn broer heeft 06-12298371"),
    ("mijn vader Theo Langendijk uit De Laren heeft schulden", "06-12298371"),
    (TOLD, "die van zijn ex is 06-12298371"),
]


@pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS)
@pytest.mark.parametrize("his", HIS)
def test_what_was_said_is_read(chat: str, his: str, almere: Gazetteer) -> None:
    reading = read(Case("", chat.format(TOLD, his), subject="app").raw(), almere)
    assert (reading.name, reading.phone, reading.wijk) == ("Theo Langendijk", "+31612298371", "De Laren")
    assert reading.problems == ()


@pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS)
@pytest.mark.parametrize("told", NOT_HIS)
def test_another_number_is_asked_about(chat: str, told: tuple[str, str], almere: Gazetteer) -> None:
    reading = read(Case("", chat.format(*told), subject="app").raw(), almere)
    assert (reading.phone, str(reading.verdict)) == (None, "incomplete")


@pytest.mark.parametrize(
    "text",
    [
        f"[3-6 14:02] Joke: {TOLD}\n[3-6 14:05] Zus van Theo: 06-12298371",
        f"[3-6 14:02] Joke: {TOLD}\n[3-6 14:05] Anton: 06-12298371\n[3-6 14:06] Joke: is dat van zijn zus?\n"
        "[3-6 14:07] Anton: ja",
        f"[3-6 14:02] Joke: {TOLD}\n[3-6 14:05] Anton: heb je het nummer van zijn zus\n"
        "[3-6 14:06] Joke: 06-12298371",
        f"10:12 Anna: {TOLD}\n10:13 Joke: heb je het nummer van zijn begeleider?\n10:14 Anna: 06-12298371",
        f"10:12 Anna: {TOLD}\n10:13 Zijn dochter: 06-12298371",
    ],
)
def test_a_question_for_anothers_number_counts(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text, subject="app").raw(), almere)
    assert (reading.phone, str(reading.verdict)) == (None, "incomplete")
