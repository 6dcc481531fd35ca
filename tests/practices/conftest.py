"""Good practice as a unit sends it. Time stands at 15 August 2022 where a test does not say otherwise."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.practices.choosing import choose_practice
from apps.practices.domain import draft_practice, send_practice
from apps.practices.models import Practice, PracticeChoice
from tests.filings.conftest import at


@pytest.fixture
def today() -> Iterator[None]:
    with at(2022, 8, 15):
        yield


def photo(colour: str = "green", name: str = "车棚.jpg") -> SimpleUploadedFile:
    """A small picture."""
    file = BytesIO()
    Image.new("RGB", (640, 480), colour).save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), content_type="image/jpeg")


def drafted(actor: Actor, title: str = "共管充电车棚", **also: object) -> Practice:
    with acting(actor):
        return draft_practice(actor=actor, jurisdiction=actor.jurisdiction, title=title, text="三方共管。", **also)  # type: ignore[arg-type]


def sent(actor: Actor, title: str = "共管充电车棚", **also: object) -> Practice:
    practice = drafted(actor, title, **also)
    with acting(actor):
        return send_practice(practice, actor=actor, seen=practice.version)


def chosen(practice: Practice, *, actor: Actor) -> PracticeChoice:
    with acting(actor):
        return choose_practice(practice, actor=actor, seen=practice.round)
