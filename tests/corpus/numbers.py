"""Telephone numbers of nobody: drawn by lot, and written in the ways that people write them."""

from random import Random


class Numbers:
    """Draws numbers, and ways to write them."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def drawn(self) -> str:
        if self._dice.random() < 0.8:
            return (
                "06" + self._dice.choice("12345") + "".join(self._dice.choice("0123456789") for _ in range(7))
            )
        return self.landline()

    def landline(self) -> str:
        return "036" + self._dice.choice("58") + "".join(self._dice.choice("0123456789") for _ in range(6))

    def slip(self, digits: str) -> str:
        """The same number with one figure changed."""
        at = self._dice.randrange(4, 10)
        return digits[:at] + str((int(digits[at]) + self._dice.randrange(1, 9)) % 10) + digits[at + 1 :]

    def written(self, digits: str) -> str:
        head, rest = (digits[:2], digits[2:]) if digits.startswith("06") else (digits[:3], digits[3:])
        pairs = " ".join(rest[at : at + 2] for at in range(0, len(rest), 2))
        return self._dice.choice(
            [
                digits,
                f"{head}-{rest}",
                f"{head} {pairs}",
                f"{head}-{pairs}",
                f"{head} - {rest}",
                f"({head}) {rest}" if head != "06" else f"{head}.{pairs.replace(' ', '.')}",
                f"+31 {head[1:]} {rest}",
                f"+31{head[1:]}{rest}",
                f"0031 {head[1:]} {rest}",
            ]
        )


def e164(digits: str) -> str:
    return "+31" + digits[1:]
