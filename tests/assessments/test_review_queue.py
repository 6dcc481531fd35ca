"""The queue of a reviewing level: what waits, what is elsewhere, how it is narrowed."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment
from apps.assessments.queue import number_waiting_for
from apps.assessments.second_approval import revoke_assessment
from apps.campaigns.models import Campaign
from apps.core.scope import scope
from apps.dashboard.todos import todos_of
from apps.jurisdictions.models import Jurisdiction
from tests.assessments.reviewing import others_of
from tests.factories import agree, recognise

ClientOf = Callable[[Actor], Client]


def test_review_queue_shows_what_waits(at_district: Client, submitted: Assessment) -> None:
    page = at_district.get(reverse("review_queue"))
    assert [one.pk for one in page.context["page_obj"]] == [submitted.pk]
    assert {name: count for name, _, count in page.context["tabs"]} == {
        "waiting": 1,
        "below": 0,
        "above": 0,
        "returned": 0,
        "recognised": 0,
    }
    text = page.content.decode()
    assert "龙江社区" in text
    assert "今天" in text
    assert "第 1 次" in text


def test_review_queue_follows_the_assessment(
    at_district: Client, client_of: ClientOf, city_approver: Actor, submitted: Assessment
) -> None:
    at_city = client_of(city_approver)

    def counts(client: Client) -> dict[str, int]:
        page = client.get(reverse("review_queue"))
        return {name: count for name, _, count in page.context["tabs"] if count}

    assert (counts(at_district), counts(at_city)) == ({"waiting": 1}, {"below": 1})
    agree(submitted)
    assert (counts(at_district), counts(at_city)) == ({"above": 1}, {"waiting": 1})
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        return_assessment(submitted, "请核实", actor=city_approver)
    assert (counts(at_district), counts(at_city)) == ({"waiting": 1}, {"returned": 1})


def test_review_queue_filters_by_area_name_and_campaign(at_district: Client, submitted: Assessment) -> None:
    queue = reverse("review_queue")
    for query, found in [
        ("?q=龙江", 1),
        ("?q=532301101006", 1),
        ("?q=东兴", 0),
        ("?area=532301101000", 1),
        ("?area=532301102000", 0),
        ("?of=chuxiong-2021", 1),
        ("?of=tianjin-2020", 0),
    ]:
        assert len(at_district.get(queue + query).context["page_obj"]) == found, query
    assert at_district.get(queue + "?area=110101000000").status_code == 404


def test_review_queue_keeps_the_revoked_apart_from_the_recognised(
    client_of: ClientOf, city_approver: Actor, submitted: Assessment, chuxiong: Campaign
) -> None:
    arrived = agree(submitted).held_since
    recognise(submitted)
    recognise(agree(others_of(1, chuxiong)[0]))
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        revoke_assessment(submitted, "弄虚作假", actor=city_approver)
    submitted.refresh_from_db()
    assert submitted.held_since == arrived
    at_city = client_of(city_approver)
    page = at_city.get(reverse("review_queue"))
    assert {name: count for name, _, count in page.context["tabs"] if count} == {"recognised": 1, "revoked": 1}
    assert "龙江社区" not in at_city.get(reverse("review_queue") + "?tab=recognised").text
    revoked = at_city.get(reverse("review_queue") + "?tab=revoked").text
    assert "龙江社区" in revoked
    assert "弄虚作假" in revoked
    lists = at_city.get(reverse("self_assessment_list"))
    assert {name: count for name, _, count in lists.context["stages"] if count} == {"recognised": 1, "revoked": 1}
    assert (lists.context["total"], "：弄虚作假" in lists.text) == (2, True)
    only = at_city.get(reverse("self_assessment_list") + "?stage=recognised")
    assert [one.community.name for one in only.context["page_obj"]] != ["龙江社区"]
    own = at_city.get(reverse("self_assessment", args=[submitted.pk])).text
    assert "已认定为绿色社区，自评不再修改" not in own
    assert "理由：弄虚作假" in own


def test_review_queue_says_of_own_work_that_others_review_it(
    client_of: ClientOf, street_officer: Actor, district_reviewer: Actor, submitted: Assessment
) -> None:
    both = Actor(street_officer.user, grant_membership(street_officer.user, district_reviewer.jurisdiction, Role.STAFF))
    for actor, waiting in ((both, 0), (district_reviewer, 1)):
        with scope(actor.jurisdiction.path, user_id=actor.user.pk):
            assert number_waiting_for(actor) == waiting
            assert len([one for one in todos_of(actor) if one.kind != "报送"]) == waiting
    page = client_of(district_reviewer).get(reverse("review_queue"))
    assert (page.context["begin_with"], "须他人审核" in page.text) == (submitted, False)


def test_review_queue_filters_by_assignee_only_what_is_worked_on_here(
    at_district: Client, submitted: Assessment
) -> None:
    agree(submitted)
    page = at_district.get(reverse("review_queue") + "?tab=above&assignee=mine")
    assert [one.pk for one in page.context["page_obj"]] == [submitted.pk]
    assert {name: count for name, _, count in page.context["tabs"] if count} == {"above": 1}
    assert '<select class="form-select" id="assignee"' not in page.text


def test_lists_are_narrowed_to_a_development_zone_without_a_code(
    at_district: Client, district_reviewer: Actor, submitted: Assessment
) -> None:
    zone = Jurisdiction.objects.create(
        name="楚雄经开区", level="street", kind="development_zone", parent=district_reviewer.jurisdiction
    )
    for address in (reverse("review_queue"), reverse("self_assessment_list")):
        page = at_district.get(address, {"area": zone.key})
        assert page.status_code == 200
        assert f'value="{zone.pk}"' in page.text
        assert 'value="None"' not in page.text
        assert "龙江社区" not in page.text
