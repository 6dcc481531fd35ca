"""单位信息: what documents say of the office that issues them, and the verb that sets it."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.core.errors import InvalidInput, stale
from apps.jurisdictions.models import Jurisdiction, Level
from apps.papers.models import OfficeProfile
from apps.papers.paper import Head, Imprint

YEAR, NUMBER = "{year}", "{number}"
_MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")


@dataclass(frozen=True, kw_only=True)
class OfficeFacts:
    """What is entered of an office; blank: as ``office_of`` has it."""

    name: str = ""
    heading: str = ""
    number_pattern: str = ""
    address: str = ""
    contact_office: str = ""
    contact_phone: str = ""
    copies: str = ""


@dataclass(frozen=True, kw_only=True)
class Office:
    """An office as its documents name it."""

    name: str
    heading: str
    number_pattern: str = ""
    address: str = ""
    contact_office: str = ""
    contact_phone: str = ""
    copies: str = ""

    @property
    def contact(self) -> str:
        """联系人及联系电话: the office and its telephone, as far as they are known."""
        return " ".join(filter(None, [self.contact_office, self.contact_phone]))

    @property
    def note(self) -> str:
        """附注: whom to ask."""
        known = (("联系科室", self.contact_office), ("联系电话", self.contact_phone), ("地址", self.address))
        return "，".join(f"{label}：{text}" for label, text in known if text)

    def number(self, year: int) -> str:
        """发文字号 of ``year`` with its serial number still to be filled in; empty where no form of it is set."""
        return self.number_pattern.replace(YEAR, str(year)).replace(NUMBER, "　")

    def head(self, number: str) -> Head:
        return Head(self.heading, number)

    def upward_head(self, year: int) -> Head:
        """版头 of what goes to an office above: the serial number and who signs it off are filled in by hand."""
        return Head(self.heading, self.number(year), is_upward=True)

    def imprint(self, issued_on: date | None) -> Imprint:
        return Imprint(self.name, issued_on, self.copies)


@transaction.atomic
def set_office_profile(
    jurisdiction: Jurisdiction, facts: OfficeFacts, *, actor: Actor, seen: int | None = None
) -> OfficeProfile:
    """Set what the documents of ``jurisdiction`` say of its office; ``seen``: the version that the form showed.

    InvalidInput for a form of 发文字号 that no number fits; StaleForm where somebody else has changed it meanwhile.
    """
    require(actor, "manage_office", jurisdiction.path)
    if jurisdiction != actor.jurisdiction:
        raise PermissionDenied("单位信息由各单位自己的管理员填写。")
    check_pattern(facts.number_pattern)
    OfficeProfile.objects.get_or_create(jurisdiction=jurisdiction)
    profile = OfficeProfile.objects.select_for_update().get(jurisdiction=jurisdiction)
    entered = asdict(facts)
    if facts_of(profile) == facts:
        return profile
    if seen is not None and seen != profile.version:
        raise stale(str(seen), "单位信息已由同事修改，没有保存。请刷新页面，核对后再填。")
    for field, value in entered.items():
        setattr(profile, field, value)
    profile.version += 1
    profile.save()
    return profile


def facts_of(profile: OfficeProfile | None) -> OfficeFacts:
    """What was entered, nothing where there is no profile."""
    return OfficeFacts(**{name: getattr(profile, name) for name in asdict(OfficeFacts())} if profile else {})


def office_of(jurisdiction: Jurisdiction) -> Office:
    """Return how documents name the office of ``jurisdiction``: what was entered, else what follows from its name."""
    return offices_of([jurisdiction])[jurisdiction.pk]


def offices_of(jurisdictions: Iterable[Jurisdiction]) -> dict[int, Office]:
    """Return the offices of several jurisdictions by their ids, in one query; their parents are to be loaded with them."""
    wanted = list(jurisdictions)
    profiles = {one.jurisdiction_id: one for one in OfficeProfile.objects.filter(jurisdiction__in=wanted)}
    return {one.pk: _office(one, facts_of(profiles.get(one.pk))) for one in wanted}


def unnamed_office(jurisdiction: Jurisdiction) -> Office:
    """How documents name an office of which nothing is entered."""
    return _office(jurisdiction, OfficeFacts())


def check_pattern(pattern: str) -> None:
    """Raise InvalidInput unless a year and a serial number can be put into ``pattern``; a blank one is none."""
    if not pattern:
        return
    example = f"例如“楚住建〔{YEAR}〕{NUMBER}号”。"
    if pattern.count(YEAR) != 1 or pattern.count(NUMBER) != 1:
        raise InvalidInput(f"“{pattern}”里，年份写作 {YEAR}、序号写作 {NUMBER}，各写一次，{example}")
    if re.search(r"[{}]", pattern.replace(YEAR, "").replace(NUMBER, "")):
        raise InvalidInput(f"“{pattern}”里，除 {YEAR} 和 {NUMBER} 外不能有花括号，{example}")
    if f"〔{YEAR}〕" not in pattern:
        raise InvalidInput(f"“{pattern}”的年份应加六角括号〔〕，{example}")
    if f"第{NUMBER}" in pattern:
        raise InvalidInput(f"“{pattern}”的序号前不加“第”字，{example}")


def mark_of(*, is_draft: bool) -> str:
    """What stands across a document that is none: the demo's are all made up, a draft is not issued yet."""
    return "演示" if settings.DEMO else "草稿" if is_draft else ""


def default_name(jurisdiction: Jurisdiction) -> str:
    """The usual name of the housing office: 厅 of a province, 委员会 in a municipality, 局 below; of a street the street itself."""
    name = jurisdiction.name
    if jurisdiction.kind == Jurisdiction.Kind.DEVELOPMENT_ZONE:
        return f"{name}管理委员会"
    match jurisdiction.level:
        case Level.NATION:
            return "住房和城乡建设部"
        case Level.PROVINCE:
            return f"{name}住房和城乡建设{'委员会' if name in _MUNICIPALITIES else '厅'}"
        case Level.STREET:
            return f"{_name_above(jurisdiction)}{name}{'办事处' if name.endswith('街道') else '人民政府'}"
    # Names of urban districts repeat from city to city.
    within = _name_above(jurisdiction) if name.endswith("区") else ""
    return f"{within}{name}住房和城乡建设{'委员会' if within in _MUNICIPALITIES else '局'}"


def _name_above(jurisdiction: Jurisdiction) -> str:
    return jurisdiction.parent.name if jurisdiction.parent is not None else ""


def _office(jurisdiction: Jurisdiction, facts: OfficeFacts) -> Office:
    name = facts.name or default_name(jurisdiction)
    return Office(**{**asdict(facts), "name": name, "heading": facts.heading or f"{name}文件"})
