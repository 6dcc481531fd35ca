"""Puts standards' files into the database and reads standards back as files."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from pydantic import ValidationError

from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.fixture_file import refuse
from apps.core.turns import take_turn
from apps.jurisdictions.models import Jurisdiction
from apps.standards.domain import parts_of
from apps.standards.fixture_format import CriterionEntry, Rule, StandardFile, read_standard
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem

SOURCE: Path = settings.BASE_DIR / "fixtures" / "standards"


class Outcome(StrEnum):
    LOADED = "已装载"
    UPDATED = "已更新"
    UNCHANGED = "未变化"
    SKIPPED = "已跳过：辖区没有装载"


def read_standards(paths: Iterable[Path]) -> list[StandardFile]:
    """Read the files, each checked against the standard that it derives from, bases and earlier versions first.

    FixtureError refuses a file; what it names comes from the files or from the database.
    """
    read = {path: read_standard(path) for path in paths}
    by_code = {file.code: file for file in read.values()}
    for path, file in read.items():
        if sum(other.code == file.code for other in read.values()) > 1:
            refuse(path, [(("code",), f"{file.code} 在几个文件里出现")])
        line = _line_of(path, file, by_code)
        if line:
            refuse(path, file.complaints_against(line[0]))
        if file.replaces and file.replaces not in by_code and not _stored(file.replaces):
            refuse(path, [(("replaces",), f"没有标准 {file.replaces}")])

    def rank(path: Path) -> tuple[int, int]:
        return len(_line_of(path, read[path], by_code)), _versions_before(read[path], by_code)

    return [read[path] for path in sorted(read, key=rank)]


def _stored(code: str) -> Standard | None:
    return Standard.objects.filter(code=code).first()


def _versions_before(file: StandardFile, by_code: dict[str, StandardFile]) -> int:
    """How many of the files hold earlier versions of it."""
    count, before = 0, file.replaces
    while before in by_code and count <= len(by_code):
        count, before = count + 1, by_code[before].replaces
    return count


def _line_of(path: Path, file: StandardFile, by_code: dict[str, StandardFile]) -> list[StandardFile]:
    """What a standard derives from, its nearest base first."""
    line: list[StandardFile] = []
    code = file.derived_from
    while code is not None:
        base = by_code.get(code)
        if base is None and (stored := _stored(code)):
            base = file_of(stored)
        if base is None:
            refuse(path, [(("derived_from",), f"没有标准 {code}")])
        elif base.code == file.code or base in line:
            refuse(path, [(("derived_from",), f"{code} 又依据本标准，循环了")])
        else:
            line.append(base)
            code = base.derived_from
            continue
        break
    return line


def hold_code(code: str) -> None:
    """Let nobody else store a standard under ``code`` until this transaction ends: a row not there yet cannot be locked."""
    take_turn("standards.code", code)


@transaction.atomic
def load_standard(file: StandardFile) -> Outcome:
    """Store a standard under its code; a published one is frozen, so a file that differs from it is refused."""
    jurisdiction = Jurisdiction.objects.filter(code=file.jurisdiction).first()
    if jurisdiction is None:
        return Outcome.SKIPPED
    hold_code(file.code)
    standard = Standard.objects.select_for_update().filter(code=file.code).first()
    base = _named(file, file.derived_from, "所依据的标准")
    if base is not None:
        file = file.with_ties(file_of(base))
    outcome = Outcome.LOADED
    if standard is not None:
        difference = _difference(standard, file, base)
        if difference is None:
            return Outcome.UNCHANGED
        if standard.status == Standard.Status.PUBLISHED:
            raise InvalidInput(
                f"标准 {file.code} 已发布，内容不能再改；文件在 {difference} 处与它不同。请换一个 code 作为新版本装载。"
            )
        standard.sections.all().delete()
        outcome = Outcome.UPDATED
    stored, _ = Standard.objects.update_or_create(
        code=file.code,
        defaults={
            **_own_fields(file),
            "jurisdiction": jurisdiction,
            "derived_from": base,
            "status": Standard.Status.DRAFT,
            "revision": standard.revision + 1 if standard else 0,
        },
    )
    store_parts(stored, file)
    if file.status == "published":
        stored.status, stored.published_at = Standard.Status.PUBLISHED, clock.now()
        stored.save(update_fields=["status", "published_at"])
    return outcome


def is_held(standard: Standard, file: StandardFile) -> bool:
    """Whether the database holds the standard just as ``file`` has it, its state apart."""
    base = standard.derived_from
    if base is not None and file.derived_from == base.code:
        file = file.with_ties(file_of(base))
    return _difference(standard, file.model_copy(update={"status": standard.status}), base) is None


def _difference(standard: Standard, file: StandardFile, base: Standard | None) -> str | None:
    """Where the standard differs from ``file``, whose ties are all written; a draft may be too unfinished to be a file."""
    try:
        held = file_of(standard)
    except ValidationError:
        return "sections"
    if base is not None and held.derived_from == base.code:
        held = held.with_ties(file_of(base))
    return _first_difference(held.model_dump(), file.model_dump(), "")


def _named(file: StandardFile, code: str | None, what: str) -> Standard | None:
    if code is None:
        return None
    standard = _stored(code)
    if standard is None:
        raise InvalidInput(f"标准 {file.code} {what} {code} 没有装载。")
    return standard


def _own_fields(file: StandardFile) -> dict[str, Any]:
    before = _named(file, file.replaces, "所代替的标准")
    return {
        "name": file.name,
        "replaces": before,
        "version": before.version + 1 if before else 1,
        "document_title": file.document.title,
        "document_number": file.document.number or "",
        "issued_on": file.document.issued_on,
        "note": file.note or "",
        "kind": file.kind,
        "total_points": file.total_points,
        "pass_mark": file.pass_mark,
    }


def store_parts(standard: Standard, file: StandardFile) -> None:
    """Write sections, criteria and rules of a standard that has none; the file names both ties of a criterion."""
    base = standard.derived_from
    refined = (
        {one.number: one for one in base.criteria.select_related("national_criterion", "standard")} if base else {}
    )
    for section_entry in file.sections:
        section = Section.objects.create(
            standard=standard, number=section_entry.number, title=section_entry.title, weight=section_entry.weight
        )
        for entry in section_entry.criteria:
            fields = entry.model_dump(exclude={"national", "refines", "sub_items", "rules"})
            refines = refined[entry.refines] if entry.refines else None
            criterion = Criterion.objects.create(
                **fields
                | {
                    "standard": standard,
                    "section": section,
                    "refines": refines,
                    "national_criterion": national_of(refines),
                    "points": entry.points or None,
                    "scoring_text": entry.scoring_text or "",
                    "guidance": entry.guidance or "",
                    "required_evidence": list(entry.required_evidence),
                    "check_methods": list(entry.check_methods),
                }
            )
            DeductionRule.objects.bulk_create(_rules(criterion, entry))


def national_of(refined: Criterion | None) -> Criterion | None:
    """The criterion at the root of the derivation that stands behind one that is refined."""
    if refined is None:
        return None
    return refined if refined.standard.derived_from_id is None else refined.national_criterion


def _rules(criterion: Criterion, entry: CriterionEntry) -> Iterator[DeductionRule]:
    def row(rule: Rule, item: SubItem | None) -> DeductionRule:
        fields = rule.model_dump() | {name: getattr(rule, name, None) or "" for name in ("unit", "fact")}
        return DeductionRule(criterion=criterion, sub_item=item, **fields)

    for rule in entry.rules:
        yield row(rule, None)
    for item_entry in entry.sub_items:
        item = SubItem.objects.create(
            criterion=criterion, number=item_entry.number, text=item_entry.text, points=item_entry.points
        )
        for rule in item_entry.rules:
            yield row(rule, item)


def file_of(standard: Standard) -> StandardFile:
    """The standard as its file would hold it."""
    return StandardFile.model_validate(
        {
            "code": standard.code,
            "name": standard.name,
            "jurisdiction": standard.jurisdiction.code,
            "derived_from": standard.derived_from.code if standard.derived_from else None,
            "replaces": standard.replaces.code if standard.replaces else None,
            "kind": standard.kind,
            "total_points": standard.total_points,
            "pass_mark": standard.pass_mark,
            "note": standard.note or None,
            "status": standard.status,
            "document": {
                "title": standard.document_title,
                "number": standard.document_number or None,
                "issued_on": standard.issued_on,
            },
            "sections": [
                {
                    "number": section.number,
                    "title": section.title,
                    "weight": section.weight,
                    "criteria": [
                        _criterion_content(criterion) | _ties(standard, criterion)
                        for criterion in section.criteria.all()
                    ],
                }
                for section in parts_of(standard, "criteria__national_criterion", "criteria__refines")
            ],
        }
    )


def _criterion_content(criterion: Criterion) -> dict[str, Any]:
    rules = list(criterion.rules.all())
    return {
        "number": criterion.number,
        "text": criterion.text,
        "points": criterion.points or 0,
        "scoring_text": criterion.scoring_text or None,
        "guidance": criterion.guidance or None,
        "required_evidence": criterion.required_evidence,
        "check_methods": criterion.check_methods,
        "sub_items": [
            {
                "number": item.number,
                "text": item.text,
                "points": item.points,
                "rules": [_rule_content(rule) for rule in rules if rule.sub_item_id == item.pk],
            }
            for item in criterion.sub_items.all()
        ],
        "rules": [_rule_content(rule) for rule in rules if rule.sub_item_id is None],
        **{name: getattr(criterion, name) for name in ("allows_not_applicable", "is_veto", "is_mandatory", "is_bonus")},
    }


def _ties(standard: Standard, criterion: Criterion) -> dict[str, int | None]:
    """Both ties of a criterion; of a standard derived from the root itself they are one."""
    base = standard.derived_from
    if base is None:
        return {}
    national = {"national": criterion.national_criterion.number if criterion.national_criterion else None}
    if base.derived_from_id is None:
        return national
    return national | {"refines": criterion.refines.number if criterion.refines else None}


def _rule_content(rule: DeductionRule) -> dict[str, Any]:
    names = ["number", "text", "kind", "points", "cap", "full_value", "step", "floor", "required", "unit", "fact"]
    content = {name: value for name in names if (value := getattr(rule, name)) not in (None, "")}
    for name in ("min_points", "max_points"):
        if (value := getattr(rule, name)) is not None:
            content[name] = int(value)
    if rule.kind == DeductionRule.Kind.RATE_SHORTFALL:
        content["rounding"] = rule.rounding
    return content


def _first_difference(stored: object, wanted: object, place: str) -> str | None:
    """Where two contents first differ, as in `sections[0].title`; None if they are the same."""
    if isinstance(stored, dict) and isinstance(wanted, dict) and stored.keys() == wanted.keys():
        pairs = [(f"{place}.{key}".removeprefix("."), stored[key], wanted[key]) for key in stored]
    elif isinstance(stored, tuple) and isinstance(wanted, tuple) and len(stored) == len(wanted):
        pairs = [(f"{place}[{n}]", one, other) for n, (one, other) in enumerate(zip(stored, wanted, strict=True))]
    else:
        return None if stored == wanted else place
    differences = (_first_difference(one, other, here) for here, one, other in pairs)
    return next((found for found in differences if found is not None), None)
