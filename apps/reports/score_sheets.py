"""Score sheets of a year's communities (评分表汇编), in one PDF: all that were submitted, or those in one state."""

from collections.abc import Collection, Iterator

from apps.accounts.models import Membership, Role, User
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, AssessmentQuerySet
from apps.campaigns.models import Campaign
from apps.campaigns.rollup import family_of
from apps.core.errors import InvalidInput
from apps.documents.assessment import score_sheets
from apps.evaluations.summarising import check_scope
from apps.jurisdictions.models import Jurisdiction
from apps.papers.http import PDF
from apps.reports.models import ExportJob
from apps.reports.registry import Document, Kind, Tell

Status = Assessment.Status

# A worker may take nine minutes over a document; half of that on a busy machine.
MOST_SHEETS = 500
_UNDER_WAY = (Status.IN_REVIEW, Status.RETURNED)
# By key: what stands behind the name, and the states that are taken up. Drafts are the street's own.
_SETS: dict[str, tuple[str, Collection[str]]] = {
    "score_sheets": ("全部", (*_UNDER_WAY, Status.RECOGNISED, Status.ENDED)),
    "score_sheets_recognised": ("已认定", (Status.RECOGNISED,)),
    "score_sheets_under_way": ("审核中", _UNDER_WAY),
}


def kinds() -> Iterator[Kind]:
    """One kind for each set of states."""
    for key, (label, states) in _SETS.items():
        yield _kind(key, label, states)


def _kind(key: str, label: str, states: Collection[str]) -> Kind:
    def check(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> None:
        check_scope(campaign, jurisdiction, year)
        number = _assessments(campaign, jurisdiction, year, states).count()
        if not number:
            of_state = "" if len(states) > len(_UNDER_WAY) else f"{label}的"
            raise InvalidInput(f"{jurisdiction} {year} 年没有{of_state}评分表。")
        if number > MOST_SHEETS:
            raise InvalidInput(
                f"{jurisdiction} {year} 年有 {number} 份评分表，一次最多 {MOST_SHEETS} 份。请按下级单位分别生成。"
            )

    def make(job: ExportJob, tell: Tell) -> Document:
        found = list(_assessments(job.campaign, job.jurisdiction, job.year, states))
        content = score_sheets(_telling(found, tell), _reader(job))
        return Document(content, f"{job.jurisdiction.name}{job.year}年绿色社区创建评分表（{label}）.pdf")

    return Kind(key, f"评分表汇编（{label}）", PDF, check, make)


def _assessments(
    campaign: Campaign, jurisdiction: Jurisdiction, year: int, states: Collection[str]
) -> AssessmentQuerySet:
    """Street by street in code order."""
    rows = Assessment.objects.below(jurisdiction.path).filter(
        participation__campaign__in=family_of(campaign), participation__year=year, status__in=states
    )
    named = rows.select_related("participation__campaign", "participation__community__jurisdiction__parent")
    return named.order_by("path", "participation__community__code", "pk")


def _reader(job: ExportJob) -> Actor:
    """Whoever works in the unit that the document is made for: people there take it along as well as who asked for it."""
    return Actor(User(pk=job.created_by_id), Membership(jurisdiction=job.jurisdiction, role=Role.VIEWER))


def _telling(assessments: list[Assessment], tell: Tell) -> Iterator[Assessment]:
    for done, one in enumerate(assessments):
        tell(done, len(assessments))
        yield one
