"""The try-out of a standard: points as they come, what is missing, and nothing stored."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.permissions import Actor
from apps.standards.models import Standard
from apps.standards.trying import TryOut, perfect_data, try_out


@pytest.fixture
def standard(db: None) -> Standard:
    return Standard.objects.get(code="chuxiong-2021")


def trial_of(found: TryOut, number: int) -> tuple[Decimal | None, str]:
    trial = next(one for one in found.trials if one.number == number)
    wrong = [rule.error for rule in trial.inputs.rules if rule.error]
    return trial.score.points if trial.score else None, trial.inputs.error or "".join(wrong)


def test_try_out_of_nothing_leaves_everything_open(standard: Standard) -> None:
    found = try_out(standard)
    assert (found.answered, found.standing.points_so_far, found.reachable) == (0, Decimal(0), Decimal(100))
    assert (found.points_to_go, found.meets_standard, found.is_out_of_reach) == (Decimal(80), False, False)


def test_try_out_of_a_draft_without_total_is_out_of_what_its_criteria_hold(standard: Standard) -> None:
    draft = Standard.objects.create(code="bare-2022", name="草稿", jurisdiction=standard.jurisdiction, kind="scored")
    section = draft.sections.create(number=1, title="内容", weight=Decimal("1.5"))
    draft.criteria.create(section=section, number=1, text="条目", points=4)
    assert try_out(draft).full_points == 6


def test_try_out_without_losses_brings_everything_but_the_bonus(standard: Standard) -> None:
    found = try_out(standard, perfect_data(standard))
    assert (found.answered, found.standing.points_so_far, found.meets_standard) == (17, Decimal(96), True)


def test_try_out_counts_each_criterion_by_its_own_inputs(standard: Standard) -> None:
    data = perfect_data(standard) | {"t10-rule_1_rate": "８９%", "t8-none": "", "t8-rule_1_count": "5"}
    found = try_out(standard, data)
    assert trial_of(found, 8) == (Decimal(4), "")
    assert trial_of(found, 10) == (Decimal(5), "")
    assert [one.number for one in found.losing] == [8, 10]
    assert found.standing.points_so_far == 93


def test_try_out_tells_a_wrong_entry_and_counts_the_rest(standard: Standard) -> None:
    found = try_out(standard, {"t1-rule_2": "1", "t2-none": "1", "t10-rule_1_rate": "abc", "t8-rule_1_count": "0"})
    assert trial_of(found, 1) == (None, "第 1 条规则 2已勾选，请选择扣几分（1–3 分）。")
    assert trial_of(found, 10) == (None, "第 10 条规则 1：比率“abc”不是有效的数字（小数最多 4 位）。")
    assert trial_of(found, 8) == (None, "")
    assert found.standing.points_so_far == 6


def test_try_out_of_a_pass_fail_standard_needs_every_criterion(db: None) -> None:
    standard = Standard.objects.get(code="national-2020")
    data = perfect_data(standard)
    assert try_out(standard, data).meets_standard
    found = try_out(standard, data | {"t3-verdict": "not_met"})
    assert (found.meets_standard, [one.number for one in found.failed]) == (False, [3])


def test_try_out_of_an_unfinished_draft_works(standard: Standard) -> None:
    draft = Standard.objects.create(code="bare-2022", name="空", jurisdiction=standard.jurisdiction, kind="pass_fail")
    section = draft.sections.create(number=1, title="方面")
    criterion = draft.criteria.create(section=section, number=1, text="条目", points=5)
    criterion.rules.create(number=1, kind="rate_shortfall", text="没有填完的规则")
    found = try_out(draft, {"t1-rule_1_rate": "80"})
    assert found.answered == 1


def test_page_stores_nothing(standard: Standard, city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    client = client_of(city_approver)
    with CaptureQueriesContext(connection) as queries:
        response = client.post("/standards/chuxiong-2021/try/", perfect_data(standard))
    assert "试算，不保存" in response.content.decode()
    assert "达到创建要求。" in response.content.decode()
    written = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert [sql for sql in written if "standards_" in sql or "assessments_" in sql] == []


def test_page_answers_htmx_with_the_changes_only(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    data = {"t1-rule_1": "1"}
    page = client_of(city_approver).post("/standards/chuxiong-2021/try/", data, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert "<html" not in text
    assert 'id="t1-c1-effect-1"' in text
    assert "扣 3 分" in text


def test_page_of_another_bureaus_draft_is_not_found(
    stranger: Actor, city_approver: Actor, client_of: Callable[[Actor], Client]
) -> None:
    unit = city_approver.jurisdiction
    Standard.objects.create(code="bare-2022", name="空", jurisdiction=unit, kind="pass_fail")
    assert client_of(stranger).get("/standards/bare-2022/try/").status_code == 404
    assert client_of(stranger).get("/standards/bare-2022/xlsx/").status_code == 404
    assert client_of(city_approver).get("/standards/bare-2022/try/").status_code == 200
