"""HTML that hides text: what nobody sees is never read, what anybody may see always is."""

import pytest

from gateway.reading.mail.text import html_text

_HIDDEN = [
    '<div style="display:none">X</div>',
    '<div style="DISPLAY : NONE !important">X</div>',
    '<span style="color:#333;visibility:hidden">X</span>',
    '<div style="font-size:0">X</div>',
    '<div style="font-size: 0.0px; line-height:0">X</div>',
    '<td style="font-size:0">X<span style="font-size:12px">Y</span></td>',
    '<div style="max-height:0px;overflow:hidden">X</div>',
    '<div style="mso-hide:all">X</div>',
    '<div style="opacity:0">X</div>',
    "<div hidden>X</div>",
    '<p style="color:white">X</p>',
    '<p><font color="#FFFFFF">X</font></p>',
    '<p style="color:rgb(255, 255, 255); background: #fff">X</p>',
    '<table bgcolor="#fefefe"><tr><td style="color:#ffffff">X</td></tr></table>',
    "<style>.pre {display:none; font-size:1px} p {margin:0}</style><div class='a pre'>X</div>",
    "<style>div.pre, span#q {visibility:hidden}</style><span id='q'>X</span>",
]
_SEEN = [
    "<p>X</p>",
    '<p style="font-size:0.9em;opacity:0.8;max-height:0">X</p>',
    '<td style="font-size:0"><span style="font-size:12px">X</span></td>',
    '<table bgcolor="#003366"><tr><td style="color:#fff">X</td></tr></table>',
    '<div style="background:#222;color:white"><p>X</p></div>',
    '<table background="ground.png"><tr><td style="color:#fff">X</td></tr></table>',
    "<style>@media print {.x {display:none}} body {color:#000}</style><p class='x'>X</p>",
    "<style>td {background:#123456}</style><table><tr><td><font color='white'>X</font></td></tr></table>",
    '<p style="color:white"><span style="color:black">X</span></p>',
]


@pytest.mark.parametrize("html", _HIDDEN)
def test_what_nobody_sees_is_not_read(html: str) -> None:
    assert "X" not in html_text(f"<html><body>{html}<p>seen</p></body></html>")
    assert "seen" in html_text(f"<html><body>{html}<p>seen</p></body></html>")


@pytest.mark.parametrize("html", _SEEN)
def test_what_anybody_may_see_is_read(html: str) -> None:
    assert "X" in html_text(f"<html><body>{html}<p>seen</p></body></html>")


def test_what_stands_behind_hidden_text_is_kept() -> None:
    assert html_text('<p>a<span style="display:none">X</span>b</p>').strip() == "ab"
