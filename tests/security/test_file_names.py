"""What a file is called decides neither where it is stored nor what the browser is told."""

import re
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, Evidence

ClientOf = Callable[[Actor], Client]
PDF = b"%PDF-1.4\n%%EOF\n"
BOUNDARY = "frontier"

PLAIN = {
    "up": "../../../x.pdf",
    "up, on Windows": "..\\..\\x.pdf",
    "absolute": "/etc/passwd",
    "drive": "C:\\Windows\\x.pdf",
    "nothing but dots": "....pdf",
    "ending alone": ".pdf",
    "page": "x.html",
    "two endings": "x.pdf.php",
    "long": "长" * 300 + ".pdf",
    "emoji": "🏠材料🌳.pdf",
    "right to left": "材\u202efdp.exe",
    "invisible": "材\u200b\u2066料\ufeff.pdf",
    "markup": "<img src=x onerror=alert(1)>.pdf",
    "quotes": "a';b`.pdf",
    "semicolon": "a; filename=evil.html",
    "percent": "%2e%2e%2f%00x.pdf",
    "template": "{{ settings.SECRET_KEY }}{% now 'Y' %}.pdf",
    "formula": "=cmd|' /C calc'!A0.pdf",
    "device": "con.pdf",
    "trailing": "x.pdf. . ",
}
# Only the extended form of the header can hold these.
EXTENDED = {
    "new line": "a\r\nSet-Cookie: a=b\r\n.pdf",
    "nul": "x\0.html",
    "double quote": 'a"; filename="evil.html',
    "slashes": "..%2f../x.pdf",
    "separator": "a\u2028b\u2029c.pdf",
}


def upload(client: Client, assessment: Assessment, disposition: str) -> int:
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; {disposition}\r\n'
        "Content-Type: text/html\r\n\r\n"
    ).encode() + PDF
    body += f"\r\n--{BOUNDARY}--\r\n".encode()
    url = reverse("evidence_add", args=[assessment.pk, 1])
    answer = client.post(
        url, body, content_type=f"multipart/form-data; boundary={BOUNDARY}", headers={"HX-Request": "true"}
    )
    return answer.status_code


def assert_harmless(client: Client) -> None:
    evidence = Evidence.objects.get()
    stored = str(evidence.file.name)
    assert re.fullmatch(r"[a-z0-9/_-]+\.pdf", stored)
    root = Path(settings.MEDIA_ROOT).resolve()
    assert Path(evidence.file.path).resolve().is_relative_to(root)
    assert [one for one in root.rglob("*") if one.is_file() and one.suffix != ".pdf"] == []
    assert evidence.name.endswith(".pdf")
    assert len(evidence.name) <= 200
    assert not re.search(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069\u200b\ufeff\u2028\u2029]", evidence.name)

    response = client.get(reverse("evidence", args=[evidence.pk]))
    assert response.getvalue() == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    header = Message()
    header["Content-Disposition"] = response["Content-Disposition"]
    assert header.get_content_disposition() == "attachment"
    assert header.get_filename() == evidence.name

    page = client.get(reverse("self_assessment", args=[evidence.assessment_id])).text
    assert "<img src=x" not in page
    assert settings.SECRET_KEY not in page


@pytest.mark.parametrize("name", PLAIN.values(), ids=PLAIN)
def test_file_called(client_of: ClientOf, drafted: Assessment, street_officer: Actor, name: str) -> None:
    client = client_of(street_officer)
    assert upload(client, drafted, f'filename="{name}"') == 200
    assert_harmless(client)


# A header above 1,024 bytes, as the long name makes it, is refused as a whole.
IN_EXTENDED_FORM = {key: name for key, name in (PLAIN | EXTENDED).items() if key != "long"}


@pytest.mark.parametrize("name", IN_EXTENDED_FORM.values(), ids=IN_EXTENDED_FORM)
def test_file_called_in_the_extended_form(
    client_of: ClientOf, drafted: Assessment, street_officer: Actor, name: str
) -> None:
    client = client_of(street_officer)
    assert upload(client, drafted, f"filename*=UTF-8''{quote(name, safe='')}") == 200
    assert_harmless(client)


@pytest.mark.parametrize(
    ("disposition", "status"),
    [
        ('filename=""', 422),
        ('filename=".."', 422),
        ('filename="../"', 422),
        ("filename*=UTF-8''%2e%2e", 422),
        ("filename*=UTF-8''%01%02", 422),
        (f"filename*=UTF-8''{'%E9%95%BF' * 300}.pdf", 400),
    ],
)
def test_file_without_a_usable_name_is_no_file(
    client_of: ClientOf, drafted: Assessment, street_officer: Actor, disposition: str, status: int
) -> None:
    assert upload(client_of(street_officer), drafted, disposition) == status
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/static/../config/settings/base.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2fmanage.py",
        "/static//etc/passwd",
        "/media/",
    ],
)
def test_addresses_lead_out_of_no_folder(client_of: ClientOf, street_officer: Actor, path: str) -> None:
    for client in (Client(), client_of(street_officer)):
        assert client.get("/", PATH_INFO=path).status_code == 404


def test_stored_files_have_no_address_of_their_own(
    client_of: ClientOf, evidence: Evidence, street_officer: Actor
) -> None:
    client = client_of(street_officer)
    for prefix in ("/media/", "/static/", "/", "/assessments/evidence/"):
        assert client.get(prefix + str(evidence.file.name)).status_code == 404
