"""What a referral is about: by the address it was sent to, or by a word of the referrer's own.

It promises that nobody guesses: an address of one theme says it; words say it only where they are of one
theme; and where several are taken and none was said, the referrer is asked, unless one desk takes everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.domain.route import MISSING_THEME, NoRoute
from gateway.pipeline.handover import Handovers
from gateway.reading.letters.record import Consent, PracticeKind, PracticeLetter, Topic
from gateway.reading.record import Reading, Verdict

REMARKS = frozenset({"bsn_present"})
"""Problems of a reading that ask nothing."""


class Themes:
    """Tells. `addresses`, `words` and `names` (which count in an answer alone) give the theme of each;
    `general` are the addresses for the rest."""

    def __init__(
        self,
        addresses: Mapping[str, str],
        words: Mapping[str, str],
        names: Mapping[str, str],
        reach: Mapping[str, str],
        domain: str,
        general: Iterable[str],
        handover: Handovers,
    ) -> None:
        self._addresses, self._words, self._names, self._domain = addresses, words, names, domain
        self._general, self._handover, self._reach = frozenset(general), handover, reach

    def words(self, known: Reading | None) -> dict[str, str]:
        """The words to look for, with their themes; more of them where the theme was asked for."""
        asked = known is not None and MISSING_THEME in known.problems
        return {**self._names, **self._words} if asked else dict(self._words)

    def said(self, recipients: Iterable[str], words: Iterable[str]) -> str | None:
        """The theme of a mail to these addresses in which words of these themes stand, if that is one.

        The general address may have a theme too: a word goes before it.
        """
        given = [address.lower() for address in recipients]
        own = {theme for one in given if one not in self._general and (theme := self._of(one))}
        named = frozenset(words)
        for found in (own, named, {theme for one in given if (theme := self._of(one))}):
            if found:
                return next(iter(found)) if len(found) == 1 else None
        return None

    def reach(self, theme: str | None) -> str:
        """How the patient of a referral about a theme is reached."""
        return self._reach.get(theme or "", "phone")

    def placed(self, reading: Reading, theme: str | None) -> Reading:
        """The reading, with the gemeente where the theme's one desk needs nothing more and none was named."""
        if reading.wijk is not None or "missing_wijk" not in reading.problems or reading.unopened:
            return reading
        place = self._handover.whole(theme)
        if place is None:
            return reading
        rest = tuple(problem for problem in reading.problems if problem != "missing_wijk")
        return _judged(replace(reading, wijk=place, problems=rest))

    def asked(self, reading: Reading, theme: str | None) -> Reading:
        """The reading, with the question for the theme where that must be asked, and without it where not."""
        if reading.verdict is Verdict.IGNORE or reading.unopened:
            return reading
        others = tuple(problem for problem in reading.problems if problem != MISSING_THEME)
        try:
            self._handover.theme(reading.wijk, theme)
        except NoRoute as error:
            if error.code == MISSING_THEME:
                others = (*others, MISSING_THEME)
        return _judged(replace(reading, problems=others)) if others != reading.problems else reading

    def _of(self, address: str) -> str | None:
        local, _, domain = address.lower().rpartition("@")
        return self._addresses.get(local) if domain == self._domain else None


def answered(letter: PracticeLetter, known: Reading | None, theme: str | None) -> PracticeLetter:
    """A letter that names the theme which was asked for and, as far as we understand, nothing else."""
    if theme is None or known is None or MISSING_THEME not in known.problems:
        return letter
    says = letter.kind is PracticeKind.NOTHING or (
        letter.kind is PracticeKind.UNCLEAR and letter.topic in (Topic.QUESTION, Topic.OTHER)
    )
    if not says:
        return letter
    rest = tuple(problem for problem in known.problems if problem != MISSING_THEME)
    return replace(letter, kind=PracticeKind.COMPLETED, reading=_judged(replace(known, problems=rest)))


def agreed(letter: PracticeLetter, consent: Consent) -> PracticeLetter:
    """A letter that states consent of the parents, which was asked for and is found by itself."""
    if consent is not Consent.GIVEN or letter.consent is Consent.GIVEN:
        return letter
    says_yes = letter.kind is PracticeKind.NOTHING or (
        letter.kind is PracticeKind.UNCLEAR and letter.topic in (Topic.QUESTION, Topic.OTHER)
    )
    return replace(letter, kind=PracticeKind.CONFIRMED if says_yes else letter.kind, consent=consent)


def _judged(reading: Reading) -> Reading:
    open_ = any(problem not in REMARKS for problem in reading.problems)
    return replace(reading, verdict=Verdict.INCOMPLETE if open_ else Verdict.REFERRAL)
