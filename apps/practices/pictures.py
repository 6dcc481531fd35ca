"""Pictures of a practice: added and taken away while its unit may change it, judged as evidence is, made again for readers."""

from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from apps.accounts.permissions import Actor
from apps.assessments.files import PICTURE_TYPES, judge_file, row_fields
from apps.assessments.renditions import Unshowable, rendered
from apps.core.errors import InvalidInput
from apps.practices.domain import own_draft
from apps.practices.models import Practice, PracticePicture

MOST_PICTURES = 12
LONGEST_CAPTION = 100


@transaction.atomic
def add_picture(practice: Practice, file: UploadedFile, *, actor: Actor) -> PracticePicture:
    """Add a picture; the same one twice is kept once."""
    judged, shown_as = judge_file(file), (file.name or "照片")[:60]
    if judged.content_type not in PICTURE_TYPES:
        raise InvalidInput(f"“{shown_as}”不是照片。请选 JPG、PNG、WebP 格式的照片。")
    held = own_draft(practice, actor, "加照片")
    if (same := held.pictures.filter(sha256=judged.sha256).first()) is not None:
        return same
    if held.pictures.count() >= MOST_PICTURES:
        raise InvalidInput(f"已有 {MOST_PICTURES} 张照片，请先删去不需要的。")
    try:
        display, thumbnail = rendered(file)
    except Unshowable as error:
        raise InvalidInput(f"“{shown_as}”打不开。请重新拍摄或保存后再传。") from error
    file.seek(0)
    picture = PracticePicture(practice=held, **row_fields(file, judged, by=actor.user, unnamed="照片"))
    picture.display.save("display.jpg", ContentFile(display), save=False)
    picture.thumbnail.save("thumbnail.jpg", ContentFile(thumbnail), save=False)
    picture.save()
    return picture


@transaction.atomic
def remove_picture(picture: PracticePicture, *, actor: Actor) -> None:
    """Take a picture away; the stored files go once this is committed. Twice has one effect."""
    own_draft(picture.practice, actor, "删照片")
    PracticePicture.objects.filter(pk=picture.pk).delete()
    names = [str(one.name) for one in (picture.file, picture.display, picture.thumbnail) if one]

    def delete() -> None:
        for name in names:
            default_storage.delete(name)

    transaction.on_commit(delete, robust=True)


@transaction.atomic
def caption_pictures(practice: Practice, captions: Mapping[int, str], *, actor: Actor) -> None:
    """Say what pictures show, by their ids."""
    held = own_draft(practice, actor, "修改照片说明")
    for picture in held.pictures.filter(pk__in=captions):
        caption = captions[picture.pk].strip()
        if len(caption) > LONGEST_CAPTION:
            raise InvalidInput(f"照片说明“{caption[:20]}…”有 {len(caption)} 字，超过 {LONGEST_CAPTION} 字，请缩短。")
        if caption != picture.caption:
            picture.caption = caption
            picture.save(update_fields=["caption"])


def stored_names(names: set[str]) -> set[str]:
    """Those of ``names`` that a row names."""
    rows: Any = PracticePicture.objects.filter(Q(file__in=names) | Q(display__in=names) | Q(thumbnail__in=names))
    return names & {name for row in rows.values_list("file", "display", "thumbnail") for name in row}
