"""The gateway gets another domain while threads run: nobody who answers in an old one has to know."""

from typing import Any

from tests.invented import GATEWAY, make_mail, make_patients
from tests.peers.mail import MailPeer
from tests.story.correspondence.post import Post
from tests.story.place import Place, Town, kinds

NEW = "aanmelding@beter.example"


async def test_what_was_told_under_the_old_domain_goes_on_working(
    place: Place, peer: MailPeer, readers: Any
) -> None:
    town = Town(place, peer, readers)
    await town.open()
    post = Post(town)
    await post.refer()
    returned = town.handovers[0].received.envelope_from
    await town.close()
    place.replace("inbeeld.toml", 'domain = "handover.example"', 'domain = "beter.example"')
    place.replace("inbeeld.toml", f'address = "{GATEWAY}"', f'address = "{NEW}"')
    place.replace("inbeeld.toml", '# aliases = ["aanmelding@old.example"]', f'aliases = ["{GATEWAY}"]')
    await town.open()
    try:
        await post.report("NIET BEREIKT\n")
        assert town.the_case()["state"] == "attempted", "an answer to the old address with its token"
        await post.write("Wat is de status?\n")
        answers = town.answers(post.mail)
        assert len(town.cases()) == 1, "an answer in the old thread"
        assert len(town.mails) == 3
        assert town.mails[-1]["From"] == f"InBeeld <{NEW}>"
        await post.report("IN BEELD\n")
        assert kinds(town.answers(post.mail))[-1] == "in_beeld"
        assert len(answers) < len(town.answers(post.mail))

        (late,) = await town.place.send(
            town.address, make_mail(sender="", text="x"), null_path=True, to=returned
        )
        assert "kept" in late, "a bounce to an old return address"
        (one, other) = (make_mail(patient=patient) for patient in make_patients(2))
        other.replace_header("To", NEW)
        await town.post(one, other)
        assert [len(town.answers(mail)) for mail in (one, other)] == [1, 1], "both addresses take mail"
        assert town.audit().faults == ()
    finally:
        await town.close()
