"""The closed set of answers."""

import re

from gateway.intake import replies
from gateway.intake.replies import SmtpReply

ALL = [value for value in vars(replies).values() if isinstance(value, SmtpReply)]


def test_every_answer_is_one_ascii_line_with_a_fitting_enhanced_code() -> None:
    assert len(ALL) > 30
    for reply in ALL:
        assert re.fullmatch(rb"[2-5][0-9][0-9] [^\r\n]{3,100}\r\n", reply.line)
        if reply.code not in {214, 354}:
            assert reply.text[0] == str(reply.code)[0]


def test_our_own_trouble_is_never_permanent() -> None:
    for reply in (replies.NOT_KEPT, replies.UNEXPECTED, replies.NO_MEMORY, replies.NO_TLS, replies.STOPPING):
        assert 400 <= reply.code < 500
