"""Evidence (佐证材料): attaching files to a criterion or a site visit, using one at several criteria, its caption and its turn."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.assessments.domain import check_editable
from apps.assessments.files import Judged, judge_file, safe_name
from apps.assessments.filling import may_fill
from apps.assessments.models import Assessment, Evidence, SiteVisit
from apps.assessments.refusals import whose_turn
from apps.assessments.site_visits import open_visit
from apps.assessments.steps import Opened, note_filling_in, open_for
from apps.assessments.stored_files import delete_with_files
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.models import Criterion

# What a row takes over from another one of the same file.
_SHARED = ("name", "content_type", "size", "sha256", "caption", "rotation", "taken_at", "latitude", "longitude")
_STORED = ("file", "display", "thumbnail")
QUARTER_TURNS = (0, 90, 180, 270)
CAPTION_LENGTH = 200


@transaction.atomic
def attach_evidence(
    assessment: Assessment, criterion: Criterion, file: UploadedFile, *, actor: Actor, caption: str = ""
) -> Evidence:
    """Attach a file to a criterion (佐证材料); the same file twice on one criterion is kept once, on several stored once."""
    # Judging may take seconds: only for whom it is open, and without the lock that others would wait for.
    require(actor, "self_assess", assessment.path)
    now = Assessment.objects.with_context().get(pk=assessment.pk)
    if not may_fill(now, actor):
        raise TransitionError(whose_turn(now))
    check_editable(now, criterion)
    judged = judge_file(file)
    opened = open_for(assessment, actor, by_submitter=True)
    check_editable(opened.assessment, criterion)
    contents = _contents(opened.assessment, file, judged, caption)
    same = Evidence.objects.filter(assessment=opened.assessment, sha256=judged.sha256, criterion__isnull=False).first()
    if same is not None:
        contents |= {"caption": contents["caption"] or same.caption, "rotation": same.rotation}
    return _add(opened, contents, f"第 {criterion.number} 条", actor=actor, criterion=criterion)


@transaction.atomic
def attach_again(source: Evidence, criterion: Criterion, *, actor: Actor) -> Evidence:
    """Let a file of the assessment stand at a further criterion (选用已上传的材料): a row of its own, the same stored file."""
    opened = open_for(source.assessment, actor, by_submitter=True)
    # Read again under the lock: whoever deletes it waits, or was faster.
    found = Evidence.objects.filter(pk=source.pk, assessment=opened.assessment, criterion__isnull=False).first()
    if found is None:
        raise TransitionError(f"“{source.name}”已被删去，不能选用。请刷新后重新选择。")
    if criterion.standard_id != opened.assessment.standard_id:
        raise InvalidInput(f"第 {criterion.number} 条不是这件自评所用标准的条目。")
    check_editable(opened.assessment, criterion)
    contents = _stored(found) | {field: getattr(found, field) for field in _SHARED}
    return _add(opened, contents, f"第 {criterion.number} 条", actor=actor, criterion=criterion)


@transaction.atomic
def attach_visit_photo(visit: SiteVisit, file: UploadedFile, *, actor: Actor, caption: str = "") -> Evidence:
    """Attach a photo or document to a site visit (现场核查) while the visit can be mended; the same file once per visit."""
    require(actor, "review_assessments", visit.path)
    if visit.jurisdiction_id != actor.jurisdiction.pk:
        raise PermissionDenied(f"这次核查由{visit.jurisdiction}登记，只有{visit.jurisdiction}可以修改或删除。")
    judged = judge_file(file)
    opened, visit = open_visit(visit, actor)
    contents = _contents(opened.assessment, file, judged, caption)
    return _add(opened, contents, "这次核查", actor=actor, site_visit=visit)


@transaction.atomic
def remove_evidence(evidence: Evidence, *, actor: Actor) -> Criterion:
    """Take a file away from its criterion while the self-assessment is open; stored files go once this is committed.

    Doing it twice has one effect.
    """
    if evidence.criterion is None:
        raise TransitionError("这是现场核查的照片，由核查单位在核查记录里删除。")
    _open(evidence, actor)
    # A colleague, or the first of two presses, may have taken it away meanwhile.
    if Evidence.objects.filter(pk=evidence.pk).exists():
        delete_with_files(evidence)
    return evidence.criterion


@transaction.atomic
def caption_evidence(evidence: Evidence, caption: str, *, actor: Actor, seen: str | None = None) -> Evidence:
    """Write what a file shows (说明); ``seen`` is the caption that the form showed: StaleForm when it is another by now."""
    _open(evidence, actor)
    locked, caption = _locked(evidence), " ".join(caption.split())
    if len(caption) > CAPTION_LENGTH:
        raise InvalidInput(f"“{locked.name}”的说明有 {len(caption)} 个字，最多 {CAPTION_LENGTH} 个字。")
    if locked.caption == caption:
        return locked
    if seen is not None and seen != locked.caption:
        now = f"改为“{locked.caption}”" if locked.caption else "删去"
        raise StaleForm(f"“{locked.name}”的说明已被他人{now}，您填的“{caption}”没有保存。请刷新后核对。")
    locked.caption = caption
    locked.save(update_fields=["caption"])
    return locked


@transaction.atomic
def rotate_evidence(evidence: Evidence, rotation: int, *, actor: Actor) -> Evidence:
    """Show a picture turned by ``rotation`` degrees clockwise from how it was taken; the stored file stays as it is."""
    _open(evidence, actor)
    if rotation not in QUARTER_TURNS:
        raise InvalidInput("没有旋转：只能转到 0、90、180 或 270 度。请刷新页面后再试。")
    locked = _locked(evidence)
    if not locked.is_image:
        raise InvalidInput(f"“{locked.name}”不是图片，不能旋转。")
    if locked.rotation != rotation:
        locked.rotation = rotation
        locked.save(update_fields=["rotation"])
    return locked


def _open(evidence: Evidence, actor: Actor) -> None:
    """Lock the assessment of a file that the actor wants to change, and check that it is theirs to change now."""
    if evidence.site_visit is not None:
        open_visit(evidence.site_visit, actor)
    elif evidence.criterion is not None:
        opened = open_for(evidence.assessment, actor, by_submitter=True)
        check_editable(opened.assessment, evidence.criterion)
        note_filling_in(opened.assessment, actor.user)


def _locked(evidence: Evidence) -> Evidence:
    locked = Evidence.objects.select_for_update(of=("self",)).filter(pk=evidence.pk).first()
    if locked is None:
        raise TransitionError(f"“{evidence.name}”已被删去。请刷新页面。")
    return locked


def _contents(assessment: Assessment, file: UploadedFile, judged: Judged, caption: str) -> dict[str, Any]:
    """What a row of an uploaded file says; where the assessment has the file already, that one is not stored again."""
    name = safe_name(file.name or "文件", judged.ending)
    same = Evidence.objects.filter(assessment=assessment, sha256=judged.sha256).order_by("pk").first()
    file.name = f"file{judged.ending}"
    return {
        **(_stored(same) if same is not None else {"file": file}),
        "name": name,
        "content_type": judged.content_type,
        "size": judged.size,
        "sha256": judged.sha256,
        "caption": " ".join(caption.split()),
        "taken_at": judged.shot.taken_at,
        "latitude": judged.shot.latitude,
        "longitude": judged.shot.longitude,
    }


def _stored(source: Evidence) -> dict[str, str]:
    return {field: getattr(source, field).name for field in _STORED}


def _add(
    opened: Opened, contents: dict[str, Any], place: str, *, actor: Actor, **at: Criterion | SiteVisit
) -> Evidence:
    """The row of a file at one place; the one that stands there already, if it does."""
    assessment = opened.assessment
    attached = Evidence.objects.filter(assessment=assessment, **at)
    if (same := attached.filter(sha256=contents["sha256"]).first()) is not None:
        return same
    if attached.count() >= settings.EVIDENCE_MAX_PER_CRITERION:
        raise InvalidInput(f"{place}已有 {settings.EVIDENCE_MAX_PER_CRITERION} 份材料，请先删去不需要的。")
    if opened.is_with_submitter:
        note_filling_in(assessment, actor.user)
    return Evidence.objects.create(
        assessment=assessment,
        **at,
        **contents,
        round=assessment.round,
        uploaded_at=clock.now(),
        uploaded_by=actor.user,
    )
