"""What somebody proves who they are with: codes, recovery codes, passwords, and the web role's secret."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import OpenError
from gateway.gate import totp
from gateway.gate.passwords import LONGEST, SHORTEST, Weakness, login_of, name_of, weakness
from gateway.gate.websecret import WebSecret

NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = int(NOW.timestamp()) // 30
NOOR = {"login": "noor.beheer@handover.example", "name": "Noor Beheer"}


def code(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


@pytest.mark.parametrize(("off", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_for_its_step_and_those_beside_it(off: int, counts: bool) -> None:
    assert totp.step_of(SECRET, code(STEP + off), NOW, 0) == (STEP + off if counts else None)


def test_a_step_that_was_used_counts_no_more() -> None:
    assert totp.step_of(SECRET, code(STEP), NOW, STEP) is None
    assert totp.step_of(SECRET, code(STEP - 1), NOW, STEP) is None
    assert totp.step_of(SECRET, code(STEP + 1), NOW, STEP) == STEP + 1


def test_the_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1, its last six digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.step_of(secret, "287082", datetime.fromtimestamp(59, UTC), 0) == 1


@pytest.mark.parametrize(
    "typed", ["{} ", "{:.3} {:.3}", "12345", "1234567", "", "١٢٣٤٥٦", "abcdef", "-1234567"]
)
def test_what_is_typed(typed: str) -> None:
    right = code(STEP)
    text = f"{right[:3]} {right[3:]}" if typed.startswith("{:") else typed.format(right)
    assert (totp.step_of(SECRET, text, NOW, 0) == STEP) is typed.startswith("{")


@given(st.text(max_size=40))
def test_no_text_breaks_a_code(text: str) -> None:
    assert totp.step_of(SECRET, text, NOW, STEP + 1) is None
    found = totp.bare(text)
    assert found is None or totp.bare(found) == found


def test_recovery_codes_are_many_and_each_is_read_as_it_is_typed() -> None:
    codes = totp.new_codes()
    assert len(set(codes)) == totp.HOW_MANY
    for one in codes:
        plain = one.replace("-", "")
        assert totp.bare(one) == totp.bare(one.upper().replace("-", " ")) == plain
        assert len(plain) == 12
        assert not set("01ilo") & set(plain)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("paard bad huis vis", None),
        ("Kippenhok-en-zes", None),
        ("é" * 3 + "tien oude fietsen", None),
        ("elf tekens!", Weakness.SHORT),
        ("x y" * 67, Weakness.LONG),
        ("Welkom2026!!!!", Weakness.COMMON),
        ("P@ssw0rd1234", Weakness.COMMON),
        ("wachtwoord12", Weakness.COMMON),
        ("123456789012", Weakness.COMMON),
        ("987654321098", Weakness.COMMON),
        ("aaaaaaaaaaaa", Weakness.COMMON),
        ("abcabcabcabcab", Weakness.COMMON),
        ("qwertyuiopas", Weakness.COMMON),
        ("Welkom01Welkom01", Weakness.COMMON),
        ("wijkteam-haven", Weakness.COMMON),
        ("huisarts-almere", Weakness.COMMON),
        ("Amsterdam2026!", Weakness.COMMON),
        ("Zomer2026Zomer", Weakness.COMMON),
        ("geheim-wachtwoord", Weakness.COMMON),
        ("beheer noor 1", Weakness.COMMON),
        ("noor.beheer@handover.example", Weakness.LOGIN),
        ("Noor.Beheer2026", Weakness.LOGIN),
        ("N00rB3h33r!!", Weakness.LOGIN),
    ],
)
def test_which_password_may_be_chosen(password: str, why: Weakness | None) -> None:
    assert weakness(password, **NOOR) == why


@settings(max_examples=40)
@given(st.text(max_size=LONGEST + 5))
def test_only_length_is_asked_of_what_nobody_guesses(password: str) -> None:
    found = weakness(password, **NOOR)
    assert (found is Weakness.SHORT) == (len(password) < SHORTEST)
    assert (found is Weakness.LONG) == (len(password) > LONGEST)


@pytest.mark.parametrize(
    ("text", "login"),
    [
        (" Noor@Handover.example ", "noor@handover.example"),
        ("a+b@c.nl", "a+b@c.nl"),
        ("noor", None),
        ("noor@localhost", None),
        ("a b@c.nl", None),
        ("a@c.nl\nb@d.nl", None),
        ("x" * 65 + "@c.nl", None),
        ("\N{KELVIN SIGN}im@c.nl", None),
        ("a@" + ".".join(["b" * 60] * 5), None),
    ],
)
def test_a_login_is_an_address(text: str, login: str | None) -> None:
    assert login_of(text) == login


@pytest.mark.parametrize(
    ("text", "name"),
    [(" Noor  Beheer ", "Noor Beheer"), ("", None), ("x" * 101, None), ("a\nb", "a b"), ("a\u202eb", None)],
)
def test_a_name_is_one_line(text: str, name: str | None) -> None:
    assert name_of(text) == name


def test_what_is_sealed_opens_for_its_owner_and_purpose_only() -> None:
    secret = WebSecret(b"s" * 32)
    sealed = secret.seal("totp", "u1", b"JBSW")
    assert secret.open("totp", "u1", sealed) == b"JBSW"
    assert b"JBSW" not in sealed
    changed = bytes([sealed[0] ^ 1]) + sealed[1:]
    for other, purpose, owner, content in (
        (secret, "totp", "u2", sealed),
        (secret, "codes", "u1", sealed),
        (WebSecret(b"t" * 32), "totp", "u1", sealed),
        (secret, "totp", "u1", changed),
        (secret, "totp", "u1", b""),
        (secret, "totp", "u1", sealed[:11]),
    ):
        with pytest.raises(OpenError):
            other.open(purpose, owner, content)


def test_a_mark_is_its_owners() -> None:
    secret = WebSecret(b"s" * 32)
    assert secret.mark("r", "u1", "abc") == secret.mark("r", "u1", "abc")
    assert len({secret.mark(*of) for of in (("r", "u1", "abc"), ("r", "u2", "abc"), ("s", "u1", "abc"))}) == 3
    assert WebSecret(b"t" * 32).mark("r", "u1", "abc") != secret.mark("r", "u1", "abc")


def test_an_app_reads_the_address() -> None:
    made = totp.new_secret()
    read = pyotp.parse_uri(totp.address(made, "noor@handover.example", "InBeeld"))
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer, read.interval) == (
        made,
        "noor@handover.example",
        "InBeeld",
        30,
    )
    assert timedelta(seconds=totp.INTERVAL) == timedelta(seconds=30)
