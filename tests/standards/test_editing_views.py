"""The pages on which standards are edited and published."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.standards.deriving import create_standard
from apps.standards.models import Criterion, DeductionRule, Standard
from apps.standards.publishing import publish_standard

Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]
ClientOf = Callable[[Actor], Client]

HEAD = {
    "name": "楚雄市标准",
    "document_title": "楚雄市方案",
    "kind": "scored",
    "total_points": "100",
    "pass_mark": "85",
}


@pytest.fixture
def county(make_actor: MakeActor) -> Actor:
    """楚雄市's approver, who edits and publishes."""
    return make_actor("532301", Role.APPROVER)


@pytest.fixture
def draft(acting: Acting, county: Actor) -> Standard:
    """楚雄市's draft, derived from 楚雄州's standard."""
    with acting(county):
        return create_standard(HEAD, actor=county, base=Standard.objects.get(code="chuxiong-2021"))


@pytest.fixture
def client(client_of: ClientOf, county: Actor) -> Client:
    """The browser of 楚雄市's approver."""
    return client_of(county)


def criterion(standard: Standard, number: int) -> Criterion:
    return Criterion.objects.get(standard=standard, number=number)


def typed(standard: Standard, number: int, **changes: str) -> dict[str, str]:
    """What the form of a criterion sends."""
    one = criterion(standard, number)
    return {
        "section": str(one.section_id),
        "text": one.text,
        "refines": str(one.refines_id or ""),
        "points": str(one.points),
        "scoring_text": one.scoring_text,
        "revision": str(standard.revision),
    } | changes


def test_create_derived_from_the_page(client: Client, county: Actor) -> None:
    page = client.get("/standards/new/")
    offered = [one.code for one in page.context["form"].fields["base"].queryset]
    assert offered == ["national-2020", "chuxiong-2021"]
    base = Standard.objects.get(code="chuxiong-2021").pk
    code = page.context["form"]["code"].value()
    response = client.post("/standards/new/", HEAD | {"base": str(base), "code": code})
    assert (response.status_code, response["Location"]) == (302, f"/standards/{code}/edit/")
    assert client.get(response["Location"]).status_code == 200
    assert Standard.objects.get(code=code).criteria.count() == 17


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": ""}, "name", "请填写标准名称。"),
        ({"total_points": ""}, "total_points", "评分制的标准要填总分。"),
        ({"pass_mark": "101"}, "pass_mark", "达标分 101 大于总分 100。"),
        ({"total_points": "很多"}, "total_points", "请填数字，例如 3 或 0.5。"),
        ({"issued_on": "去年"}, "issued_on", "“去年”不是日期，请按“2022-08-15”这样填写。"),
    ],
)
def test_create_refuses_in_words(client: Client, changes: dict[str, str], field: str, message: str) -> None:
    response = client.post("/standards/new/", HEAD | changes)
    assert response.status_code == 422
    assert message in str(response.context["form"].errors[field])


def test_edit_criterion_keeps_its_lines(client: Client, draft: Standard) -> None:
    one = criterion(draft, 2)
    url = f"/standards/{draft.code}/edit/criterion/{one.pk}/"
    evidence = {"text": "第一行\r\n第二行", "required_evidence": "会议记录\r\n\r\n照片\r\n照片"}
    response = client.post(url, typed(draft, 2, **evidence))
    assert response["Location"] == f"/standards/{draft.code}/edit/#c{one.pk}"
    one.refresh_from_db()
    assert (one.text, one.required_evidence) == ("第一行\n第二行", ["会议记录", "照片"])


def test_edit_criterion_stale_keeps_what_was_typed(
    client: Client, client_of: ClientOf, make_actor: MakeActor, draft: Standard
) -> None:
    url = f"/standards/{draft.code}/edit/criterion/{criterion(draft, 3).pk}/"
    other = client_of(make_actor("532301", Role.STAFF))
    assert other.post(url, typed(draft, 3, text="乙先保存的文字")).status_code == 302
    response = client.post(url, typed(draft, 3, text="甲后保存的文字"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "测试经办人532301" in page
    assert "甲后保存的文字" in page
    assert response.context["stored_otherwise"] == [("标准条目", "乙先保存的文字")]
    again = client.post(
        url, typed(draft, 3, text="甲后保存的文字", revision=str(response.context["standard"].revision))
    )
    assert again.status_code == 302
    assert criterion(draft, 3).text == "甲后保存的文字"


def test_edit_part_that_is_gone_says_so(client: Client, draft: Standard) -> None:
    one = criterion(draft, 3)
    sent = typed(draft, 3)
    url = f"/standards/{draft.code}/edit/criterion/{one.pk}/"
    assert client.post(f"{url}delete/", {"revision": "0"}).status_code == 302
    assert client.post(url, sent).status_code == 409
    assert client.get(url).status_code == 404
    assert client.post(f"{url}delete/", {"revision": "1"}).status_code == 404


def test_add_rule_of_every_kind(client: Client, draft: Standard) -> None:
    one = criterion(draft, 1)
    url = f"/standards/{draft.code}/edit/rule/add/?in={one.pk}"
    kinds: dict[str, dict[str, str]] = {
        "fixed": {"points": "2", "fact": "has_security_system"},
        "range": {"min_points": "1", "max_points": "2"},
        "count": {"points": "0.5", "unit": "项", "cap": "2"},
        "rate_shortfall": {"full_value": "100", "step": "10", "points": "1", "rounding": "full_steps", "floor": "60"},
        "count_shortfall": {"required": "2", "points": "3", "cap": "6", "fact": "trainings"},
    }
    for number, (kind, values) in enumerate(kinds.items()):
        sent = {"kind": kind, "text": f"情形{kind}", "revision": str(number)} | values
        assert client.post(url, sent).status_code == 302, kind
    words = [words for _, words in client.get(f"/standards/{draft.code}/edit/criterion/{one.pk}/").context["rules"]]
    assert words[2:] == [
        "扣 2 分",
        "扣 1–2 分，由评定人取整分",
        "每项扣 0.5 分，最高扣 2 分",
        "低于 100% 的，每低 10 个百分点扣 1 分（满一档才扣）；低于 60% 不得分",
        "应有 2 次，每少 1 次扣 3 分，最高扣 6 分",
    ]
    facts = [rule.fact for rule in one.rules.order_by("number")]
    assert facts[2:] == ["has_security_system", "", "", "", "trainings"]


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"kind": "fixed", "points": "0"}, "points", "须大于 0。"),
        ({"kind": "fixed"}, "points", "请填数字，例如 3 或 0.5。"),
        ({"kind": "range", "min_points": "1.5", "max_points": "2"}, "min_points", "请填整数，例如 1。"),
        ({"kind": "rate_shortfall", "full_value": "101"}, "full_value", "百分比不能大于 100。"),
        ({"kind": "bonus_range", "min_points": "0"}, "min_points", "不能小于 1。"),
        ({"kind": "count_shortfall", "fact": "households"}, "fact", "households"),
    ],
)
def test_add_rule_refuses_in_words(
    client: Client, draft: Standard, values: dict[str, str], field: str, message: str
) -> None:
    url = f"/standards/{draft.code}/edit/rule/add/?in={criterion(draft, 1).pk}"
    response = client.post(url, {"text": "情形", "revision": "0"} | values)
    assert response.status_code == 422
    assert message in str(response.context["form"].errors[field])


def test_add_rule_switch_keeps_the_text(client: Client, draft: Standard) -> None:
    """Without JavaScript another kind is chosen by a button."""
    url = f"/standards/{draft.code}/edit/rule/add/?in={criterion(draft, 1).pk}"
    response = client.post(url, {"text": "打好的字", "kind": "rate_shortfall", "switch": "1", "revision": "0"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "打好的字" in page
    assert 'name="full_value"' in page
    # What was not asked for before is not missing yet.
    assert "field-error" not in page
    assert DeductionRule.objects.filter(criterion__standard=draft, text="打好的字").count() == 0


def test_edit_rule_switch_keeps_what_both_kinds_ask(client: Client, draft: Standard) -> None:
    rule = criterion(draft, 1).rules.get(number=1)
    url = f"/standards/{draft.code}/edit/rule/{rule.pk}/"
    sent = {"text": "打好的字", "kind": "count", "points": "0.5", "switch": "1", "revision": "0"}
    response = client.post(url, sent)
    form = response.context["form"]
    assert (response.status_code, form["text"].value(), form["points"].value()) == (200, "打好的字", "0.5")
    assert "每处扣 0.5 分" in response.text
    assert client.post(url, sent | {"kind": "rate_shortfall"}).context["sentence"] == {}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("kind=fixed&points=2", "扣 2 分"),
        ("kind=count&points=1&unit=&cap=2", "每处扣 1 分，最高扣 2 分"),
        ("kind=fixed&points=7", "最多扣（加）7 分，超过所属的 6 分"),
        ("kind=range&min_points=3&max_points=1", "最少 3 分大于最多 1 分"),
        ("kind=rate_shortfall&full_value=30&step=40&points=1&rounding=full_steps", "每一档 40 大于满值 30"),
        ("kind=rate_shortfall&full_value=100&step=10&points=1&rounding=full_steps&floor=60", "59.9% 不得分"),
        ("kind=fixed&points=", "填好数字后"),
        ("kind=none", "填好数字后"),
    ],
)
def test_rule_words_as_it_is_typed(client: Client, draft: Standard, query: str, said: str) -> None:
    response = client.get(f"/standards/{draft.code}/edit/rule-words/{criterion(draft, 1).pk}/?{query}")
    assert response.status_code == 200
    assert said in response.content.decode()


def test_move_twice_from_one_page_moves_once(client: Client, draft: Standard) -> None:
    url = f"/standards/{draft.code}/edit/criterion/{criterion(draft, 3).pk}/move/"
    for _ in range(2):
        assert client.post(url, {"direction": "up", "revision": "0"}).status_code == 302
    text = Criterion.objects.get(standard__code="chuxiong-2021", number=3).text
    assert criterion(draft, 2).text == text
    assert "改动了这份草稿" in client.get(f"/standards/{draft.code}/edit/").content.decode()


def test_remarks_lead_to_their_place(client: Client, draft: Standard) -> None:
    rule = criterion(draft, 1).rules.get(number=1)
    DeductionRule.objects.filter(pk=rule.pk).update(points=7)
    page = client.get(f"/standards/{draft.code}/edit/")
    assert [(str(one), url) for one, url in page.context["obstacles"]] == [
        (
            "第 1 条扣分项 1：这个扣分项最多扣（加）7 分，超过所属的 6 分",
            f"/standards/{draft.code}/edit/rule/{rule.pk}/",
        )
    ]
    assert client.get(page.context["obstacles"][0][1]).status_code == 200
    refused = client.post(f"/standards/{draft.code}/publish/", {"revision": "0"})
    assert refused.status_code == 422
    assert "超过所属的 6 分" in refused.content.decode()


def test_publish_from_the_second_look(client: Client, draft: Standard) -> None:
    look = client.get(f"/standards/{draft.code}/publish/")
    assert look.context["counts"] == ["5 项内容，17 条", "总分 100 分，85 分及以上达标", "扣分项 31 个"]
    assert client.post(f"/standards/{draft.code}/publish/", {"revision": "0"}).status_code == 302
    assert client.get(f"/standards/{draft.code}/edit/").status_code == 409
    assert client.get(f"/standards/{draft.code}/publish/").status_code == 409
    assert "发布" in client.get(f"/standards/{draft.code}/").content.decode()


def test_version_and_list_say_what_replaced_what(
    client: Client, acting: Acting, county: Actor, draft: Standard, client_of: ClientOf, street_officer: Actor
) -> None:
    with acting(county):
        publish_standard(draft, actor=county, seen=0)
    assert client.post(f"/standards/{draft.code}/version/")["Location"] == f"/standards/{draft.code}-v2/edit/"
    groups = [(title, [one.code for one in rows]) for title, rows in client.get("/standards/").context["groups"]]
    assert groups[0] == ("楚雄市的草稿", [f"{draft.code}-v2"])
    assert "发布后代替" in client.get(f"/standards/{draft.code}-v2/edit/").content.decode()
    assert client.post(f"/standards/{draft.code}-v2/publish/", {"revision": "0"}).status_code == 302
    page = client_of(street_officer).get(f"/standards/{draft.code}/").content.decode()
    assert "第 2 版</a>代替" in page
    assert "制作新版本" not in page
    assert "第 2 版</a>代替" in client_of(street_officer).get("/standards/").content.decode()


@pytest.mark.parametrize(
    ("code", "role", "status"),
    [
        ("532301", Role.STAFF, 200),
        ("532301", Role.VIEWER, 403),
        ("5323", Role.APPROVER, 403),
        ("532301101", Role.BUREAU_ADMIN, 404),
        ("532302", Role.APPROVER, 404),
        ("12", Role.APPROVER, 404),
    ],
)
def test_edit_pages_are_the_issuers(
    client_of: ClientOf, make_actor: MakeActor, draft: Standard, code: str, role: Role, status: int
) -> None:
    browser = client_of(make_actor(code, role))
    one = criterion(draft, 1)
    for place in ("", "head/", f"criterion/{one.pk}/", f"rule/add/?in={one.pk}", f"rule-words/{one.pk}/"):
        assert browser.get(f"/standards/{draft.code}/edit/{place}").status_code == status, place
    if status != 200:
        assert browser.post(f"/standards/{draft.code}/renumber/", {"revision": "0"}).status_code == status
    if status != 200:
        browser.post(f"/standards/{draft.code}/delete/")
        assert Standard.objects.filter(pk=draft.pk).exists()


def test_delete_twice_answers_the_same(client: Client, draft: Standard) -> None:
    for _ in range(2):
        response = client.post(f"/standards/{draft.code}/delete/")
        assert (response.status_code, response["Location"]) == (302, "/standards/")
    assert not Standard.objects.filter(pk=draft.pk).exists()


def test_edit_pages_of_what_is_not_there(client: Client, draft: Standard) -> None:
    elsewhere = Criterion.objects.get(standard__code="chuxiong-2021", number=1)
    base = f"/standards/{draft.code}/edit"
    for place in (
        "chapter/1/",
        f"criterion/{elsewhere.pk}/",
        "rule/add/",
        f"rule/add/?in={elsewhere.pk}",
        "rule/add/?in=a",
    ):
        assert client.get(f"{base}/{place}").status_code == 404, place


def test_edit_page_shows_the_text_of_rules_and_what_deleting_a_criterion_costs(client: Client, draft: Standard) -> None:
    page = client.get(f"/standards/{draft.code}/edit/").text
    for rule in DeductionRule.objects.filter(criterion__standard=draft):
        assert f">{rule.text}：" in page, rule.text
    assert "它对应上级第 9 条：删除后没有其他条目与之对应的，这份标准不能发布。" in page


def test_edit_page_leads_to_trying_out_and_spreadsheets(client: Client, draft: Standard) -> None:
    page = client.get(f"/standards/{draft.code}/edit/").text
    for place in (f"/standards/{draft.code}/try/", f"/standards/{draft.code}/xlsx/", "/standards/import/"):
        assert f'href="{place}"' in page, place


@pytest.mark.parametrize("criteria", [17, 3])
def test_edit_page_needs_few_queries(
    client: Client,
    draft: Standard,
    criteria: int,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[None]],
) -> None:
    Criterion.objects.filter(standard=draft, number__gt=criteria).delete()
    client.get(f"/standards/{draft.code}/edit/")
    with django_assert_max_num_queries(26):
        assert client.get(f"/standards/{draft.code}/edit/").status_code == 200
