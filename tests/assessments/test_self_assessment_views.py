"""The pages of the self-assessment, through the whole stack: wall, permissions, forms in place, files."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment, CriterionResult
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core.scope import scope
from apps.standards.models import Criterion, Standard
from tests.factories import enrol, fill_in, person_at

HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.4\n%%EOF\n"
EXPLAINED = {"explanation": "已逐条核对"}

ClientOf = Callable[[Actor], Client]
CommunityOf = Callable[[str], Community]


def save(client: Client, assessment: Assessment, number: int, **data: str) -> Any:
    url = reverse("self_assessment_criterion", args=[assessment.pk, number])
    return client.post(url, data, headers=HTMX)


def attach(client: Client, assessment: Assessment, number: int, *files: tuple[str, bytes]) -> Any:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    url = reverse("evidence_add", args=[assessment.pk, number])
    return client.post(url, {"files": uploads}, headers=HTMX)


def words(response: Any) -> str:
    """The text of a response with single spaces."""
    return " ".join(response.text.split())


def stored(assessment: Assessment) -> dict[int, tuple[str, list[dict[str, object]], int]]:
    rows = assessment.results.select_related("criterion").order_by("criterion__number")
    return {row.criterion.number: (row.verdict, row.deductions, row.version) for row in rows}


def status_of(assessment: Assessment) -> str:
    return Assessment.objects.get(pk=assessment.pk).status


@pytest.fixture
def opened(planned: Participation, street_officer: Actor, client_of: ClientOf) -> Assessment:
    """龙江社区's self-assessment, begun through the page, nothing filled in."""
    client_of(street_officer).post(reverse("self_assessment_open", args=[planned.pk]))
    return Assessment.objects.get(participation=planned)


@pytest.fixture
def officer(client_of: ClientOf, street_officer: Actor) -> Client:
    """鹿城镇's officer at the browser."""
    return client_of(street_officer)


def test_open_begins_once_and_leads_to_the_page(planned: Participation, officer: Client) -> None:
    url = reverse("self_assessment_open", args=[planned.pk])
    first, second = officer.post(url), officer.post(url)
    assessment = Assessment.objects.get(participation=planned)
    assert first["Location"] == second["Location"] == reverse("self_assessment", args=[assessment.pk])
    assert assessment.status == "draft"


@pytest.mark.parametrize(
    ("code", "role", "status"),
    [
        ("532301102", Role.STREET_OFFICER, 404),
        ("532301101", Role.VIEWER, 403),
        ("532301", Role.STAFF, 403),
        ("12", Role.APPROVER, 404),
    ],
)
def test_open_is_refused_to_others(
    planned: Participation, make_actor: Callable[..., Actor], client_of: ClientOf, code: str, role: Role, status: int
) -> None:
    client = client_of(make_actor(code, role))
    assert client.post(reverse("self_assessment_open", args=[planned.pk])).status_code == status
    assert not Assessment.objects.exists()


def test_list_shows_the_street_what_to_do(opened: Assessment, officer: Client) -> None:
    page = words(officer.get(reverse("self_assessment_list"), {"campaign": "chuxiong-2021", "year": "2022"}))
    assert "龙江社区" in page
    assert "继续填报" in page
    assert "已填 0 / 17 条" in page


def test_list_counts_the_criteria_of_the_standard_that_was_begun_by(
    opened: Assessment, chuxiong: Campaign, community: CommunityOf, officer: Client
) -> None:
    """The campaign has gone over to another standard since."""
    enrol(community("532301101001"), chuxiong, 2022)
    Campaign.objects.filter(pk=chuxiong.pk).update(standard=Standard.objects.get(code="national-2020"))
    rows = officer.get(reverse("self_assessment_list"), {"year": "2022"}).context["page_obj"].object_list
    assert [row.criteria for row in rows] == [17, 16]


def test_list_is_read_only_for_bureaus(opened: Assessment, district_reviewer: Actor, client_of: ClientOf) -> None:
    page = client_of(district_reviewer).get(reverse("self_assessment_list"), {"year": "2022"}).text
    assert "龙江社区" in page
    assert "继续填报" not in page
    assert reverse("self_assessment", args=[opened.pk]) in page


def test_list_filters_by_stage_area_and_name(
    opened: Assessment,
    chuxiong: Campaign,
    community: CommunityOf,
    district_reviewer: Actor,
    client_of: ClientOf,
) -> None:
    enrol(community("532301101001"), chuxiong, 2022)
    client, url = client_of(district_reviewer), reverse("self_assessment_list")

    def names(**query: str) -> list[str]:
        page = client.get(url, {"year": "2022", **query})
        return [str(row.community) for row in page.context["page_obj"].object_list]

    other = str(community("532301101001"))
    assert names() == ["龙江社区", other]
    assert names(stage="drafting") == ["龙江社区"]
    assert names(stage="planned") == [other]
    assert names(q="龙江") == ["龙江社区"]
    assert names(q="532301101001") == [other]
    assert names(area="532301101000") == ["龙江社区", other]
    assert names(area="532301102000") == []
    assert names(year="2021") == []
    assert client.get(url, {"area": "120000000000"}).status_code == 404


def test_list_carries_unfinished_communities_into_the_next_year(
    community: CommunityOf, chuxiong: Campaign, officer: Client
) -> None:
    enrol(community("532301101006"), chuxiong, 2021)
    page = officer.get(reverse("self_assessment_list"), {"year": "2022"}).text
    assert "2021 年计划转入" in page


@pytest.mark.parametrize("codes", [["532301101001"], ["532301101001", "532301101002", "532301101003"]])
def test_list_takes_the_same_queries_for_any_number_of_rows(
    community: CommunityOf,
    chuxiong: Campaign,
    officer: Client,
    codes: list[str],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for code in codes:
        fill_in(enrol(community(code), chuxiong, 2022))
    with django_assert_max_num_queries(22):
        assert officer.get(reverse("self_assessment_list"), {"year": "2022"}).status_code == 200


def test_page_is_within_the_query_budget(
    drafted: Assessment, officer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    attach(officer, drafted, 7, ("公约.pdf", PDF))
    with django_assert_max_num_queries(25):
        assert officer.get(reverse("self_assessment", args=[drafted.pk])).status_code == 200


@pytest.mark.parametrize(("code", "role"), [("532301102", Role.STREET_OFFICER), ("12", Role.APPROVER)])
def test_page_does_not_exist_for_other_tenants(
    drafted: Assessment, make_actor: Callable[..., Actor], client_of: ClientOf, code: str, role: Role
) -> None:
    client = client_of(make_actor(code, role))
    assert client.get(reverse("self_assessment", args=[drafted.pk])).status_code == 404
    assert save(client, drafted, 7, seen="1", rule_1="1", rule_1_points="1").status_code == 404
    assert attach(client, drafted, 7, ("公约.pdf", PDF)).status_code == 404
    assert client.post(reverse("self_assessment_submit", args=[drafted.pk])).status_code == 404


def test_save_stores_the_answer_and_refreshes_the_page(opened: Assessment, officer: Client) -> None:
    response = save(officer, opened, 7, seen="0", rule_2="1", rule_2_points="2", note="正在改造")
    assert response.status_code == 200
    assert stored(opened) == {7: ("scored", [{"rule": 2, "points": 2}], 1)}
    assert CriterionResult.objects.get(assessment=opened).note == "正在改造"
    assert '<input type="hidden" id="c7-seen" name="seen" value="1" hx-swap-oob="true">' in response.text
    assert "已填 1 / 4 条" in response.text
    assert "</b> 分，已填 1 / 17 条" in words(response)
    assert "其余条目全部满分可得 98 分" in response.text


def test_save_none_gives_full_points(opened: Assessment, officer: Client) -> None:
    assert save(officer, opened, 8, seen="0", none="1", rule_1_count="0").status_code == 200
    assert stored(opened) == {8: ("scored", [], 1)}


def test_save_refuses_an_answer_that_says_nothing(opened: Assessment, officer: Client) -> None:
    response = save(officer, opened, 8, seen="0", rule_1_count="0")
    assert response.status_code == 422
    assert "第 8 条还没有填：有扣分情形的请勾选，没有的请点“以上均无”。" in response.text
    assert stored(opened) == {}


def test_save_clearing_the_last_deduction_keeps_the_criterion_answered(opened: Assessment, officer: Client) -> None:
    save(officer, opened, 9, seen="0", rule_1="1")
    assert save(officer, opened, 9, seen="1").status_code == 200
    assert stored(opened) == {9: ("scored", [], 2)}


def test_save_refuses_bad_values_in_place(opened: Assessment, officer: Client) -> None:
    response = save(officer, opened, 10, seen="0", rule_1_rate="101")
    assert response.status_code == 422
    assert 'hx-swap-oob="true" > 第 10 条规则 1：比率 101% 不对，须在 0 到 100 之间。 </p>' in words(response)
    assert stored(opened) == {}


def test_save_without_javascript_shows_the_page_with_what_was_typed(opened: Assessment, officer: Client) -> None:
    url = reverse("self_assessment_criterion", args=[opened.pk, 10])
    response = officer.post(url, {"seen": "0", "rule_1_rate": "101"})
    assert response.status_code == 422
    assert 'value="101"' in response.text
    saved = officer.post(url, {"seen": "0", "rule_1_rate": "89"})
    assert saved["Location"] == reverse("self_assessment", args=[opened.pk]) + "#c10"
    assert stored(opened) == {10: ("scored", [{"rule": 1, "rate": 89}], 1)}


def test_save_of_a_stale_form_overwrites_nothing(
    opened: Assessment, officer: Client, make_actor: Callable[..., Actor], client_of: ClientOf
) -> None:
    colleague = make_actor("532301101", Role.STREET_OFFICER)
    save(client_of(colleague), opened, 9, seen="0", rule_1="1")
    response = save(officer, opened, 9, seen="0", rule_2="1")
    assert response.status_code == 409
    assert f"由 {colleague.user} 改过，您的修改没有保存" in response.text
    assert "现在的结果：3 分；无适老化改造扣3分" in response.text
    assert "请刷新" not in response.text
    # Beside what this one ticked stands what that takes.
    effects = re.findall(r'id="c9-effect-(\d)"[^>]*>([^<]*)<', response.text)
    assert effects == [("1", ""), ("2", "扣 3 分")]
    assert stored(opened) == {9: ("scored", [{"rule": 1}], 1)}
    assert save(officer, opened, 9, seen="1", rule_2="1").status_code == 200
    assert stored(opened) == {9: ("scored", [{"rule": 2}], 2)}


def test_criterion_that_the_standard_lacks_is_not_found(opened: Assessment, officer: Client) -> None:
    url = reverse("self_assessment_criterion", args=[opened.pk, 18])
    assert officer.post(url, {"seen": "0"}).status_code == 404
    assert officer.get(url, headers=HTMX).status_code == 404


def test_card_is_shown_again_as_stored(drafted: Assessment, officer: Client) -> None:
    url = reverse("self_assessment_criterion", args=[drafted.pk, 7])
    assert 'id="c7-seen" name="seen" value="1"' in officer.get(url, headers=HTMX).text
    assert officer.get(url)["Location"] == reverse("self_assessment", args=[drafted.pk]) + "#c7"


def test_submitted_is_locked_and_says_with_whom(submitted: Assessment, officer: Client) -> None:
    page = officer.get(reverse("self_assessment", args=[submitted.pk])).text
    assert "现在由 <strong>楚雄市</strong> 审核" in page
    assert "data-autosave" not in page
    response = save(officer, submitted, 7, seen="1", rule_1="1", rule_1_points="1")
    assert response.status_code == 409
    assert "现在由楚雄市办理，其他单位只能查看。" in response.text
    assert attach(officer, submitted, 7, ("公约.pdf", PDF)).status_code == 409
    assert stored(submitted)[7] == ("scored", [], 1)


def test_reviewers_read_the_page_but_do_not_fill_it_in(
    drafted: Assessment, district_reviewer: Actor, client_of: ClientOf
) -> None:
    client = client_of(district_reviewer)
    page = client.get(reverse("self_assessment", args=[drafted.pk])).text
    assert "鹿城镇正在填报" in page
    assert "data-autosave" not in page
    assert save(client, drafted, 7, seen="1", rule_1="1", rule_1_points="1").status_code == 403


def test_return_of_single_criteria_locks_the_others(
    submitted: Assessment, officer: Client, district_reviewer: Actor
) -> None:
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        return_assessment(submitted, "材料不足", {5: "材料为 2020 年，请补 2022 年"}, actor=district_reviewer)
    page = officer.get(reverse("self_assessment", args=[submitted.pk])).text
    assert page.count("data-autosave") == 1
    assert page.count("未退回，已锁定") == 16
    assert page.count("材料为 2020 年，请补 2022 年") == 3
    assert save(officer, submitted, 5, seen="1", rule_2="1").status_code == 200
    locked = save(officer, submitted, 6, seen="1", rule_1="1")
    assert locked.status_code == 409
    assert "第 6 条未被退回，已锁定。本次只修改退回的条目。" in locked.text


def test_submit_shows_what_is_missing_and_refuses(opened: Assessment, officer: Client) -> None:
    save(officer, opened, 9, seen="0", rule_1="1")
    url = reverse("self_assessment_submit", args=[opened.pk])
    page = officer.get(url).text
    assert "还有 16 条没有填" in page
    assert f'{reverse("self_assessment", args=[opened.pk])}#c1"' in page
    response = officer.post(url)
    assert response.status_code == 422
    assert "还有 16 条没有填：第 1、2、3、4、5、6、7、8、10、11、12、13、14、15、16、17 条。" in response.text
    assert status_of(opened) == "draft"


def test_submit_twice_says_that_it_is_done(drafted: Assessment, officer: Client) -> None:
    url = reverse("self_assessment_submit", args=[drafted.pk])
    first = officer.post(url, EXPLAINED, follow=True)
    assert "龙江社区自评已提交，送楚雄市审核。" in first.text
    second = officer.post(url, EXPLAINED, follow=True)
    assert second.status_code == 200
    assert "提交自评，现在由楚雄市办理" in second.text
    assert Assessment.objects.get(pk=drafted.pk).round == 1
    assert officer.get(url)["Location"] == reverse("self_assessment", args=[drafted.pk])


def test_submit_page_with_findings_lists_nothing_but_them(drafted: Assessment, officer: Client) -> None:
    page = officer.get(reverse("self_assessment_submit", args=[drafted.pk])).text
    assert "需要说明的情况" in page
    assert "填写说明后可以提交" in page
    assert "自评达到创建要求" not in page


def seen_on(page: Any) -> str:
    found = re.search(r'name="seen_at" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_submit_what_a_colleague_changed_meanwhile_is_shown_first(
    drafted: Assessment, officer: Client, make_actor: Callable[..., Actor], client_of: ClientOf
) -> None:
    url, colleague = reverse("self_assessment_submit", args=[drafted.pk]), make_actor("532301101", Role.STREET_OFFICER)
    seen = seen_on(officer.get(url))
    save(client_of(colleague), drafted, 9, seen="1", rule_1="1")
    attach(client_of(colleague), drafted, 7, ("公约.pdf", PDF))
    refused = officer.post(url, {**EXPLAINED, "seen_at": seen})
    assert (refused.status_code, status_of(drafted)) == (409, "draft")
    assert [card.number for card in refused.context["changed"]] == [7, 9]
    assert ">已逐条核对</textarea>" in refused.text
    assert officer.post(url, {**EXPLAINED, "seen_at": seen_on(refused)}).status_code == 302
    assert status_of(drafted) == "in_review"


def test_submit_below_the_pass_mark_asks_why(drafted: Assessment, officer: Client) -> None:
    for number, rules in {9: (1, 2), 11: (1,), 16: (2,), 2: (1, 2)}.items():
        save(officer, drafted, number, seen="1", **{f"rule_{rule}": "1" for rule in rules})
    url = reverse("self_assessment_submit", args=[drafted.pk])
    assert "（还差 8 分）" in words(officer.get(url))
    refused = officer.post(url, {"explanation": "  "})
    assert refused.status_code == 422
    assert "自评未达到创建要求。请填写说明后再提交。" in refused.text
    assert status_of(drafted) == "draft"
    assert officer.post(url, EXPLAINED).status_code == 302
    assert status_of(drafted) == "in_review"
    assert drafted.actions.get(kind="submit").comment == "已逐条核对"


@pytest.mark.parametrize(
    ("campaign_code", "community_code", "numbers"),
    [("tianjin-2020", "120101001001", 16), ("anhui-2020", "340102010001", 18), ("national-2020", "441900003004", 16)],
)
def test_pass_fail_standards_run_through_the_same_pages(
    community: CommunityOf, client_of: ClientOf, campaign_code: str, community_code: str, numbers: int
) -> None:
    campaign = Campaign.objects.select_related("standard").get(code=campaign_code)
    participation = enrol(
        Community.objects.filter(code__startswith=community_code[:9]).in_code_order()[0], campaign, 2022
    )
    street = participation.community.jurisdiction
    client = client_of(person_at(street, Role.STREET_OFFICER))
    client.post(reverse("self_assessment_open", args=[participation.pk]))
    assessment = Assessment.objects.get(participation=participation)
    criteria = list(Criterion.objects.filter(standard=campaign.standard).order_by("number"))
    assert len(criteria) == numbers
    for one in criteria:
        verdict = "not_applicable" if one.allows_not_applicable else "met"
        assert save(client, assessment, one.number, seen="0", verdict=verdict).status_code == 200
    page = client.get(reverse("self_assessment", args=[assessment.pk])).text
    assert "全部条目符合或不适用，已达到创建要求。" in page
    refused = save(client, assessment, 1, seen="1", verdict="not_applicable")
    assert "第 1 条不能选“不适用”，请选“符合”或“不符合”。" in refused.text
    assert client.post(reverse("self_assessment_submit", args=[assessment.pk]), EXPLAINED).status_code == 302
    assert status_of(assessment) == "in_review"


def test_pass_fail_not_met_needs_an_explanation(community: CommunityOf, client_of: ClientOf) -> None:
    campaign = Campaign.objects.select_related("standard").get(code="tianjin-2020")
    assessment = fill_in(enrol(Community.objects.filter(code__startswith="120101").in_code_order()[0], campaign, 2022))
    client = client_of(person_at(assessment.holder, Role.STREET_OFFICER))
    response = save(client, assessment, 3, seen="1", verdict="not_met", note="设计师未进社区")
    assert "有条目不符合，未达到创建要求。" in response.text
    url = reverse("self_assessment_submit", args=[assessment.pk])
    assert client.post(url).status_code == 422
    assert client.post(url, EXPLAINED).status_code == 302
