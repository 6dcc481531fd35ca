"""A campaign as people read it: its review chain in words, what is due when, who guides which section."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from apps.campaigns.models import Campaign, Milestone
from apps.core import clock
from apps.jurisdictions.models import Level
from apps.standards.models import Section

_MOST_DATES = 4


@dataclass(frozen=True)
class Due:
    """A milestone with its dates: all of them where they are few, and the next one."""

    milestone: Milestone
    dates: list[date]
    coming: date | None

    @property
    def is_long(self) -> bool:
        return len(self.dates) > _MOST_DATES

    @property
    def is_past(self) -> bool:
        return bool(self.dates) and self.coming is None


@dataclass(frozen=True)
class SecondApproval:
    """Whether recognition needs a second approver: set here, or by ``above``; who set it last, as far as the history says."""

    is_set: bool
    above: Campaign | None
    set_by: str = ""
    set_at: datetime | None = None


def second_approval_of(campaign: Campaign, *, managed: bool) -> SecondApproval:
    """Return the campaign's setting, with the one of the nearest campaign above that binds it as well.

    Who set it is told where it is on, and to those who manage it (``managed``).
    """
    above = campaign.parent
    while above is not None and not above.needs_second_approval:
        above = above.parent
    if not (campaign.needs_second_approval or managed):
        return SecondApproval(False, above)
    kept = Campaign.pgh_event_model.objects.filter(pgh_obj_id=campaign.pk)  # type: ignore[attr-defined]
    for event, before in pairwise(kept.order_by("-pgh_id")[:50]):
        if before.needs_second_approval != event.needs_second_approval:
            facts = event.pgh_context or {}
            at = clock.shown(event.pgh_created_at)
            who = " ".join(str(facts[key]) for key in ("unit", "name") if facts.get(key))
            return SecondApproval(campaign.needs_second_approval, above, who, at)
    return SecondApproval(campaign.needs_second_approval, above)


def chain_in_words(campaign: Campaign) -> list[str]:
    """Return the steps of the review chain, the submitting level first: 乡级填报, 县级审核, 地级认定."""
    first, *middle, last = [str(Level(level).label) for level in campaign.review_chain]
    return [f"{first}填报", *(f"{level}审核" for level in middle), f"{last}认定"]


def milestones_of(campaign: Campaign) -> list[Due]:
    """Return what is due, in the document's order."""
    today = clock.today()
    return [
        Due(one, one.dates, next((day for day in one.dates if day >= today), None)) for one in campaign.milestones.all()
    ]


def sections_of(campaign: Campaign) -> list[tuple[Section, list[str]]]:
    """Return the standard's sections, each with the departments that guide it, if the document names any."""
    departments = {one.section_number: one.departments for one in campaign.section_departments.all()}
    return [(one, departments.get(one.number, [])) for one in Section.objects.filter(standard=campaign.standard)]
