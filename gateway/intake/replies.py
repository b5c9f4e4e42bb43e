"""Every answer the listener can give, as closed constants.

Promises: no answer repeats anything a client sent, and none tells why something inside failed. Codes are RFC
5321, the enhanced codes RFC 3463. `reason` is what the events say.
"""

from typing import NamedTuple


class SmtpReply(NamedTuple):
    """One line to the client, the code under which the events count it, and its bytes on the wire."""

    code: int
    text: str
    reason: str
    line: bytes


def _reply(code: int, text: str, reason: str) -> SmtpReply:
    return SmtpReply(code, text, reason, f"{code} {text}\r\n".encode("ascii"))


def kept(id: str) -> SmtpReply:
    """What is said after the commit; the id is ours."""
    return _reply(250, f"2.0.0 kept {id}", "ok")


# What the client did right.
OK = _reply(250, "2.0.0 ok", "ok")
SENDER_OK = _reply(250, "2.1.0 sender ok", "ok")
RECIPIENT_OK = _reply(250, "2.1.5 recipient ok", "ok")
GO_AHEAD = _reply(354, "end with <CR><LF>.<CR><LF>", "ok")
START_TLS = _reply(220, "2.0.0 ready to start TLS", "ok")
BYE = _reply(221, "2.0.0 bye", "ok")
CANNOT_VERIFY = _reply(252, "2.5.0 send the mail and see", "ok")
HELP = _reply(214, "2.0.0 see RFC 5321", "ok")

# What is temporary, and our own trouble: always 4xx, so that the client's server keeps the mail.
NOT_KEPT = _reply(451, "4.3.0 could not keep this mail now, please try again later", "not_kept")
UNEXPECTED = _reply(451, "4.3.0 could not do that now, please try again later", "unexpected")
NO_DISK = _reply(451, "4.3.1 no room for mail now, please try again later", "free_disk_bytes")
TOO_MUCH_UNPROVEN = _reply(451, "4.7.1 too much unproven mail waits, please try again later", "unproven")
NO_MEMORY = _reply(452, "4.3.1 too much mail at once, please try again later", "memory_bytes")
NO_TLS = _reply(454, "4.7.0 TLS is not available", "no_tls")
TOO_MANY_CONNECTIONS = _reply(421, "4.7.0 too many connections, please try again later", "connections")
TOO_MANY_RECIPIENTS = _reply(452, "4.5.3 too many recipients", "recipients")
TOO_MANY_STRIKES = _reply(421, "4.7.0 too many errors, closing", "strikes")
TOO_MANY_LOGINS = _reply(421, "4.7.0 too many failed logins, closing", "login_failures")
LOGIN_LATER = _reply(454, "4.7.0 too many failed logins, please try again later", "login_pause")
TOO_SLOW = _reply(421, "4.4.2 too slow, closing", "timeout")
STOPPING = _reply(421, "4.3.2 shutting down, please try again later", "stopping")
NOT_SMTP = _reply(421, "4.7.0 this is a mail server, closing", "not_smtp")

# Commands that are wrong.
TALKED_FIRST = _reply(554, "5.5.1 spoke before the greeting, closing", "talked_first")
COMMAND_TOO_LONG = _reply(500, "5.5.2 line too long", "command_bytes")
BAD_LINE_END = _reply(500, "5.5.2 bare <CR>, bare <LF> or NUL in a command", "bad_line_end")
UNKNOWN_COMMAND = _reply(500, "5.5.1 command not recognized", "unknown_command")
NOT_OFFERED = _reply(502, "5.5.1 command not offered", "not_offered")
BAD_SYNTAX = _reply(501, "5.5.4 syntax error in parameters", "bad_syntax")
BAD_SEQUENCE = _reply(503, "5.5.1 bad sequence of commands", "bad_sequence")
HELLO_FIRST = _reply(503, "5.5.1 send EHLO first", "bad_sequence")
TLS_FIRST = _reply(530, "5.7.0 must issue a STARTTLS command first", "tls_first")
TLS_ALREADY = _reply(503, "5.5.1 TLS is already active", "bad_sequence")
TLS_FOR_LOGIN = _reply(538, "5.7.11 encryption required for authentication", "tls_first")
UNKNOWN_OPTION = _reply(555, "5.5.4 parameter not recognized", "unknown_option")
BAD_SENDER = _reply(553, "5.1.7 sender address not acceptable", "bad_address")
NOT_A_BOUNCE = _reply(550, "5.1.1 only returned mail is taken here", "not_a_bounce")
BAD_RECIPIENT = _reply(553, "5.1.3 recipient address not acceptable", "bad_address")
NEEDS_SMTPUTF8 = _reply(553, "5.6.7 a non-ASCII address needs SMTPUTF8", "bad_address")
NO_SUCH_RECIPIENT = _reply(550, "5.1.1 no such recipient here", "no_such_recipient")
NO_RECIPIENT = _reply(554, "5.5.1 no valid recipients", "bad_sequence")

# Mails that are wrong.
TOO_BIG = _reply(552, "5.3.4 mail too large", "message_bytes")
BAD_BYTES = _reply(554, "5.6.0 bare <CR>, bare <LF> or NUL in the mail", "bad_bytes")
LINE_TOO_LONG = _reply(554, "5.6.0 a line is too long", "line_bytes")
HEADER_TOO_BIG = _reply(552, "5.3.4 header too large", "header_bytes")
TOO_MANY_HOPS = _reply(554, "5.4.6 too many hops, this mail loops", "received_hops")
SENT_TOO_EARLY = _reply(554, "5.5.1 data sent before it was asked for, closing", "talked_first")
