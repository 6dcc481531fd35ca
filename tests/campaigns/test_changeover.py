"""A campaign goes over to a newer standard."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.changeover import change_standard, newer_standards
from apps.campaigns.departments import responsibilities
from apps.campaigns.fixture_format import read_campaign
from apps.campaigns.loading import SOURCE, load_campaign
from apps.campaigns.models import Campaign, SectionDepartments
from apps.campaigns.running import close_campaign
from apps.communities.models import Community
from apps.core.errors import InvalidInput, TransitionError
from apps.standards.deriving import begin_version
from apps.standards.editing import add_part, delete_part, edit_part, move_part, renumber
from apps.standards.loading import Outcome
from apps.standards.models import Criterion, DeductionRule, Section, Standard
from apps.standards.publishing import publish_standard, remarks_on
from tests.factories import agree, enrol, fill_in, recognise, submit

Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]


@pytest.fixture
def newer(acting: Acting, city_approver: Actor, chuxiong: Campaign) -> Standard:
    """The second version of 楚雄州's standard: criterion 1 asks for evidence and its rules are gone."""
    with acting(city_approver):
        draft = begin_version(chuxiong.standard, actor=city_approver)
        first = Criterion.objects.get(standard=draft, number=1)
        edit_part(first, {"text": "新的条目", "required_evidence": ["名单"]}, actor=city_approver, seen=0)
        for seen, rule in enumerate(DeductionRule.objects.filter(criterion=first), start=1):
            delete_part(rule, actor=city_approver, seen=seen)
        return publish_standard(draft, actor=city_approver, seen=3)


def test_change_standard_offers_what_comes_after(
    acting: Acting, city_approver: Actor, chuxiong: Campaign, newer: Standard
) -> None:
    with acting(city_approver):
        assert newer_standards(chuxiong) == [newer]
        begin_version(newer, actor=city_approver)
        assert newer_standards(chuxiong) == [newer]


def test_change_standard_leaves_running_assessments(
    acting: Acting, city_approver: Actor, chuxiong: Campaign, newer: Standard
) -> None:
    """One begun before goes to its end by the old standard; one begun after goes by the new one."""
    before, after = Community.objects.filter(code__startswith="532301101").counted_in(2022).order_by("code")[:2]
    begun = fill_in(enrol(before, chuxiong, 2022))
    with acting(city_approver):
        change_standard(chuxiong, newer, actor=city_approver, reason="测试")
    later = fill_in(enrol(after, Campaign.objects.get(pk=chuxiong.pk), 2022))
    assert Assessment.objects.get(pk=begun.pk).standard == chuxiong.standard
    assert later.standard == newer
    for assessment in (begun, later):
        recognise(agree(submit(assessment)))
    kept = Assessment.objects.get(pk=begun.pk)
    assert kept.standard == chuxiong.standard
    assert {one.criterion.standard_id for one in kept.results.select_related("criterion")} == {chuxiong.standard_id}


def test_change_standard_twice_has_one_effect(
    acting: Acting, city_approver: Actor, chuxiong: Campaign, newer: Standard
) -> None:
    with acting(city_approver):
        for _ in range(2):
            assert change_standard(chuxiong, newer, actor=city_approver, reason="测试").dropped_departments == []
        assert Campaign.objects.get(pk=chuxiong.pk).standard == newer


def test_change_standard_back_or_elsewhere_is_refused(
    acting: Acting, city_approver: Actor, chuxiong: Campaign, newer: Standard
) -> None:
    with acting(city_approver):
        change_standard(chuxiong, newer, actor=city_approver, reason="测试")
        for code in ("chuxiong-2021", "national-2020", "tianjin-2020"):
            with pytest.raises(InvalidInput, match="不能改用"):
                change_standard(chuxiong, Standard.objects.get(code=code), actor=city_approver, reason="测试")


@pytest.mark.parametrize(("code", "role"), [("53", Role.APPROVER), ("5323", Role.STAFF), ("532301", Role.APPROVER)])
def test_change_standard_is_the_issuers(
    acting: Acting, make_actor: MakeActor, chuxiong: Campaign, newer: Standard, code: str, role: Role
) -> None:
    actor = make_actor(code, role)
    with acting(actor), pytest.raises(PermissionDenied):
        change_standard(chuxiong, newer, actor=actor, reason="测试")


def test_change_standard_of_a_closed_campaign_is_refused(
    acting: Acting, make_actor: MakeActor, city_approver: Actor, chuxiong: Campaign, newer: Standard
) -> None:
    manager = make_actor("5323", Role.BUREAU_ADMIN)
    with acting(manager):
        close_campaign(chuxiong, actor=manager, reason="期满")
    with acting(city_approver), pytest.raises(TransitionError, match="结束，不能再调整"):
        change_standard(chuxiong, newer, actor=city_approver, reason="测试")


def test_change_standard_departments_follow_their_section(acting: Acting, stranger: Actor) -> None:
    """天津's second version begins with a section of its own, so that every number moves by one, and drops one title."""
    with acting(stranger):
        campaign = Campaign.objects.select_related("standard", "jurisdiction").get(code="tianjin-2020")
        held = {one.section_number: one.departments for one in campaign.section_departments.all()}
        draft = begin_version(campaign.standard, actor=stranger)
        section = add_part(Section, {"title": "新内容"}, draft, actor=stranger, seen=0)
        add_part(Criterion, {"text": "新条目", "section": section}, section, actor=stranger, seen=1)
        for seen in range(2, 7):
            move_part(section, up=True, actor=stranger, seen=seen)
        renumber(draft, actor=stranger, seen=7)
        assert reasons(draft) == []
        newer = publish_standard(draft, actor=stranger, seen=8)
        done = change_standard(campaign, newer, actor=stranger, reason="测试")
        now = {one.section_number: one.departments for one in campaign.section_departments.all()}
    assert now == {number + 1: departments for number, departments in held.items()}
    assert done.dropped_departments == []


def reasons(standard: Standard) -> list[str]:
    return [str(one) for one in remarks_on(Standard.objects.get(pk=standard.pk)) if one.blocks]


def test_load_campaign_keeps_the_newer_standard(
    acting: Acting, city_approver: Actor, chuxiong: Campaign, newer: Standard
) -> None:
    with acting(city_approver):
        change_standard(chuxiong, newer, actor=city_approver, reason="测试")
    assert load_campaign(read_campaign(SOURCE / "chuxiong-2021.yaml")) == Outcome.UNCHANGED
    assert Campaign.objects.get(pk=chuxiong.pk).standard == newer


def test_campaign_page_offers_the_newer_standard(
    client_of: Callable[[Actor], Client],
    city_approver: Actor,
    province_reviewer: Actor,
    street_officer: Actor,
    chuxiong: Campaign,
    newer: Standard,
) -> None:
    url = f"/campaigns/{chuxiong.code}/"
    for actor in (province_reviewer, street_officer):
        assert "改用新标准" not in client_of(actor).get(url).content.decode()
        assert client_of(actor).post(f"{url}standard/", {"standard": newer.code}).status_code == 403
    client = client_of(city_approver)
    assert "改用新标准" in client.get(url).content.decode()
    assert client.post(f"{url}standard/", {"standard": newer.code, "reason": "测试"}).status_code == 302
    page = client.get(url).content.decode()
    assert "此前开始的自评，仍按原标准办理" in page
    assert 'id="newer-standard"' not in page
    assert client.post(f"{url}standard/", {"standard": "nirgends"}).status_code == 404


def divided(campaign: Campaign) -> dict[str, list[str]]:
    """Give each of the first three sections a department of its own; return them by the section's title."""
    for number, name in enumerate(("甲局", "乙局", "丙局"), start=1):
        SectionDepartments.objects.create(campaign=campaign, section_number=number, departments=[name])
    return by_title(campaign)


def by_title(campaign: Campaign) -> dict[str, list[str]]:
    titles = dict(Section.objects.filter(standard=campaign.standard_id).values_list("number", "title"))
    return {titles[one.section_number]: one.departments for one in campaign.section_departments.all()}


def next_version(campaign: Campaign, actor: Actor) -> Standard:
    """The first section goes by another title, and stands behind the second."""
    draft = begin_version(campaign.standard, actor=actor)
    first = Section.objects.get(standard=draft, number=1)
    edit_part(first, {"title": "改了名"}, actor=actor, seen=0)
    move_part(first, up=False, actor=actor, seen=1)
    renumber(draft, actor=actor, seen=2)
    return publish_standard(draft, actor=actor, seen=3)


def test_change_standard_gives_no_number_away_whose_title_is_known(
    acting: Acting, city_approver: Actor, chuxiong: Campaign
) -> None:
    with acting(city_approver):
        before = divided(chuxiong)
        titles = list(before)
        done = change_standard(chuxiong, next_version(chuxiong, city_approver), actor=city_approver, reason="测试")
        now = by_title(Campaign.objects.get(pk=chuxiong.pk))
    assert now == {title: before[title] for title in titles[1:]}
    assert done.dropped_departments == [titles[0]]


def test_running_assessments_find_their_departments_after_the_change(
    acting: Acting, city_approver: Actor, chuxiong: Campaign
) -> None:
    """By the title, though its number moved; by the ties of its criteria where the title went; else the lead departments."""
    earlier = chuxiong.standard_id
    with acting(city_approver):
        divided(chuxiong)
        change_standard(chuxiong, next_version(chuxiong, city_approver), actor=city_approver, reason="测试")
        chuxiong.refresh_from_db()
        renamed = Section.objects.get(standard=chuxiong.standard_id, title="改了名")
        SectionDepartments.objects.create(campaign=chuxiong, section_number=renamed.number, departments=["丁局"])
        held = responsibilities([(chuxiong, earlier)])[chuxiong.pk, earlier]
        assert [held.of(number) for number in (1, 2, 3)] == [["丁局"], ["乙局"], ["丙局"]]


def test_sections_that_the_campaigns_standard_lacks_are_the_lead_departments(
    acting: Acting, city_approver: Actor, chuxiong: Campaign
) -> None:
    with acting(city_approver):
        divided(chuxiong)
        other = begin_version(chuxiong.standard, actor=city_approver)
        section = add_part(Section, {"title": "新内容"}, other, actor=city_approver, seen=0)
        add_part(Criterion, {"text": "新条目", "section": section}, section, actor=city_approver, seen=1)
        held = responsibilities([(chuxiong, other.pk)])[chuxiong.pk, other.pk]
    assert (held.of(1), held.of(section.number)) == (["甲局"], chuxiong.lead_departments)
