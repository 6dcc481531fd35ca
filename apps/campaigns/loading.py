"""Puts campaigns' files into the database."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction

from apps.campaigns.changeover import comes_after
from apps.campaigns.due_dates import MONTHLY, ONCE, YEARLY, Rule
from apps.campaigns.fixture_format import CampaignFile, MilestoneEntry, TargetEntry, read_campaign
from apps.campaigns.models import Campaign, CampaignChange, Milestone, Participation, Phase, SectionDepartments, Target
from apps.core.errors import InvalidInput
from apps.core.fixture_file import refuse
from apps.jurisdictions.models import Jurisdiction, Level
from apps.standards.loading import Outcome
from apps.standards.models import Standard

SOURCE: Path = settings.BASE_DIR / "fixtures" / "campaigns"
# What may not change once communities take part: their assessments were made by it.
SETTLED_BY_PARTICIPATION = ("standard", "jurisdiction", "review_chain", "parent")

# Changes of what the files say nothing of, or follow.
NOT_IN_FILES = (CampaignChange.Kind.RULES, CampaignChange.Kind.STANDARD, CampaignChange.Kind.EVALUATION)


def read_campaigns(paths: Iterable[Path]) -> list[CampaignFile]:
    """Read the files, parents first; FixtureError refuses one whose parent or sections are unknown."""
    read = {path: read_campaign(path) for path in paths}
    by_code = {file.code: file for file in read.values()}
    for path, file in read.items():
        refuse(path, _complaints(file, [other.code for other in read.values()]))
    return sorted(read.values(), key=lambda file: _depth(file, by_code))


def _complaints(file: CampaignFile, codes: list[str]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    if codes.count(file.code) > 1:
        yield ("code",), f"{file.code} 在几个文件里出现"
    if file.parent and file.parent not in codes and not Campaign.objects.filter(code=file.parent).exists():
        yield ("parent",), f"没有创建行动 {file.parent}"
    known = set(Standard.objects.filter(code=file.standard).values_list("sections__number", flat=True))
    for position, entry in enumerate(file.section_departments):
        if known and entry.section not in known:
            yield ("section_departments", position, "section"), f"{file.standard} 没有第 {entry.section} 项内容"


def _depth(file: CampaignFile, by_code: dict[str, CampaignFile]) -> int:
    depth, above = 0, file.parent
    while above in by_code and depth <= len(by_code):
        depth, above = depth + 1, by_code[above].parent
    return depth


@transaction.atomic
def load_campaign(file: CampaignFile) -> Outcome:
    """Store a campaign under its code, with its phases, milestones, departments and targets.

    A campaign that is loaded is open. A target that stands already is kept as it is: the bureau may have set it since; a
    campaign that the bureau has changed since is kept whole. InvalidInput when its standard is not loaded, when a draft has
    taken its code, or when what binds the communities that take part would change.
    """
    jurisdiction = Jurisdiction.objects.filter(code=file.jurisdiction).first()
    if jurisdiction is None:
        return Outcome.SKIPPED
    standard = Standard.objects.filter(code=file.standard).first()
    if standard is None:
        raise InvalidInput(f"创建行动 {file.code} 所用的标准 {file.standard} 没有装载，请先执行 load_standards。")
    fields = {
        "name": file.name,
        "jurisdiction": jurisdiction,
        "parent": _parent_of(file),
        "standard": standard,
        "document_title": file.document.title,
        "document_number": file.document.number or "",
        "issued_on": file.document.issued_on,
        "first_year": file.first_year,
        "last_year": file.last_year,
        "review_chain": list(file.review_chain),
        "lead_departments": list(file.departments),
        "summary_note": file.summary_note or "",
    }
    existing = Campaign.objects.select_for_update(of=("self",)).filter(code=file.code).first()
    gone_over = False
    if existing is not None and existing.is_draft:
        raise InvalidInput(f"行动代码 {file.code} 已被“{existing}”的草稿使用，请在文件里换一个行动代码。")
    if existing is not None and existing.changes.exclude(kind__in=NOT_IN_FILES).exists():
        return Outcome.UNCHANGED
    if existing is None:
        campaign = Campaign.objects.create(code=file.code, status=Campaign.Status.OPEN, **fields)
        changed = True
    else:
        campaign = existing
        # The bureau has gone over to a newer standard since, and its sections are the newer one's.
        if gone_over := comes_after(campaign.standard, standard):
            fields["standard"] = campaign.standard
        _check_settled(campaign, fields)
        changed = _update(campaign, fields)
    changed |= _sync(Phase, campaign, "number", list(_phases(file)))
    changed |= _sync(Milestone, campaign, "number", list(_milestones(file)))
    if not gone_over:
        changed |= _sync(SectionDepartments, campaign, "section_number", list(_departments(file)))
    changed |= _add_targets(campaign, file)
    if existing is None:
        return Outcome.LOADED
    return Outcome.UPDATED if changed else Outcome.UNCHANGED


def _parent_of(file: CampaignFile) -> Campaign | None:
    if file.parent is None:
        return None
    parent = Campaign.objects.filter(code=file.parent).first()
    if parent is None:
        raise InvalidInput(f"创建行动 {file.code} 的上级行动 {file.parent} 没有装载。")
    return parent


def _check_settled(campaign: Campaign, fields: dict[str, Any]) -> None:
    differing = [name for name in SETTLED_BY_PARTICIPATION if getattr(campaign, name) != fields[name]]
    if differing and Participation.objects.filter(campaign=campaign).exists():
        raise InvalidInput(f"创建行动 {campaign.code} 已有社区参与，不能再改 {'、'.join(differing)}。")


def _update(row: models.Model, fields: dict[str, Any]) -> bool:
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def _sync(
    model: type[Phase] | type[Milestone] | type[SectionDepartments],
    campaign: Campaign,
    key: str,
    rows: list[dict[str, Any]],
) -> bool:
    """Make the campaign's parts those of the file, matched by `key`; True if anything changed."""
    existing = {getattr(part, key): part for part in model.objects.filter(campaign=campaign)}
    changed = False
    for fields in rows:
        part = existing.pop(fields[key], None)
        if part is None:
            model.objects.create(campaign=campaign, **fields)
            changed = True
        else:
            changed |= _update(part, fields)
    for part in existing.values():
        part.delete()
    return changed or bool(existing)


def _phases(file: CampaignFile) -> Iterator[dict[str, Any]]:
    for number, phase in enumerate(file.phases, start=1):
        yield {"number": number, "title": phase.title, "starts_on": phase.start, "ends_on": phase.end}


def _departments(file: CampaignFile) -> Iterator[dict[str, Any]]:
    for entry in file.section_departments:
        yield {"section_number": entry.section, "departments": list(entry.departments)}


def _milestones(file: CampaignFile) -> Iterator[dict[str, Any]]:
    due = [(entry, level) for entry in file.milestones for level in entry.levels]
    for number, (entry, level) in enumerate(due, start=1):
        yield {
            "number": number,
            "title": entry.title,
            "level": level,
            "kind": entry.kind,
            "recurrence": entry.recurrence,
            "dates": due_dates(entry, file),
            "required_parts": list(entry.required_parts),
            "source": entry.clause,
        }


def due_dates(entry: MilestoneEntry, file: CampaignFile) -> list[date]:
    """Every due date in the campaign's years; none where the document sets none.

    [reading] Monthly and quarterly reports are due on the last day of the period, the first one in the period in which
    the campaign begins: its first phase, or else its document's date.
    """
    if entry.recurrence == ONCE:
        return [entry.due_on] if entry.due_on else []
    first, last = date(file.first_year, 1, 1), date(file.last_year, 12, 31)
    if entry.recurrence == YEARLY:
        if entry.due_month is None or entry.due_day is None:
            return []
        every_year = Rule(YEARLY, entry.due_day, first, last, entry.due_month).dates()
        return [day for day in every_year if not entry.years or day.year in entry.years]
    begins = next((phase.start for phase in file.phases if phase.start), None) or file.document.issued_on
    month = 1 if entry.recurrence == MONTHLY else 3
    return Rule(entry.recurrence, 31, max(begins or first, first), last, month).dates()


def _add_targets(campaign: Campaign, file: CampaignFile) -> bool:
    """One target per year and kind, on the campaign's own jurisdiction: those below inherit it."""
    grouped: dict[tuple[int, str], list[TargetEntry]] = {}
    for entry in file.targets:
        grouped.setdefault((entry.year, entry.kind), []).append(entry)
    added = False
    for (year, kind), entries in grouped.items():
        bound = "、".join(str(Level(entry.applies_to).label) for entry in entries)
        clauses = "；".join(dict.fromkeys(entry.clause for entry in entries))
        _, created = Target.objects.get_or_create(
            campaign=campaign,
            jurisdiction=campaign.jurisdiction,
            year=year,
            kind=kind,
            defaults={
                "value": entries[0].value,
                "upper": entries[0].upper,
                "document_number": campaign.document_number,
                "issued_by": campaign.jurisdiction,
                "source": f"{clauses}（落到{bound}）",
            },
        )
        added |= created
    return added
