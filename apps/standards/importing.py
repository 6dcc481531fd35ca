"""Standards by spreadsheet: what an uploaded one would do or what is wrong with it, then the draft that it makes.

The rows travel from the preview to the confirmation signed, and are judged again there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from apps.accounts.permissions import Actor
from apps.accounts.sealing import seal, unseal
from apps.core.errors import InvalidInput, StaleForm
from apps.core.rounding import plain
from apps.standards.checks import OUT_OF_ORDER, oddities_about
from apps.standards.deriving import bases_for, code_for, is_code_taken, require_drafter
from apps.standards.drafts import lock, revision_after
from apps.standards.fixture_format import StandardFile
from apps.standards.loading import file_of, hold_code, is_held, load_standard
from apps.standards.models import Standard
from apps.standards.sheet_layout import Content, Row, SheetProblem, in_order
from apps.standards.sheet_parsing import Defaults, parse_content

_SALT = "standards.import"


@dataclass(frozen=True)
class Preview:
    """What a spreadsheet would make: ``file`` where nothing is wrong, and the ``draft`` whose content it would replace."""

    content: Content
    problems: list[SheetProblem]
    file: StandardFile | None = None
    draft: Standard | None = None

    @property
    def code(self) -> str:
        return self.file.code if self.file else self.content.value("标准代码")

    @property
    def is_unchanged(self) -> bool:
        return self.draft is not None and self.file is not None and is_held(self.draft, self.file)

    @property
    def notes(self) -> list[str]:
        """What is unusual, though nothing forbids it."""
        return list(_notes(self.file)) if self.file else []


def judge(content: Content, *, actor: Actor) -> Preview:
    """Say what a spreadsheet would make in the person's jurisdiction, or everything that is wrong with it."""
    require_drafter(actor)
    unit = actor.jurisdiction
    if not unit.code:
        raise InvalidInput(f"{unit}没有区划代码，不能用表格导入标准。请在网页上编制。")
    code = content.value("标准代码")
    stored = Standard.objects.select_related("jurisdiction").filter(code=code).first() if code else None
    problems = list(_head_problems(content, stored, actor))
    base = _base(content, stored, actor, problems)
    parsed = parse_content(content, Defaults(unit.code, code_for(actor)), file_of(base) if base else None)
    problems = in_order([*problems, *parsed.problems])
    if problems or parsed.file is None:
        return Preview(content, problems)
    # Whatever state the file names, what comes in by a page is a draft.
    return Preview(content, [], parsed.file.model_copy(update={"status": "draft"}), stored)


@transaction.atomic
def import_standard(preview: Preview, *, actor: Actor, seen: int | None) -> Standard:
    """Store what a judged spreadsheet holds as a draft; ``seen`` is the revision of the draft that the preview showed.

    Everything or nothing. Confirmed twice it has one effect; what others changed since the preview is not overwritten.
    """
    require_drafter(actor)
    file = preview.file
    if file is None:
        raise InvalidInput(f"表格里有 {len(preview.problems)} 处需要改正，没有导入。请改正后重新上传。")
    # Whatever the preview showed, somebody may have stored it meanwhile.
    hold_code(file.code)
    draft = preview.draft or Standard.objects.filter(code=file.code, jurisdiction=actor.jurisdiction).first()
    if draft is not None:
        locked = lock(draft)
        if is_held(locked, file):
            return locked
        if locked.revision != seen:
            revision = revision_after(locked, seen if seen is not None else -1, None)
            raise StaleForm(f"{revision or '有人'} 改动了这份草稿，没有导入，以免覆盖。请核对草稿后重新上传表格。")
    try:
        with transaction.atomic():
            load_standard(file)
    except IntegrityError as error:
        if not is_code_taken(error):
            raise
        raise InvalidInput(f"标准代码“{file.code}”已被其他辖区使用。请换一个，或留空由系统编排。") from error
    return Standard.objects.get(code=file.code)


def sign(preview: Preview, *, actor: Actor) -> str:
    """The rows as they go to the confirmation, with the code that the preview showed, so that twice is once."""
    content = preview.content
    kept = {
        "code": preview.code,
        "seen": preview.draft.revision if preview.draft else None,
        "head": {label: [row.number, row.values, row.errors] for label, row in content.head.items()},
        "lines": [[row.number, row.values, row.errors] for row in content.lines],
    }
    return seal(kept, salt=_SALT, actor=actor)


def unsign(text: str, *, actor: Actor) -> tuple[Content, int | None]:
    """The rows of a preview and the revision it showed; InvalidInput for one too old, or of somebody else."""
    kept = unseal(text, salt=_SALT, actor=actor)
    content = Content({label: Row(*row) for label, row in kept["head"].items()}, [Row(*row) for row in kept["lines"]])
    if kept["code"]:
        row = content.head.setdefault("标准代码", Row(0))
        row.values["填写内容"] = kept["code"]
    return content, kept["seen"]


def _head_problems(content: Content, stored: Standard | None, actor: Actor) -> Iterator[SheetProblem]:
    unit = actor.jurisdiction
    written = content.value("发布辖区代码")
    if written and written != unit.code:
        reason = f"{written[:20]} 不是您任职的{unit}（{unit.code}）。只能导入本辖区的标准：请改成本辖区的代码，或留空。"
        yield content.problem("发布辖区代码", reason)
    if stored is None:
        return
    if stored.jurisdiction_id != unit.pk:
        yield content.problem(
            "标准代码",
            f"“{stored.code}”是{stored.jurisdiction}的标准。编制本辖区的标准，请换一个代码，或留空由系统编排。",
        )
    elif stored.status == Standard.Status.PUBLISHED:
        yield content.problem(
            "标准代码",
            f"“{stored.code}”已发布，内容不能再改。请在标准页面制作新版本，导出新版本的表格来改；"
            "作为另一个标准导入的，请换一个代码，或留空由系统编排。",
        )


def _base(content: Content, stored: Standard | None, actor: Actor, problems: list[SheetProblem]) -> Standard | None:
    """The standard that the head says it is derived from, if it may be; and the version before it is checked."""
    before = content.value("前一版本代码")
    kept = stored.replaces.code if stored is not None and stored.replaces else ""
    if before and before != kept:
        right = f"填 {kept}" if kept else "留空"
        reason = f"“{before[:50]}”不对，请{right}。要制作新版本，在标准页面点“制作新版本”，再导出它的表格来改。"
        problems.append(content.problem("前一版本代码", reason))
    code = content.value("依据标准代码")
    if not code:
        return None
    base = Standard.objects.select_related("derived_from").filter(code=code).first()
    if base is None:
        problems.append(
            content.problem("依据标准代码", f"没有标准“{code[:50]}”。代码见标准的页面；不依据其他标准的留空。")
        )
        return None
    if base.status != Standard.Status.PUBLISHED:
        problems.append(content.problem("依据标准代码", f"“{base}”还没有发布，发布后才能作为依据。"))
        return None
    is_kept = stored is not None and stored.derived_from_id == base.pk
    if not is_kept and not bases_for(actor).filter(pk=base.pk).exists():
        reason = f"不能依据“{base}”编制标准：只能依据本级或上级已发布的最新版标准。"
        problems.append(content.problem("依据标准代码", reason))
    return base


def _notes(file: StandardFile) -> Iterator[str]:
    criteria = [criterion for _, criterion in file.located_criteria()]
    odd: dict[str, list[int]] = {}
    for position, reason in oddities_about([(one.to_spec(), len(one.required_evidence)) for one in criteria]):
        odd.setdefault(reason, []).append(criteria[position].number)
    for reason, numbers in odd.items():
        yield f"{reason}。" if reason == OUT_OF_ORDER else f"第 {_listed(numbers)} 条{reason}。"
    own = [one.number for one in criteria if (one.refines or one.national) is None]
    if file.derived_from and own:
        yield f"第 {_listed(own)} 条没有对应的上级条目，按本地自设处理。"
    if file.pass_mark and file.total_points:
        yield f"各条分值相加 {plain(file.total_points)} 分，与总分一致；{plain(file.pass_mark)} 分达标。"


def _listed(numbers: list[int]) -> str:
    return "、".join(map(str, numbers))
