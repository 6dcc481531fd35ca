"""What the list of projects can be narrowed by; the sums of funds open into it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django import forms
from django.db.models import Exists, OuterRef, Q

from apps.accounts.http import ActorRequest
from apps.campaigns.current import current_campaign
from apps.campaigns.rollup import family_of
from apps.communities.spelling import letters_of
from apps.core import clock
from apps.core.inputs import whole_number
from apps.core.models import PathQuerySet
from apps.people.places import place_of
from apps.projects.models import Funding, Project, ProjectQuerySet, Source, State
from apps.projects.sums import Amounts, counted, totals
from apps.standards.models import Criterion

LATE = "late"
STATES = {**dict(State.choices), LATE: "逾期未完工"}
_TEXT_SHOWN = 24


class ProjectFilter(forms.Form):
    """The filters of the list, from the address. ``community`` comes from the sums of a street and has no control."""

    q = forms.CharField(label="项目或社区名称", required=False, max_length=60, strip=True)
    jurisdiction = forms.CharField(label="辖区", required=False)
    year = forms.CharField(label="资金年度", required=False)
    source = forms.ChoiceField(label="资金来源", required=False)
    criterion = forms.CharField(label="对应条目", required=False)
    state = forms.ChoiceField(label="状态", required=False)

    def __init__(self, request: ActorRequest) -> None:
        super().__init__(request.GET, label_suffix="")
        self.place = place_of(request)
        self.campaign = current_campaign(request)
        self.at_year = whole_number(request.GET.get("year", ""), digits=4) or 0
        self.community = whole_number(request.GET.get("community", ""))
        self.fields["jurisdiction"].widget = forms.Select(choices=self.place.choices)
        self.fields["year"].widget = forms.Select(choices=self._years())
        self.fields["criterion"].widget = forms.Select(choices=self._criteria())
        for name, choices in (("source", dict(Source.choices)), ("state", STATES)):
            self.fields[name].choices = [("", "不限"), *choices.items()]  # type: ignore[attr-defined]
        self.data = {**request.GET.dict(), "jurisdiction": self.place.jurisdiction.key}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the place narrows the list."""
        return any(self.data.get(name) for name in ("q", "year", "source", "criterion", "state", "community"))

    @property
    def asked(self) -> dict[str, str]:
        """The conditions; what is wrong in the address narrows nothing."""
        self.is_valid()
        return {name: str(self.cleaned_data.get(name) or "") for name in self.fields}

    def found(self) -> ProjectQuerySet:
        """Return the projects of the place and campaign that pass every filter, by place and community."""
        projects = Project.objects.below(self.place.jurisdiction.path)
        if self.campaign is None:
            return projects.none()
        projects, asked = projects.filter(campaign__in=family_of(self.campaign)), self.asked
        if self.at_year or asked["source"]:
            projects = projects.filter(Exists(self._funds(Funding.objects.filter(project=OuterRef("pk")))))
        if self.community is not None:
            projects = projects.filter(community=self.community)
        if (criterion := whole_number(asked["criterion"])) is not None:
            projects = projects.filter(criteria__overlap=criteria_behind(criterion))
        if asked["state"]:
            today = clock.today()
            late = asked["state"] == LATE
            projects = projects.late_on(today) if late else projects.in_state(asked["state"])
        return _named(projects, asked["q"])

    def totals(self, projects: ProjectQuerySet) -> Amounts:
        """The sums of the funds that the filter is about."""
        return totals(self._funds(Funding.objects.below(self.place.jurisdiction.path).filter(project__in=projects)))

    def rows(self, projects: Iterable[Project]) -> list["Row"]:
        """Each project with its funds that the filter is about; read with them, they cost no query."""
        source = self.asked["source"]
        return [
            Row(
                one,
                [
                    money
                    for money in one.funding.all()
                    if self.at_year in (0, money.year) and source in ("", money.source)
                ],
            )
            for one in projects
        ]

    def _funds(self, funding: PathQuerySet[Funding]) -> PathQuerySet[Funding]:
        if self.at_year:
            funding = funding.filter(year=self.at_year)
        source = self.asked["source"]
        return funding.filter(source=source) if source else funding

    def _years(self) -> list[tuple[str, str]]:
        """The campaign's years and those around them, newest first; any other one that is asked for."""
        years = {self.at_year} - {0}
        if self.campaign is not None:
            years |= set(range(self.campaign.first_year - 2, max(self.campaign.last_year, clock.today().year) + 2))
        return [("", "不限"), *((str(year), f"{year} 年") for year in sorted(years, reverse=True))]

    def _criteria(self) -> list[tuple[str, str]]:
        if self.campaign is None:
            return [("", "不限")]
        rows = Criterion.objects.filter(standard=self.campaign.standard_id).order_by("number")
        return [("", "不限"), *((str(one.pk), short(one)) for one in rows)]


@dataclass(frozen=True)
class Row:
    """A project with the funds that the list is about."""

    project: Project
    funding: Collection[Funding]

    @property
    def amounts(self) -> Amounts:
        total = Amounts()
        for one in self.funding:
            total = total.plus(counted(self.project, one))
        return total

    @property
    def is_late(self) -> bool:
        return self.project.is_late_on(clock.today())


def criteria_behind(criterion: int) -> list[int]:
    """A criterion with those of other standards that carry it out, so that a prefecture's projects are found by the nation's."""
    tied = Q(pk=criterion) | Q(national_criterion=criterion) | Q(refines=criterion)
    return list(Criterion.objects.filter(tied).values_list("pk", flat=True)) or [criterion]


def short(criterion: Criterion) -> str:
    """A criterion in a list to choose from."""
    text = criterion.text if len(criterion.text) <= _TEXT_SHOWN else criterion.text[:_TEXT_SHOWN] + "…"
    return f"第 {criterion.number} 条 {text}"


def _named(projects: ProjectQuerySet, text: str) -> ProjectQuerySet:
    """Each word is part of the project's name or of its community's, or spells the community's."""
    for word in text.split():
        called = Q(name__icontains=word) | Q(community__name__contains=word)
        if letters := letters_of(word):
            called |= Q(community__pinyin__contains=f" {letters}") | Q(community__initials__contains=letters)
        projects = projects.filter(called)
    return projects
