"""The order of names in a list for people.

It promises that neither capitals nor accents move a name: "Élan" stands between "Eik" and "Filmwijk".
"""

import unicodedata


def alphabetical(name: str) -> tuple[str, str]:
    """By what a name is put in order; where only accents differ, by those."""
    folded = name.strip().casefold()
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return plain, folded
