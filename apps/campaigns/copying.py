"""The parts of a campaign in another one: phases, milestones, departments and targets, moved to its years."""

from collections.abc import Iterable

from apps.campaigns.due_dates import moved, moved_to
from apps.campaigns.models import Campaign, Milestone, Phase, SectionDepartments, Target
from apps.jurisdictions.models import Level, paths_down_to

# What is copied, by the names of parts.
COPIED = ("phases", "milestones", "departments", "targets")


def copy_parts(source: Campaign, made: Campaign, *, with_targets: bool) -> None:
    """Copy what belongs to ``source`` into ``made``, moved by the years between their first years.

    Of an ancestor's campaign only what is asked of the issuer's own level and those below it; of its targets those that hold
    for the issuer.
    """
    years = made.first_year - source.first_year
    Phase.objects.bulk_create(_phases(source, made, years))
    Milestone.objects.bulk_create(_milestones(source, made, years))
    SectionDepartments.objects.bulk_create(
        SectionDepartments(campaign=made, section_number=one.section_number, departments=one.departments)
        for one in source.section_departments.all()
    )
    if with_targets:
        Target.objects.bulk_create(_targets(source, made, years))


def _phases(source: Campaign, made: Campaign, years: int) -> Iterable[Phase]:
    for one in source.phases.all():
        starts, ends = (day and moved(day, years) for day in (one.starts_on, one.ends_on))
        yield Phase(campaign=made, number=one.number, title=one.title, starts_on=starts, ends_on=ends)


def _milestones(source: Campaign, made: Campaign, years: int) -> Iterable[Milestone]:
    top, last_years = made.jurisdiction.level_type.depth, (source.last_year, made.last_year)
    asked = [one for one in source.milestones.all() if Level(one.level).depth >= top]
    for number, one in enumerate(asked, start=1):
        yield Milestone(
            campaign=made,
            number=number,
            title=one.title,
            level=one.level,
            kind=one.kind,
            recurrence=one.recurrence,
            dates=moved_to(one.recurrence, one.dates, years, last_years),
            required_parts=one.required_parts,
            # Clauses are those of the document that was copied from.
            source="",
        )


def _targets(source: Campaign, made: Campaign, years: int) -> Iterable[Target]:
    """What holds for the issuer: its own targets, else the nearest above; a number is its jurisdiction's alone."""
    line = Target.objects.filter(campaign=source, path__in=paths_down_to(made.jurisdiction.path)).order_by("path")
    nearest = {(one.year, one.kind): one for one in line}
    for (year, kind), one in nearest.items():
        is_own = one.jurisdiction_id == made.jurisdiction_id
        if year + years in made.years and (is_own or kind != Target.Kind.NUMBER):
            yield Target(
                campaign=made,
                jurisdiction=made.jurisdiction,
                year=year + years,
                kind=kind,
                value=one.value,
                upper=one.upper,
                issued_by=made.jurisdiction,
            )
