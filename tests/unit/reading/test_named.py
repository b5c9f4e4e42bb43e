"""Who is the patient: whoever is nobody else, whatever words stand around the name."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.corpus.natural import Natural, natural

PATIENT, OTHER = "Griet Vandewalle", "Paul Dijkgraaf"

# In each X is the patient, and no word of the sentence was ever listed for it.
TOLD = """
Vanmiddag barstte X op mijn spreekuur in tranen uit.
In de wachtkamer zat vandaag X te piekeren over een aanmaning.
Na jaren ploeteren heeft eindelijk X de stap gezet.
Tijdens het consult biechtte X op dat er al vier maanden geen huur is betaald.
Sinds een val ziet X het niet meer zitten met alle brieven.
Weer een jonge moeder zonder inkomen: X.
Met goedvinden van X mail ik jullie.
Misschien herinnert u zich X nog.
's Nachts ligt X wakker van een lening.
Het lukt X niet om haar post te lezen.
Zonder hulp redt X het niet meer.
Wat mij opviel: X betaalt al maanden haar huur niet.
Ik verwijs graag naar u door mevrouw X.
Dochter Marloes belde over haar moeder, X.
X verzocht mij u te schrijven.
""".strip().splitlines()

# In each X is somebody else, and a patient may be spoken of beside them.
OTHERS = """
Ik overlegde met X over een patiënt met schulden.
X adviseerde mij om jullie te mailen over een patiënt.
Op aanraden van X mail ik jullie.
X helpt haar met de post.
X begeleidt haar al een jaar.
X kent mijn patiënte.
X had mijn patiënt eerder begeleid.
X zei dat ik bij jullie moest zijn.
X, die bij jullie werkt, ken ik goed.
Haar zoon X regelt alles.
De zoon heet X.
Haar vriendin is X.
X is haar bewindvoerder.
X van de Stadsbank verwees naar jullie.
Ik ben er niet; X neemt waar.
Met dank aan X voor de hulp.
Mijn patiënte woont in bij X.
Mijn patiënt werd door X verwezen.
Zij huurt een kamer van X.
Zij heeft geld geleend van X.
Zij is de dochter van X.
Hij woont boven bakkerij X.
Ze heeft ruzie met X.
Haar man X is vorig jaar overleden.
Vorig jaar overleed X, sindsdien gaat het slecht met haar.
Mevrouw is de weduwe van X.
Jullie vrijwilliger X was hier vorige week.
Ik zit hier met X, onze stagiaire.
Reumatoloog X gaf dit door.
Zie ook de brief van X.
Het huis staat op naam van X.
Dit betreft niet X van vorige week.
Kan X dit oppakken?
Is X nog bij jullie in dienst?
""".strip().splitlines()

# No persons, though written as persons are.
THINGS = """
Deze patiënte komt uit Sierra Leone.
Deze man spreekt Sranan Tongo.
Zij slaapt in het Ronald McDonaldhuis.
Deze vrouw werkt bij Albert Heijn en bij Van der Valk.
Hij krijgt hulp van het Leger des Heils.
Patiënt heeft Diabetes Mellitus en schulden bij Vattenfall.
Deze vrouw gebruikt dagelijks Metformine Teva.
Zij is bekend met Multiple Sclerose.
Goede Vrijdag zijn wij gesloten.
""".strip().splitlines()


def _mail(told: str, subject: str = "aanmelding") -> bytes:
    asked = "Graag bellen op 06-12384685, woont in de Filmwijk."
    text = f"Goedemiddag,\n\n{told} {asked}\n\nGroet,\nP. de Wit, huisarts"
    return Natural("x", "ask", True, None, None, None, subject, text).raw


@pytest.mark.parametrize("told", TOLD)
def test_whoever_is_nobody_else_is_the_patient(told: str, almere: Gazetteer) -> None:
    assert read(_mail(told.replace("X", PATIENT)), almere).name == PATIENT


@pytest.mark.parametrize("told", OTHERS)
def test_nobody_else_becomes_the_patient(told: str, almere: Gazetteer) -> None:
    for other in (OTHER, "J. Wessels"):
        assert read(_mail(told.replace("X", other)), almere).name is None


@pytest.mark.parametrize("told", OTHERS)
def test_the_patient_is_found_beside_somebody_else(told: str, almere: Gazetteer) -> None:
    mail = _mail(f"{PATIENT} heeft schulden. {told.replace('X', OTHER)}")
    assert read(mail, almere).name == PATIENT


@pytest.mark.parametrize("told", THINGS)
def test_a_thing_is_nobody(told: str, almere: Gazetteer) -> None:
    assert read(_mail(told), almere).name is None
    assert read(_mail(f"{PATIENT} heeft schulden. {told}"), almere).name == PATIENT


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Meurs, Evelien van", "Evelien van Meurs"),
        ("Bergkamp, Wout.", "Wout Bergkamp"),
        ("Haan, Jan-Willem de", "Jan-Willem de Haan"),
        ("Kolk, F. van der (v, 1961)", "F. van der Kolk"),
        ("Jkvr. drs. H.E.M. van Asch van Wijck", "H.E.M. van Asch van Wijck"),
        ("Theo Langendijk op de Laren", "Theo Langendijk"),
        ("A. Parkwijk-Slotboom", "A. Parkwijk-Slotboom"),
    ],
)
def test_a_name_is_whole(written: str, name: str, almere: Gazetteer) -> None:
    text = f"{written}\n06-12384685\n\ndank alvast!"
    assert read(Natural("x", "ask", True, None, None, None, "aanmelding", text).raw, almere).name == name


def test_the_patient_may_be_called_as_the_sender_is(almere: Gazetteer) -> None:
    record = "Wilma de Groot\nDanswijk\n06-48451016\n\nMet groet,\nWilma de Groot, praktijkmanager"
    sender = "Wilma de Groot <wilma@delinde.example>"
    for said, name in (("Onze patiënte heet toevallig precies zo.", "Wilma de Groot"), ("Hallo,", None)):
        mail = Natural("x", "ask", True, None, None, None, "x", f"{said}\n\n{record}", sender=sender)
        assert read(mail.raw, almere).name == name


# Where somebody lives: of two a practice doesn't know which, and what is somebody else's home is none.
@pytest.mark.parametrize(
    ("told", "wijk"),
    [
        ("Ze zei de Gouwen of de Grienden.", None),
        ("Filmwijk? Of was het de Parkwijk.", None),
        ("Parkwijk dan wel Danswijk.", None),
        ("Er is een dochter; zij woont in de Filmwijk.", None),
        ("Haar moeder, die in de Danswijk woont, past op.", None),
        ("Zij werkt in de Filmwijk.", None),
        ("Zij woont in de Danswijk. Haar kleinzoon Jelle gaat graag mee maar woont in Zwolle.", "Danswijk"),
        ("Danswijk. Zij wil niet verhuizen naar de Filmwijk, waar haar dochter woont.", "Danswijk"),
        ("Danswijk. Haar kinderen gaan in de Parkwijk naar school.", "Danswijk"),
        ("Danswijk. De buurtkamer in de Filmwijk kent haar al.", "Danswijk"),
        ("Zij woont niet, zoals in de brief staat, in Duin, maar in de Danswijk.", "Danswijk"),
        ("Zij woonde tot voor kort in de Filmwijk en nu in de Danswijk.", "Danswijk"),
        ("Uit      de velden.", "De Velden"),
        ("Zij woont op een boot bij Pampus.", "Almere Pampus"),
        ("Een flat op de Laren.", "De Laren"),
    ],
)
def test_where_the_patient_lives(told: str, wijk: str | None, almere: Gazetteer) -> None:
    text = f"{PATIENT}, 06-12384685. {told}\n\nGroet, Ad"
    mail = Natural("x", "ask", True, None, None, None, "aanmelding", text)
    assert read(mail.raw, almere).wijk == wijk


def test_the_names_of_the_corpus_are_right(almere: Gazetteer) -> None:
    mails = [mail for own, mail in natural() if own == "names" and not mail.ask]
    assert len(mails) > 100
    read_so = {mail.id: (read(mail.raw, almere).name or "").casefold() for mail in mails}
    assert read_so == {mail.id: (mail.name or "").casefold() for mail in mails}
