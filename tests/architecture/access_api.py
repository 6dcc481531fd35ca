"""What the access matrix tries of the REST API: with the token of each person, on good bodies and the versions that stand."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.acting import acting
from apps.accounts.models import ApiToken, Role
from apps.accounts.permissions import Actor
from apps.accounts.tokens import make_token
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.evaluations.models import AnnualEvaluation
from apps.filings.models import Filing
from apps.people.systems import add_system
from config.api import router
from tests.factories import made_up

World = dict[str, int | str]
_VIEWS = {f"api-{name}": views for name, views, _ in router.registry}


def tokens() -> World:
    """A token of a clerk of 楚雄市, and a system of it."""
    clerk, administrator = made_up("532301", Role.APPROVER), made_up("532301", Role.BUREAU_ADMIN)
    day = clock.today()
    with acting(clerk):
        token = make_token(clerk.membership, "测试", ApiToken.Scope.READ, day, actor=clerk).token
    with acting(administrator):
        made = add_system("数据平台", Role.VIEWER, "同步", ApiToken.Scope.READ, day, actor=administrator)
    return {"token": token.pk, "system": made.token.membership_id}


def around_the_api(chuxiong: Campaign) -> World:
    """Ids that no page names."""
    review = Assessment.objects.order_by("pk").first()
    assert review is not None
    return {
        "standard_id": chuxiong.standard_id,
        "target": chuxiong.targets.order_by("pk")[0].pk,
        "review": review.actions.order_by("pk")[0].pk,
        "draft_evaluation": AnnualEvaluation.objects.get(status="draft").pk,
    }


def client_by_token(actor: Actor) -> Client:
    with acting(actor):
        made = make_token(actor.membership, "测试程序", ApiToken.Scope.READ_WRITE, clock.today(), actor=actor)
    return Client(headers={"Authorization": f"Bearer {made.text}"})


def ask(client: Client, method: str, name: str, url: str, on: str, world: World) -> Any:
    """Ask as a program would."""
    if method == "GET":
        return client.get(url)
    body = bodies(world).get(name, {})
    headers = {"If-Match": f'"{_version(name, on, world)}"'}
    if any(isinstance(one, SimpleUploadedFile) for one in body.values()):
        return client.post(url, body, headers=headers)
    content = json.dumps(body) if body else ""
    return client.generic(method, url, content, "application/json", headers=headers)


def _version(name: str, on: str, world: World) -> str:
    """The version that stands of what the address names."""
    models: dict[str, Any] = {"api-assessments": Assessment, "api-filings": Filing, "api-evaluations": AnnualEvaluation}
    room = name.rpartition("-")[0]
    if name.endswith("-result"):
        return "1" if on.startswith("draft") else "0"
    if room not in models or not on:
        return "0-0" if room == "api-filings" else "0"
    view = _VIEWS[room]()
    return str(view.stamp_of(models[room].objects.get(pk=world[on.split(maxsplit=1)[0]])))


def bodies(world: World) -> dict[str, dict[str, Any]]:
    """Good bodies, so that whoever may do it does it."""
    today = clock.today().isoformat()
    division = {"campaign": world["campaign_id"], "division": world["county"], "year": 2022}
    return {
        "api-communities-survey": {"values": {"households": 1200}, "source": "街道台账", "surveyed_on": today},
        "api-targets-set": division | {"value": "70"},
        "api-participations-enrol": {
            "campaign": world["campaign_id"],
            "year": 2022,
            "communities": [world["unplanned"]],
        },
        "api-participations-pilot": {"is_pilot": True},
        "api-assessments-open": {"participation": world["planned"]},
        "api-assessments-result": {"deductions": []},
        "api-assessments-submit": {"explanation": "已核对"},
        "api-assessments-return": {"comment": "测试"},
        "api-assessments-recognise": {"year": 2022},
        "api-evidence-attach": {
            "assessment": world["draft"],
            "criterion": 1,
            "file": SimpleUploadedFile("材料.pdf", b"%PDF-1.5\n%%EOF\n"),
        },
        "api-recognitions-revoke": {"reason": "测试"},
        "api-filings-save": {
            "milestone": world["due"],
            "division": world["county"],
            "due_on": world["due_day"],
            "narrative": "已自评",
        },
        "api-filings-return": {"reason": "数据不全"},
        "api-evaluations-begin": division,
        "api-evaluations-save": {"sections": [{"title": "存在问题", "text": "充电设施不足。"}]},
        "api-evaluations-return": {"reason": "数据不全"},
        "api-exports-request": division | {"kind": "completion_summary"},
    }
