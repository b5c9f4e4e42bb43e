"""One referral from the GP's mail to "in beeld", and what must not happen on the way."""

from tests.conftest import Opens
from tests.invented import PATIENT, REMARK, make_mail
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds


@ON_BOTH
async def test_the_whole_walk(town: Town, opens: Opens) -> None:
    mail = make_mail()
    (answer,) = await town.send(mail)
    assert answer.startswith("2.0.0 kept ")
    assert town.mailboxes() == {"waiting": 1}, "250 means kept: it is there before anything works on it"

    await town.work()
    case = town.the_case()
    assert (case["state"], case["organisation"], case["wijk"]) == ("delivered", "de-schoor", PATIENT.wijk)

    (handover,) = town.handovers
    assert handover.received.tls.startswith("TLSv1.")
    assert handover.received.recipients == ("aanmeldingen@deschoor.example",)
    opened = opens(handover.armour)
    assert PATIENT.name.encode() in opened
    assert REMARK.encode() not in opened
    assert case["kenmerk"] in handover["Subject"]

    (receipt,) = town.answers(mail)
    assert kinds([receipt]) == ["receipt"]
    assert receipt.received.envelope_from.startswith("aanmelding+b."), "a bounce of it is known for ours"
    assert receipt["To"] == f"m.deboer@{mail['From'].rpartition('@')[2].strip('>')}"
    assert receipt["References"] == mail["Message-ID"]
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["Subject"] == "Re: aanmelding geldzorgen"
    assert "De Schoor neemt uiterlijk donderdag" in receipt.text

    assert "contacted" in town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    await town.work()
    assert kinds(town.answers(mail)) == ["receipt", "in_beeld"]
    assert town.json("cases", "report", case["kenmerk"], "contacted")["moved"] is False
    await town.work()
    assert len(town.mails) == 3, "the second report told nobody anything"
    assert town.mailboxes() == {"case": 1}


async def test_no_answer_repeats_anything_of_the_patient(town: Town) -> None:
    mail = make_mail(subject=f"{PATIENT.name} {PATIENT.phone} {PATIENT.wijk}")
    await town.post(mail)
    (case,) = town.cases()
    for event in ("contacted", "intake_planned", "stopped"):
        town.inbeeld("cases", "report", case["kenmerk"], event)
    await town.work()
    answers = town.answers(mail)
    assert kinds(answers) == ["receipt", "in_beeld"]
    for answer in answers:
        assert answer["Subject"] == f"Re: uw aanmelding [{case['kenmerk']}]"
        shown = answer["Subject"] + answer.text
        for secret in (*PATIENT.name.split(), *PATIENT.spellings, PATIENT.wijk):
            assert secret not in shown


async def test_routing_delivery_and_collection_never_say_in_beeld(town: Town) -> None:
    mail = make_mail()
    await town.post(mail)
    (case,) = town.cases()
    town.inbeeld("cases", "report", case["kenmerk"], "collected")
    town.inbeeld("cases", "report", case["kenmerk"], "attempted", "--day-part", "ochtend")
    await town.work()
    assert kinds(town.answers(mail)) == ["receipt"]
    town.inbeeld("cases", "report", case["kenmerk"], "self_contact")
    await town.work()
    assert kinds(town.answers(mail)) == ["receipt", "in_beeld"]
