"""The demo's story: what it comes to, and that playing it again changes nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import Actor
from apps.assessments.chain import chain_of
from apps.assessments.domain import effective_results, return_assessment, submit_assessment
from apps.assessments.models import (
    Assessment,
    CriterionResult,
    DepartmentOpinion,
    Evidence,
    ReviewAction,
    SiteVisit,
)
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.core.fixture_file import FixtureError, read_fixture
from apps.demo.accounts import Troupe, create_accounts
from apps.demo.fixture_format import SOURCE, Story, stories
from apps.demo.pictures import draw_scene
from apps.demo.story import Stage
from apps.jurisdictions.models import Jurisdiction

pytestmark = pytest.mark.django_db

MOUDING, WUDING, YAOHAI, DAYAO = "532323", "532329", "340102", "532326"


def seed(only: str) -> list[str]:
    out = StringIO()
    call_command("seed_demo", only=only, stdout=out)
    return [line for line in out.getvalue().splitlines() if " 月：" in line]


def stage(code: str, branch: str) -> Stage:
    story = next(one for one in stories() if one.campaign == code)
    return Stage(story, Campaign.objects.select_related("standard").get(code=code), Troupe(), branch)


def state() -> dict[str, Any]:
    """Everything that the story leaves, without ids."""
    return {
        "stages": set(Participation.objects.values_list("community__code", "year", "is_pilot", "stage")),
        "actions": set(
            ReviewAction.objects.values_list("assessment__participation__community__code", "kind", "at", "comment")
        ),
        "results": set(
            CriterionResult.objects.values_list(
                "assessment__participation__community__code", "criterion__number", "level", "points", "note"
            )
        ),
        "evidence": set(Evidence.objects.values_list("sha256", flat=True)),
        "recognitions": set(Recognition.objects.values_list("community__code", "year", "document_number")),
    }


def test_chuxiong_reaches_its_figures(jurisdiction: Callable[[str], Jurisdiction]) -> None:
    branch = jurisdiction("5323").path
    create_accounts(branch)
    tasks = list(stage("chuxiong-2021", branch).tasks())
    counts: Counter[tuple[int, str]] = Counter()
    for task in tasks:
        counts[task.moment.year, task.label] += task.size
    assert (counts[2021, "列入计划"], counts[2022, "列入计划"]) == (39, 73)
    assert (counts[2021, "认定"], counts[2022, "认定"]) == (34, 32)
    assert max(task.moment for task in tasks).date() < date(2022, 8, 15)


def test_seed_demo_plays_a_county_to_its_end_and_then_nothing() -> None:
    lines = seed(MOUDING)
    assert lines[0] == "楚雄州 2021 年 3 月：列入计划 2"
    assert len(lines) == 13
    assert Counter(Participation.objects.values_list("year", "stage")) == {
        (2021, "recognised"): 2,
        (2022, "recognised"): 2,
    }
    assert Participation.objects.get(is_pilot=True).year == 2021
    assert Counter(Recognition.objects.values_list("year", "document_number")) == {
        (2021, "楚住建城〔2021〕58号"): 1,
        (2021, "楚住建城〔2021〕76号"): 1,
        (2022, "楚住建城〔2022〕39号"): 2,
    }
    assert Assessment.objects.filter(meets_standard=True, total_points__gte=80).count() == 4
    for action in ReviewAction.objects.select_related("user"):
        assert action.user.display_name.endswith("（演示）")
        assert Membership.objects.filter(user=action.user, jurisdiction=action.jurisdiction_id).exists()
    before = state()
    assert seed(MOUDING) == []
    assert state() == before


def test_seed_demo_goes_on_where_it_stopped(jurisdiction: Callable[[str], Jurisdiction]) -> None:
    seed(MOUDING)
    whole = state()
    Evidence.objects.all().delete()
    Recognition.objects.all().delete()
    Assessment.objects.all().delete()
    Participation.objects.all().delete()
    for task in sorted(stage("chuxiong-2021", jurisdiction(MOUDING).path).tasks(), key=lambda one: one.moment)[:9]:
        task.run()
    assert 0 < Participation.objects.count() < 4
    seed(MOUDING)
    assert state() == whole


def test_seed_demo_leaves_alone_what_people_did() -> None:
    seed(WUDING)
    returned = Assessment.objects.select_related("participation", "holder").get(status="returned")
    assert returned.total_points is not None
    assert returned.total_points < 80
    officer = _actor("shishan")
    submit_assessment(returned, actor=officer)
    return_assessment(returned, "还差一点。", actor=_actor("wuding"))
    before = state()
    assert seed(WUDING) == []
    assert state() == before


def test_seed_demo_plays_pass_fail_up_to_the_province() -> None:
    seed(YAOHAI)
    assert Counter(Assessment.objects.values_list("status", "holder__name")) == {
        ("recognised", "安徽省"): 1,
        ("in_review", "安徽省"): 1,
        ("in_review", "合肥市"): 1,
        ("in_review", "瑶海区"): 1,
        ("returned", "方庙街道"): 1,
        ("draft", "方庙街道"): 1,
    }
    draft = Assessment.objects.select_related("participation__campaign").get(status="draft")
    assert 6 <= len(effective_results(draft, chain_of(draft.participation)[:1])) <= 12


def test_seed_demo_records_a_visit_and_a_departments_objection() -> None:
    seed(DAYAO)
    visit = SiteVisit.objects.get(assessment__status="in_review")
    assert (visit.jurisdiction.name, visit.evidence.count()) == ("大姚县", 1)
    assert "第 " in visit.findings
    assert visit.visited_on == timezone.localtime(visit.recorded_at).date()
    opinions = DepartmentOpinion.objects.filter(assessment=visit.assessment_id)
    assert Counter(opinions.values_list("department", "stance")) == {
        ("楚雄彝族自治州生态环境局", "objects"): 1,
        ("楚雄彝族自治州生态环境局", "agrees"): visit.assessment.standard.sections.count() - 1,
    }
    assert {one.given_by.username for one in opinions} == {"huanbao"}


def test_seed_demo_of_an_unknown_branch_is_refused() -> None:
    with pytest.raises(CommandError, match="没有装载行政区划 110101"):
        seed("110101")
    assert Participation.objects.count() == 0


def test_stage_names_the_divisions_that_are_missing() -> None:
    story = next(one for one in stories() if one.campaign == "beijing-2021")
    campaign = Campaign.objects.get(code="national-2020")
    assert Stage(story, campaign, Troupe()).missing == ["110101000000"]


def test_read_story_with_steps_out_of_order_is_refused(tmp_path: Path) -> None:
    text = (SOURCE / "stories" / "beijing-2021.yaml").read_text(encoding="utf-8")
    path = tmp_path / "story.yaml"
    path.write_text(text.replace("from: 2021-10-25", "from: 2021-10-20"), encoding="utf-8")
    with pytest.raises(FixtureError, match="须晚于上一步"):
        read_fixture(path, Story)


def test_draw_scene_is_the_same_for_the_same_seed() -> None:
    assert draw_scene(Random(1)) == draw_scene(Random(1)) != draw_scene(Random(2))
    assert len(draw_scene(Random(1))) < 100_000


def test_production_has_no_demo() -> None:
    assert "apps.demo" in settings.INSTALLED_APPS
    assert "apps.demo" not in (settings.BASE_DIR / "config" / "settings" / "base.py").read_text()
    assert "apps.demo" not in (settings.BASE_DIR / "config" / "settings" / "prod.py").read_text()


def _actor(username: str) -> Actor:
    membership = Membership.objects.select_related("user", "jurisdiction").get(user__username=username)
    return Actor(membership.user, membership)
