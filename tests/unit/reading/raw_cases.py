"""Whole mails as programs send them: encodings, character sets, HTML, quotes, forms and forwards."""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501, N802, UP031
# fmt: off

import base64

from tests.unit.reading.adversary_cases import KEES, ROOS
from tests.unit.reading.case import Case


def mime(id: str, raw: str, charset: str, name: str | None = None, phone: str | None = None, wijk: str | None = None, others: tuple[str, ...] = (), problems: tuple[str, ...] = (), ignore: bool = False) -> Case:
    """A case of which the whole mail is given; CRLF at every line's end."""
    return Case(id, "", name, phone, wijk, others, problems, ignore=ignore, message=raw.replace("\n", "\r\n").encode(charset))

HEAD = "From: %s\nTo: aanmelding@handover.example\nSubject: %s\nDate: Wed, 05 Mar 2025 09:12:00 +0100\nMessage-ID: <%s@x.example>\nMIME-Version: 1.0\n"


def H(number: str, subject: str = "Aanmelding", sender: str = KEES) -> str:
    """The header of a mail."""
    return HEAD % (sender, subject, number)


def B64(text: str) -> str:
    """A body in base64."""
    return base64.encodebytes(text.encode()).decode()


OL = '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style><!-- p.MsoNormal {margin:0cm;font-size:11.0pt;} --></style></head><body lang="NL"><div class="WordSection1">%s</div></body></html>'


def P(*lines: str) -> str:
    """Paragraphs as Outlook writes them."""
    return "".join(f'<p class="MsoNormal">{line}<o:p></o:p></p>' for line in lines)


PLAIN = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
HTM = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
RAW = [
    mime("raw-qp-soft", H("1") + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGraag contact opnemen met mevrouw Zo=EB Lef=E8vre, telefoonnummer 06-38=\n47 56 01, wonend in de Bouw=\nmeesterbuurt. Zij heeft schulden.\n\nGroet, Kees\n", "ascii", "Zoë Lefèvre", "+31638475601", "Bouwmeesterbuurt"),
    mime("raw-cp1252", H("2") + "Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: 8bit\n\nPatiënt: José Müller\nTel.: 06–38475602\nWijk: Staatsliedenwijk\nZorgkosten € 385\n", "cp1252", "José Müller", "+31638475602", "Staatsliedenwijk"),
    mime("raw-b64", H("3") + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + B64("Naam: Łukasz Żak\r\nTel: 06-38475603\r\nWijk: Sieradenbuurt\r\n"), "ascii", "Łukasz Żak", "+31638475603", "Sieradenbuurt"),
    mime("raw-flowed", H("4") + "Content-Type: text/plain; charset=utf-8; format=flowed\n\nGraag aanmelden mevrouw Petronella van \nder Wal-Kuiper, zij woont in Tussen de \nVaarten en is bereikbaar op 06-384 \n75604.\n\nGroet\nKees van Putten\n", "utf-8", "Petronella van der Wal-Kuiper", "+31638475604", "Tussen de Vaarten"),
    mime("raw-outlook", H("5") + HTM + OL % P("Goedemorgen,", "&nbsp;", "Hierbij meld ik aan:", "<b>Gijs&nbsp;van&nbsp;Aalst</b>", "Tel.:&nbsp;06&nbsp;38475605", "Wijk: <span style='color:red'>Filmwijk</span>", "&nbsp;", "Met vriendelijke groet,", "Kees van Putten", "Huisarts", "T 036-5219981"), "utf-8", "Gijs van Aalst", "+31638475605", "Filmwijk"),
    mime("raw-outlook-table", H("6") + HTM + OL % ("<table border=1>" + "".join("<tr><td>%s</td><td>%s</td></tr>" % (P(a), P(b)) for a, b in [("Naam patiënt", "Dhr. H. Noordam"), ("Geb.dat.", "3-4-1958"), ("Tel", "036-5338840 / 06-38475606"), ("Adres", "Bachweg 3, 1323 DD Almere"), ("Wijk", "Muziekwijk zuid")]) + "</table>"), "utf-8", "H. Noordam", "+31365338840", "Muziekwijk Zuid", others=("+31638475606",)),
    mime("raw-table-headrow", H("7") + HTM + "<table><tr><th>Naam</th><th>Telefoon</th><th>Wijk</th></tr><tr><td>mw. L. Timmer</td><td>0638475607</td><td>Parkwijk</td></tr></table><p>Groet, Kees</p>", "utf-8", "L. Timmer", "+31638475607", "Parkwijk"),
    mime("raw-table-headrow-two", H("8") + HTM + "<table><tr><th>Naam</th><th>Telefoon</th><th>Wijk</th></tr><tr><td>mw. L. Timmer</td><td>0638475607</td><td>Parkwijk</td></tr><tr><td>dhr. O. Kuyt</td><td>0638475608</td><td>Filmwijk</td></tr></table><p>Groet, Kees</p>", "utf-8", problems=("several_patients",)),
    mime("raw-gmail-quote", H("9", "Re: aanmelding") + HTM + '<div dir="ltr">Oeps, het nummer is 0638475609.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Op wo 5 mrt 2025 om 09:00 schreef Kees van Putten &lt;<a href="mailto:k@x.example">k@x.example</a>&gt;:<br></div><blockquote class="gmail_quote" style="margin:0"><div>Mevrouw Yara Vink, 0638475690, Nobelhorst</div></blockquote></div>', "utf-8", "Yara Vink", "+31638475609", "Nobelhorst"),
    mime("raw-alt", H("10") + 'Content-Type: multipart/alternative; boundary="b1"\n\n--b1\n' + PLAIN + "Jan Schaap\n06-38475610\nDe Grienden\n\nKees\n--b1\n" + HTM + "<div>Jan Schaap<br>06-38475610<br>De Grienden<br><br>Kees</div>\n--b1--\n", "utf-8", "Jan Schaap", "+31638475610", "De Grienden"),
    mime("raw-alt-empty-plain", H("11") + 'Content-Type: multipart/alternative; boundary="b1"\n\n--b1\n' + PLAIN + "\n\n--b1\n" + HTM + "<div>Jan Schaap<br>06-38475610<br>De Grienden<br><br>Kees</div>\n--b1--\n", "utf-8", "Jan Schaap", "+31638475610", "De Grienden"),
    mime("raw-rfc822-fwd", H("12", "Fwd: patient") + 'Content-Type: multipart/mixed; boundary="b1"\n\n--b1\n' + PLAIN + "Zie bijlage.\n\nKees\n--b1\nContent-Type: message/rfc822\n\nFrom: Roos Abbink <roos@x.example>\nTo: k.vanputten@praktijk-molenwiek.example\nSubject: patient\nMIME-Version: 1.0\n" + PLAIN + "Kees, graag doorsturen: mw. Inge Raven, 06-38475611, De Wierden\n\nRoos\n06-11223399\n--b1--\n", "utf-8", "Inge Raven", "+31638475611", "De Wierden"),
    mime("raw-pdf-attach", H("13") + 'Content-Type: multipart/mixed; boundary="b1"\n\n--b1\n' + PLAIN + "Inge Raven, 06-38475611, De Wierden\n--b1\nContent-Type: application/pdf; name=brief.pdf\nContent-Disposition: attachment; filename=brief.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--b1--\n", "utf-8", "Inge Raven", "+31638475611", "De Wierden"),
    mime("raw-only-attach", H("14") + 'Content-Type: multipart/mixed; boundary="b1"\n\n--b1\n' + PLAIN + "Zie bijgevoegde verwijsbrief.\n\nGroet Kees van Putten\n--b1\nContent-Type: application/pdf; name=brief.pdf\nContent-Disposition: attachment; filename=brief.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--b1--\n", "utf-8"),
    mime("raw-encoded-subject", H("15", "=?utf-8?Q?Aanmelding_mw=2E_Ren=C3=A9e_G=C3=B6kmen_Danswijk?=") + PLAIN + "Te bereiken op 06-38475612.\nGroet, Kees van Putten\n", "utf-8", "Renée Gökmen", "+31638475612", "Danswijk"),
    mime("raw-encoded-subject-b", H("16", "=?iso-8859-1?B?" + base64.b64encode("Patiënt: Zoë Bär, 06-38475613, Waterwijk".encode("latin-1")).decode() + "?=") + PLAIN + "\n", "utf-8", "Zoë Bär", "+31638475613", "Waterwijk"),
    mime("raw-utf8-mislabelled", H("17") + "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 8bit\n\nPatiënt: Zoë Bär, 06-38475613, Waterwijk\n", "utf-8", "Zoë Bär", "+31638475613", "Waterwijk"),
    mime("raw-nocharset-latin", H("18") + "Content-Type: text/plain\n\nPatiënt: Zoë Bär, 06-38475613, Waterwijk\n", "latin-1", "Zoë Bär", "+31638475613", "Waterwijk"),
    mime("raw-no-mime", "From: %s\nTo: a@b.example\nSubject: Aanmelding\n\nJan Schaap, 06-38475610, De Grienden\n" % KEES, "utf-8", "Jan Schaap", "+31638475610", "De Grienden"),
    mime("raw-iphone", H("19") + PLAIN + "Jan Schaap\n0638475610\nGrienden\nSchulden, graag bellen\n\nVerstuurd vanaf mijn iPhone\n", "utf-8", "Jan Schaap", "+31638475610", "De Grienden"),
    mime("raw-samsung", H("20") + PLAIN + "Mevr Jo Haan belt u over schulden? 0638475614 Stripheldenbuurt\n\n\nVerzonden vanaf mijn Galaxy\n", "utf-8", "Jo Haan", "+31638475614", "Stripheldenbuurt"),
    mime("raw-outlook-mobile", H("21") + PLAIN + "Mevr Jo Haan, 0638475614, Stripheldenbuurt\n\nOutlook voor Android<https://aka.ms/x> downloaden\n", "utf-8", "Jo Haan", "+31638475614", "Stripheldenbuurt"),
    mime("raw-caution", H("22", "FW: aanmelding") + PLAIN + "LET OP: Deze e-mail komt van buiten de organisatie. Klik niet op links. Vragen? Servicedesk 088-1234567.\n\nMw. Jo Haan, 0638475614, Stripheldenbuurt\n\nKees\n", "utf-8", "Jo Haan", "+31638475614", "Stripheldenbuurt"),
    mime("raw-zivver", H("23") + HTM + "<table><tr><td><h1>Veilig bericht</h1></td></tr><tr><td><p>Beste,</p><p>Graag aandacht voor Mw. Saskia de Leeuw, 06 38 47 56 15, Bloemenbuurt.</p><p>Groeten, Kees</p></td></tr><tr><td><p>Dit bericht is veilig verstuurd met BeveiligMail. Hulp nodig? Bel 085-0160555.</p><p>BeveiligMail BV, Spaklerweg 52, 1114 AE Amsterdam</p></td></tr></table>", "utf-8", "Saskia de Leeuw", "+31638475615", "Bloemenbuurt"),
    mime("raw-outlook-fwd-html", H("24", "FW: mw de Leeuw") + HTM + OL % (P("Graag oppakken.", "Groet, Kees van Putten", "T 036-5219981") + '<div style="border:none;border-top:solid #E1E1E1 1.0pt">' + P("<b>Van:</b> Roos Abbink &lt;roos@x.example&gt;<br><b>Verzonden:</b> dinsdag 4 maart 2025 10:00<br><b>Aan:</b> Kees van Putten<br><b>Onderwerp:</b> mw de Leeuw") + "</div>" + P("Mw. Saskia de Leeuw wil hulp bij schulden.", "06 38 47 56 15", "Bloemenbuurt", "Roos", "06-11223399")), "utf-8", "Saskia de Leeuw", "+31638475615", "Bloemenbuurt"),
    mime("raw-re-re", H("25", "RE: RE: aanmelding") + PLAIN + "Nee sorry, het is toch Danswijk.\n\nVan: Aanmelding <aanmelding@handover.example>\nVerzonden: dinsdag 4 maart 2025 10:00\nAan: Kees van Putten\nOnderwerp: RE: aanmelding\n\nDank voor uw bericht. In welke wijk woont de patiënt?\n\nVan: Kees van Putten <k.vanputten@praktijk-molenwiek.example>\nVerzonden: dinsdag 4 maart 2025 09:00\nAan: Aanmelding\nOnderwerp: aanmelding\n\nMw. Saskia de Leeuw, 06 38 47 56 15, Bloemenbuurt of Danswijk\n", "utf-8", "Saskia de Leeuw", "+31638475615", "Danswijk"),
    mime("raw-dsn", "From: MAILER-DAEMON@x.example\nTo: aanmelding@handover.example\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n" + 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\nContent-Type: text/plain\n\nYour message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; k@x.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n', "ascii", ignore=True),
    mime("raw-ooo-plain", H("26", "Automatisch antwoord: in beeld", ROOS) + PLAIN + "Ik ben vandaag vrij. Bel voor vragen mw. De Wit, 06-11223311, Parkwijk.\n", "utf-8", ignore=True),
    mime("raw-ooo-eng", H("27", "Out of office: in beeld", ROOS) + "X-Autoreply: yes\n" + PLAIN + "I am out of the office until Monday.\n", "utf-8", ignore=True),
    mime("raw-newsletter", "From: Vakblad <nieuws@vakblad.example>\nTo: aanmelding@handover.example\nSubject: Nieuws voor de praktijk\nList-Unsubscribe: <https://vakblad.example/u>\nPrecedence: bulk\nMIME-Version: 1.0\n" + PLAIN + "Deze week: schulden in Almere Buiten. Bel 036-1234567.\n", "utf-8", ignore=True),
    mime("raw-calendar", H("28", "Uitnodiging: overleg") + 'Content-Type: multipart/alternative; boundary="b"\n\n--b\n' + PLAIN + "Overleg maandag 10 uur\n--b\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:overleg\nEND:VEVENT\nEND:VCALENDAR\n--b--\n", "utf-8", ignore=True),
    mime("raw-hidden-preheader", H("29") + HTM + '<div style="display:none">Mw. Nep, 06-99999999, Poort</div><p>Mw. Saskia de Leeuw<br>06 38 47 56 15<br>Bloemenbuurt</p>', "utf-8", "Saskia de Leeuw", "+31638475615", "Bloemenbuurt"),
    mime("raw-dl", H("30") + HTM + "<dl><dt>Naam</dt><dd>Dirk Bos</dd><dt>Telefoon</dt><dd>06-38475616</dd><dt>Wijk</dt><dd>Verzetswijk</dd></dl>", "utf-8", "Dirk Bos", "+31638475616", "Verzetswijk"),
    mime("raw-ul", H("31") + HTM + "<ul><li>Dirk Bos</li><li>06-38475616</li><li>Verzetswijk</li></ul><p>-- <br>Kees van Putten<br>06-22334455</p>", "utf-8", "Dirk Bos", "+31638475616", "Verzetswijk"),
    mime("raw-nbsp-split", H("32") + HTM + "<p>Dirk&nbsp;Bos&nbsp;&ndash;&nbsp;06&#8209;3847&#8239;5616&nbsp;&ndash;&nbsp;Verzets&shy;wijk</p>", "utf-8", "Dirk Bos", "+31638475616", "Verzetswijk"),
    mime("raw-zwsp", H("33") + PLAIN + "\ufeffNaam: Dirk\u200b Bos\nTel:\u00a006\u2011384756\u200b16\nWijk: Verzetswijk\n", "utf-8", "Dirk Bos", "+31638475616", "Verzetswijk"),
    mime("raw-smart", H("34") + "Content-Type: text/plain; charset=windows-1252\n\nPatiënt “Dirk Bos” – tel. 06 38475616 – wijk ‘Verzetswijk’\n", "cp1252", "Dirk Bos", "+31638475616", "Verzetswijk"),
    mime("raw-form", "From: Website <formulier@praktijk.example>\nTo: aanmelding@handover.example\nReply-To: info@praktijk.example\nSubject: Nieuwe aanmelding via formulier\nMIME-Version: 1.0\n" + PLAIN + "Verwijzer: K. van Putten\nPraktijk: Molenwiek\nTelefoon praktijk: 036-5219981\n\nPatiënt naam: Rosa Blanken\nPatiënt telefoon: 06-38475617\nPatiënt wijk: Seizoenenbuurt\nToelichting: schulden\n", "utf-8", "Rosa Blanken", "+31638475617", "Seizoenenbuurt"),
    mime("raw-form2", H("35") + PLAIN + "Gegevens verwijzer\nNaam: Kees van Putten\nTelefoon: 036-5219981\n\nGegevens patiënt\nNaam: Rosa Blanken\nTelefoon: 06-38475617\nWijk: Seizoenenbuurt\n", "utf-8", "Rosa Blanken", "+31638475617", "Seizoenenbuurt"),
    mime("raw-form3", H("36") + HTM + "<table><tr><td colspan=2><b>Verwijzer</b></td></tr><tr><td>Naam</td><td>Kees van Putten</td></tr><tr><td>Tel</td><td>036-5219981</td></tr><tr><td colspan=2><b>Patiënt</b></td></tr><tr><td>Naam</td><td>Rosa Blanken</td></tr><tr><td>Tel</td><td>06-38475617</td></tr><tr><td>Wijk</td><td>Seizoenenbuurt</td></tr></table>", "utf-8", "Rosa Blanken", "+31638475617", "Seizoenenbuurt"),
    mime("raw-form-contactpersoon", H("37") + PLAIN + "Patiënt\nNaam: Rosa Blanken\nTelefoon: 06-38475617\nWijk: Seizoenenbuurt\n\nContactpersoon\nNaam: Jaap Blanken (zoon)\nTelefoon: 06-38475618\n", "utf-8", "Rosa Blanken", "+31638475617", "Seizoenenbuurt"),
    mime("raw-fwd-patient-sig", H("38", "FW: hulp gevraagd") + PLAIN + "Graag hulp voor onderstaande patiënt (akkoord). Hij woont in Cascadepark.\n\nKees van Putten\n036-5219981\n\nVan: Bram Kooiman <bram@mail.example>\nVerzonden: maandag 3 maart 2025 20:12\nAan: praktijk\nOnderwerp: hulp gevraagd\n\nBeste dokter,\n\nIk kom er niet meer uit met mijn rekeningen. Wie kan mij helpen?\n\nGroet,\nBram Kooiman\n06-38475619\n", "utf-8", "Bram Kooiman", "+31638475619", "Cascadepark"),
    mime("raw-newer-wins-all", H("39", "RE: aanmelding") + PLAIN + "Vergeet mijn vorige mail, dit is een nieuwe: Naam: Alie Stam, tel 06-38475620, Kruidenwijk.\n\nGroet Kees\n\nOp di 4 mrt 2025 om 10:00 schreef Kees van Putten <k.vanputten@praktijk-molenwiek.example>:\n> Naam: Hans Kip, tel 06-38475621, Filmwijk\n", "utf-8", "Alie Stam", "+31638475620", "Kruidenwijk"),
    mime("raw-bottom-post", H("40", "Re: aanmelding - nog niet compleet") + PLAIN + "> Beste verwijzer,\n>\n> Wij missen de wijk van de patiënt.\n>\n>> Naam: Alie Stam, tel 06-38475620\n\nKruidenwijk\n\nGroet Kees\n", "utf-8", "Alie Stam", "+31638475620", "Kruidenwijk"),
    mime("raw-thanks", H("41", "Re: in beeld") + PLAIN + "Dank voor de snelle reactie!\n\nKees van Putten\n036-5219981\n", "utf-8"),
    mime("raw-fax-only", H("42") + PLAIN + "Naam: Alie Stam\nFax: 036-5338841\nWijk: Kruidenwijk\n", "utf-8", "Alie Stam", None, "Kruidenwijk"),
    mime("raw-tel-sig-separator", H("43") + PLAIN + "Alie Stam\nKruidenwijk\n06-38475620\n-- \nKees van Putten\nMobiel 06-22334455\n", "utf-8", "Alie Stam", "+31638475620", "Kruidenwijk"),
    mime("raw-sig-no-sep", H("44") + PLAIN + "Alie Stam\nKruidenwijk\nKees van Putten\nhuisarts\nMobiel 06-22334455\n", "utf-8", "Alie Stam", None, "Kruidenwijk"),
    mime("raw-doorgestuurd", H("45", "Doorgestuurd: pt Stam") + PLAIN + "Begin doorgestuurd bericht:\n\n> Van: Roos Abbink <roos@x.example>\n> Onderwerp: pt Stam\n> Datum: 5 maart 2025 om 08:11:10 CET\n> Aan: kees@x.example\n>\n> Alie Stam 06-38475620 Kruidenwijk, wil graag hulp\n> Roos\n", "utf-8", "Alie Stam", "+31638475620", "Kruidenwijk"),
]
