"""What figures mean: another country's number, a second one, a file's, and those of which some are missing.

Everybody is invented. A text is read as far as its numbers go; who is named and where they live is plain.
"""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case

N = "+31612384685"
READ: dict[str, tuple[str, ...]] = {
    # A file's figures beside the number.
    "Patiënt      : Noor Wagenaar\nDossiernr.   : 0612904471\nTelefoon     : 0612384685\nWijk         : Filmwijk": (N,),
    "Naam: Noor Wagenaar\nZorgdossier: 0612904471\nTel: 06-12384685\nWijk: Filmwijk": (N,),
    "Naam: Noor Wagenaar\nPatiëntnr.\t: 0612904471\nTel\t: 06-12384685\nWijk\t: Filmwijk": (N,),
    "NAAM     Noor Wagenaar\nPATNR    0612904471\nTEL      06 12384685\nWIJK     Filmwijk": (N,),
    "Naam: Noor Wagenaar\nCliëntnummer   :   0612 904 471\nMobiel: 06-12384685\nWijk: Filmwijk": (N,),
    "Elektronisch patiëntendossier: 0612904471\nNoor Wagenaar, Filmwijk, 06-12384685": (N,),
    "Noor Wagenaar, 120360, Filmwijk, 0612384685, huurschuld": (N,),
    "Noor Wagenaar 12031960 Filmwijk 0612384685": (N,),
    "Noor Wagenaar, Filmwijk, 0612384685, aanvraag met spoed, deurwaarder, COPD\nJoke": (N,),
    "Mw N. Wagenaar 999908133 M 0612384685 Filmwijk": (N,),
    "Noor Wagenaar (zaaknummer 0612904471), Filmwijk, tel 0612384685": (N,),
    # Another country's.
    "Noor Wagenaar (Filmwijk) kan de huur niet betalen. Belg: 0032 (0)495 32 06 17.": ("+32495320617",),
    "Noor Wagenaar, Filmwijk. Duits: +49 (0)151 23456789.": ("+4915123456789",),
    "Noor Wagenaar uit de Filmwijk heeft een Pools nummer: 0048-512-345-678.": ("+48512345678",),
    "Noor Wagenaar, Filmwijk, met landcode: 0031-(0)6-12 38 46 85.": (N,),
    "Mevrouw Noor Wagenaar geeft altijd alles met landnummer op: +31(0)6-12384685. Zij woont in de Filmwijk.": (N,),
    "Noor Wagenaar uit de Filmwijk, nummer met kengetal: (036) 534 88 21": ("+31365348821",),
    "Naam: Noor Wagenaar\nTelefoon: 00 34 611 20 47 83\nWijk: Filmwijk\nNederlands nummer volgt nog.": ("+34611204783",),
    "Naam: Noor Wagenaar\nTelefoon: 0032 495 32 06 17\nWijk: Filmwijk\nEen Nederlandse simkaart heeft ze nog niet.": ("+32495320617",),
    "Naam: Noor Wagenaar\nTelefoon: +49 151 23456789\nWijk: Filmwijk\nZij krijgt pas volgende maand een Nederlands nummer.": ("+4915123456789",),
    # A second one to fall back on.
    "Noor Wagenaar, Filmwijk. Zij is te bellen op 06-12384685, anders is er nog 036-5348821.": (N, "+31365348821"),
    "Noor Wagenaar uit de Filmwijk. Bel haar op 06-12384685; lukt dat niet, dan is er nog +32 495 32 06 17.": (N, "+32495320617"),
    "Noor Wagenaar, Filmwijk. Haar mobiel is 06-12384685. Lukt dat niet, dan heeft ze ook een werktelefoon: 036-5348821.": (N, "+31365348821"),
    "Noor Wagenaar, Filmwijk. Mobiel 06-12384685, daarna thuis 036-5348821.": (N, "+31365348821"),
    "Noor Wagenaar, Filmwijk. Privé 06-12384685. Zij heeft ook een zakelijke telefoon, 06-41424344.": (N, "+31641424344"),
    "Betreft Noor Wagenaar, Filmwijk. Bereikbaar op haar werk 036-5348821 (tot vijf uur), daarna mobiel 06-12384685.": ("+31365348821", N),
    "Noor Wagenaar uit de Filmwijk is overdag aan het werk. Haar eigen mobiel 06-12384685 heeft zij altijd bij zich.": (N,),
    "Noor Wagenaar, Filmwijk. Telefoon thuis 036-53488 (meer cijfers staan niet in ons systeem) en mobiel 06-12384685.": (N,),
    "Noor Wagenaar, Filmwijk. Zij is te bellen op 06-12384685, anders is er nog haar zus, 036-5348821, die neemt altijd op.": (N,),
    "Noor Wagenaar, Filmwijk. Haar werkmobiel 06-12384685 neemt zij altijd op.": (N,),
    "Noor Wagenaar, Filmwijk, 06-12384685 (tot 17 uur).": (N,),
    # As they are typed.
    "Noor Wagenaar // 06 123 84 685 // Filmwijk": (N,),
    "Noor Wagenaar | 06.123.84.685 | Filmwijk": (N,),
    "naam;telefoon;wijk\n\"Wagenaar, mw. N.\";612384685;Filmwijk": (N,),
    "Mevr Noor Wagenaar uit de Filmwijk, haar nr 0 6 1 2 3 8 4 6 8 5 (cijfer voor cijfer, ik typ op telefoon)": (N,),
    "Patiënt Noor Wagenaar woont in de Filmwijk.\nMijn indruk: goedwillend.\nPatiënt is te bereiken op telefoonnummer 0612-384 685.": (N,),
    "Noor Wagenaar, Filmwijk. Zij zou geholpen zijn met een betaalplan. Nummer: +31 6 12 38 46 85<tel:+31612384685>": (N,),
    "Noor Wagenaar uit de Filmwijk, [06-12384685](tel:0612384685).": (N,),
    "Naam: Noor Wagenaar\nTel: ０６－１２３８４６８５\nWijk: Filmwijk": (N,),
    "Naam: Noor Wagenaar\nTel: 06-12\u200b 38\u200b 46\u200b 85\nWijk: Film\u00adwijk": (N,),
    "Joke Terpstra HAP, 036-5301960\n\nMevrouw Noor Wagenaar, Filmwijk (06.12.38.46.85).\n\nJoke Terpstra, spreekuur ma/di 036-5301961": (N,),
    # What is said of single figures.
    "Noor Wagenaar, Filmwijk. Ik had de laatste cijfers omgedraaid: het is 06-12384685, niet ...58.": (N,),
    "Noor Wagenaar, Filmwijk. Ik had de laatste twee cijfers omgedraaid: het is 06-12384685.": (N,),
    "Noor Wagenaar, Filmwijk. Hier de ontbrekende cijfers, dus voluit 06-12384685.": (N,),
    "Graag bellen met Noor Wagenaar (Filmwijk) op 0612 38 46 85. Het laatste cijfer is een 5, heb ik nagevraagd.": (N,),
    "Noor Wagenaar, Filmwijk, 06-12384685. Het eindigt dus op 85.": (N,),
}  # fmt: skip

# What passes nobody's number, with the problem that is told.
ASKED: dict[str, str] = {
    "Naam: Noor Wagenaar\nDossiernr.   : 0612384685\nWijk: Filmwijk": "missing_phone",
    "Naam: Noor Wagenaar\nZorgdossier: 0365-348821\nWijk: Filmwijk": "missing_phone",
    "PATIENT  Noor Wagenaar\nPATNR    0612384685\nWIJK     Filmwijk": "missing_phone",
    "Noor Wagenaar, Filmwijk. Zij werkt voor een Belg: 0032 495 32 06 17.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Haar huisbaas is Pool: +48 512 345 678.": "ambiguous_phone",
    "Naam: Noor Wagenaar\nTelefoon: 06-12384685\nWijk: Filmwijk\nEen Nederlands nummer heeft ze niet.": "ambiguous_phone",

    "Noor Wagenaar, Filmwijk. Zij is overdag op haar werk, via de receptie van het bedrijf 036-5348821.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Haar werkmobiel 06-12384685 moet zij vrijdag inleveren.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk, 06-12384685 (tot 5 mei).": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Werknummer van haar man: 06-12384685.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Haar zus is te bellen op 06-41424344, anders is er nog 06-12384685.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Zij komt met haar vellaster. Nummer: 06-12384685": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Ik had de laatste cijfers omgedraaid: het is 06-12384685, niet 85.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Ik had de laatste cijfers omgedraaid: het is 06-12384685, niet 85 maar 58.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Vroeger had zij een abonnement: dat is 06-12384685.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Zij wordt geholpen met een vellaster. Nummer: 06-12384685": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk, logeert bij Poolse kennissen. Pools: +48 512 345 678.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. De Belg: 0032 495 32 06 17.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Buurman, Pool: +48 512 345 678.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk, 06-12384685. Laatste cijfer is een 5 dacht ik.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk, 06-12384685. Eindigt haar nummer op 85?": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Zij had tot vorige maand een abonnement: het nummer is 06-12384685.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Haar man belt op 06-41424344, daarna 06-12384685.": "ambiguous_phone",
    "Naam: Noor Wagenaar\nWijk: Filmwijk\nPatiënt is bekend bij flemhuis, bereikbaar op 06-12384685.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Dochter M 06-12384685": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk. Werknummer: 036-5348821 (vragen naar Piet).": "ambiguous_phone",
    "Naam: Noor Wagenaar\nTel.: 06-12384685 [doorgehaald, niets voor in de plaats geschreven]\nWijk: Filmwijk": "missing_phone",
    "Noor Wagenaar, Filmwijk. Telefoon gestolen vorige week (was 06 1238 4685). Een nieuwe heeft zij nog niet.": "missing_phone",
    "Naam: Noor Wagenaar\nTel: 06******85\nWijk: Filmwijk": "invalid_phone",
    "Naam: Noor Wagenaar\nTel: 06-1?38 4?85\nWijk: Filmwijk": "invalid_phone",
    "Client   Noor Wagenaar\nMobiel   06-****4685\nWijk     Filmwijk": "invalid_phone",
    "Dhr. Noor Wagenaar, Filmwijk, 06-12 38 ?? 85 - ik kan het handschrift niet lezen.": "invalid_phone",
    "Mevr Noor Wagenaar, Filmwijk, 06-12 38 4x xx (rest onleesbaar op mijn briefje, sorry)": "invalid_phone",
    "Naam;Tel;Wijk\nNoor Wagenaar;06******85;Filmwijk\n\nVerzonden door: I. Pannekoek, 06-37 21 60 84": "invalid_phone",
    "Noor Wagenaar, Filmwijk, tel 06 1 2 3 8 _ _ 8 5": "invalid_phone",
    "Noor Wagenaar (Filmwijk) op 0612 38 46 85. Het laatste cijfer is een 6, heb ik nagevraagd.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk, 06-12384685. Het eindigt niet op 85 maar op 58.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk, 06-12384685. Let op: het nummer eindigt op 85.": "ambiguous_phone",
    "Noor Wagenaar, Filmwijk, 06-12384685. De laatste cijfers zijn 85 of 58.": "ambiguous_phone",
}  # fmt: skip


BELOW = """

Van: Balie <balie@hapduinzicht.example>
Verzonden: vrijdag 30 mei 2025 15:50
Onderwerp: aanmelding Wagenaar

Mw. Noor Wagenaar
06-27643018
Filmwijk
"""
# What is said above an older mail of the number in it, and what is left.
ABOVE: dict[str, str] = {
    "Nummer hieronder is oud. Nieuw nummer van mevrouw: 06-12 38 46 85.": N,
    "Het nummer hieronder is verouderd. Zij is bereikbaar op 06-12384685.": N,
    "Onderstaand nummer is oud, het nieuwe is 06-12384685.": N,
    "Hier de ontbrekende cijfers, dus voluit 06-12384685.": N,
    "Nummer hieronder is oud. Haar dochter: 06-12384685.": "ambiguous_phone",
    "Nummer hieronder is oud. Haar nieuwe nummer volgt.": "missing_phone",
    "Stop, niet bellen! Het nummer dat ik gaf hoort bij een andere mevrouw Wagenaar.": "missing_phone",
    "Dat nummer is van haar zus.": "ambiguous_phone",
    "De laatste twee cijfers kloppen niet.": "ambiguous_phone",
}


@pytest.mark.parametrize("text", READ)
def test_figures_that_are_read(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text).raw(), almere)
    assert (reading.phone, *reading.other_phones) == READ[text]


@pytest.mark.parametrize("text", ASKED)
def test_figures_that_are_asked_about(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text).raw(), almere)
    assert (reading.phone, reading.other_phones) == (None, ())
    assert ASKED[text] in reading.problems


@pytest.mark.parametrize("text", ABOVE)
def test_figures_above_older_ones(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text + BELOW).raw(), almere)
    assert ABOVE[text] in {reading.phone, *reading.problems}
