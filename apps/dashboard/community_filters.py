"""What the list of communities (社区库) can be narrowed by; the figures of 进展 open into it."""

from functools import cached_property

from django import forms
from django.db.models import Q

from apps.accounts.http import ActorRequest
from apps.campaigns import drilldown
from apps.campaigns.current import current_campaign, current_year
from apps.campaigns.models import Campaign
from apps.campaigns.rollup import roll_up
from apps.campaigns.transfers import transfer_note
from apps.communities.facts import Completeness, Fact, completeness_of, facts_around
from apps.communities.models import Community, CommunityQuerySet
from apps.communities.spelling import letters_of
from apps.communities.survey_sheet import surveys_by_community
from apps.communities.surveys import STATES, in_state
from apps.core import clock
from apps.people.places import place_of
from apps.progress.behind import Behind, behind
from apps.progress.extent import Extent

COUNTED = {"yes": "计入", "no": "不计入"}
# Figures of earlier years that a transfer changes.
_WITH_TRANSFERS = {drilldown.BASE, drilldown.ENROLLED, drilldown.PILOTS, drilldown.ABSENT}


class CommunityFilter(forms.Form):
    """The filters of the list, from the address."""

    q = forms.CharField(label="名称、拼音或编码", required=False, max_length=60, strip=True)
    jurisdiction = forms.CharField(label="辖区", required=False)
    counts_as_urban = forms.ChoiceField(label="计入城市社区", required=False)
    year = forms.CharField(label="年度", required=False)
    stage = forms.ChoiceField(label="参与创建", required=False)
    recognised = forms.ChoiceField(label="认定", required=False)
    survey = forms.ChoiceField(label="基本情况", required=False)
    behind = forms.ChoiceField(label="进展指标", required=False)
    facts_shown = forms.BooleanField(label="显示基本情况列", required=False)

    def __init__(self, request: ActorRequest) -> None:
        super().__init__(request.GET, label_suffix="")
        self.place = place_of(request)
        self.figure: Behind | None = None
        self.campaign = current_campaign(request)
        self.at_year = current_year(request, self.campaign) if self.campaign else clock.today().year
        self._offer("counts_as_urban", COUNTED)
        self._offer("survey", STATES)
        self.fields["jurisdiction"].widget = forms.Select(choices=self.place.choices)
        self.fields["q"].widget.attrs |= {"placeholder": "如 龙江、ljsq", "autocomplete": "off"}
        if self.campaign is None:
            for name in ("year", "stage", "recognised", "behind"):
                del self.fields[name]
            return
        years = {str(year): f"{year} 年" for year in self.campaign.years}
        self.fields["year"].widget = forms.Select(choices=list(years.items()))
        self._offer("stage", drilldown.STAGES)
        whole = {drilldown.CUMULATIVE: f"累计至 {self.at_year} 年", drilldown.UNRECOGNISED: "底数中尚未认定"}
        whole[drilldown.REVOKED] = drilldown.STAGES[drilldown.REVOKED]
        self._offer("recognised", {year: f"{label}认定" for year, label in years.items()} | whole)
        self.figure = self._figure(request.GET.get("behind", ""))
        # What is shown although the address does not name it.
        self.data = {**request.GET.dict(), "year": str(self.at_year), "jurisdiction": self.place.jurisdiction.key}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the place and the year narrows the list."""
        return any(self.data.get(name) for name in ("q", "counts_as_urban", "stage", "recognised", "survey", "behind"))

    @property
    def transfer_note(self) -> str:
        """Where the list opens a figure of an earlier year: by how much that counts otherwise since a transfer; '' mostly."""
        # The counts of stages and of criteria are of now, and go with their communities.
        is_month = self.data.get("behind", "").startswith(("in.", "by.", "to."))
        asked = self.data.get("stage") in _WITH_TRANSFERS or self.data.get("recognised") or is_month
        if self.campaign is None or not asked or self.at_year >= clock.today().year:
            return ""
        rollup = roll_up(self.campaign, self.place.jurisdiction, self.at_year)
        return transfer_note(rollup.total.figures, self.at_year)

    @property
    def headline(self) -> str:
        """What the list holds, in words."""
        if self.campaign is None or not self.is_valid():
            return self.place.jurisdiction.name
        chosen = {name: self.cleaned_data.get(name) for name in ("stage", "recognised", "behind")}
        said = [dict(self.fields[name].choices)[value] for name, value in chosen.items() if value]  # type: ignore[attr-defined]
        return " · ".join([self.place.jurisdiction.name, *([f"截至 {self.at_year} 年", *said] if said else [])])

    def found(self) -> CommunityQuerySet:
        """Return the communities of the place that pass every filter, in code order; none where a filter is wrong."""
        communities = Community.objects.below(self.place.jurisdiction.path).in_code_order()
        if not self.is_valid():
            return communities.none()
        asked = self.cleaned_data
        communities = _named(communities, asked["q"])
        if asked["counts_as_urban"] == "yes":
            communities = communities.counted_in(self.at_year)
        elif asked["counts_as_urban"] == "no":
            communities = communities.exclude(pk__in=communities.counted_in(self.at_year))
        if asked["survey"]:
            communities = in_state(communities, asked["survey"], self.at_year, self.facts)
        if self.figure is not None:
            communities = self.figure.narrowed(communities)
        return communities if self.campaign is None else _in_campaign(communities, self.campaign, self.at_year, asked)

    @cached_property
    def facts(self) -> list[Fact]:
        """What is asked of the communities of the place."""
        return facts_around(self.place.jurisdiction.path)

    def facts_ever(self) -> list[Fact]:
        """What is asked of them, or was once."""
        return facts_around(self.place.jurisdiction.path, retired=True)

    def with_survey_states(self, rows: list[drilldown.Row]) -> list[tuple[drilldown.Row, Completeness | None, bool]]:
        """Each row with how complete its survey of the year is and whether there is one; asked only where it is shown."""
        if not self.data.get("facts_shown"):
            return [(row, None, False) for row in rows]
        surveys, facts = surveys_by_community([row.community for row in rows], self.at_year), self.facts
        return [
            (row, completeness_of(survey := surveys.get(row.community.pk), facts, row.community.path), bool(survey))
            for row in rows
        ]

    def _figure(self, key: str) -> Behind | None:
        """A figure of 进展 that the address opens: offered as the one choice; without one the list does not speak of it."""
        if self.campaign is None or not key:
            del self.fields["behind"]
            return None
        figure = behind(key, Extent(self.campaign, self.place.jurisdiction, self.at_year))
        self._offer("behind", {key: figure.label} if figure else {})
        return figure

    def _offer(self, name: str, choices: dict[str, str]) -> None:
        self.fields[name].choices = [("", "不限"), *choices.items()]  # type: ignore[attr-defined]


def _named(communities: CommunityQuerySet, text: str) -> CommunityQuerySet:
    """Digits begin a code; letters are pinyin or its initials; one word is part of the name; of several, each is part of the
    name, its pinyin, or the street's name."""
    words = text.split()
    if len(words) == 1:
        word = words[0]
        return communities.filter(code__startswith=word) if word.isdigit() else communities.filter(_called(word))
    for word in words:
        communities = communities.filter(_called(word) | Q(jurisdiction__name__contains=word))
    return communities


def _called(word: str) -> Q:
    """The condition that the name holds ``word``, or is spelt so from one of its syllables on."""
    if letters := letters_of(word):
        return Q(pinyin__contains=f" {letters}") | Q(initials__contains=letters)
    return Q(name__contains=word)


def _in_campaign(
    communities: CommunityQuerySet, campaign: Campaign, year: int, asked: dict[str, str]
) -> CommunityQuerySet:
    if asked["stage"]:
        communities = drilldown.at_stage(communities, campaign, year, asked["stage"])
    match asked["recognised"]:
        case "":
            return communities
        case drilldown.CUMULATIVE:
            return drilldown.recognised(communities, campaign, campaign.first_year, year)
        case drilldown.UNRECOGNISED:
            return drilldown.unrecognised(communities, campaign, year)
        case drilldown.REVOKED:
            return drilldown.revoked(communities, campaign, year)
        case asked_year:
            return drilldown.recognised(communities, campaign, int(asked_year), int(asked_year), year)
