"""接收认定: all or nothing, once, overwriting nothing, by the last level alone; and what the rest of the product makes of it."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.adopting import Adopted, adopt_recognitions
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Adoption, Campaign, Participation, Recognition
from apps.campaigns.rollup import roll_up
from apps.communities.models import Community
from apps.core.errors import InvalidInput, TransitionError
from apps.evaluations.summarising import summarise
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.adopted import revoke_adopted
from apps.recognitions.authority import authority_of, seat_adopted
from apps.recognitions.demonstration_bases import name_base
from apps.recognitions.document_number_correction import correct_document_number
from apps.recognitions.rechecks import record_recheck
from tests.consolidation import DECISION
from tests.factories import enrol, fill_in, recognised_community

FindCommunity = Callable[[str], Community]
Adopt = Callable[..., Adopted]

# 楚雄市: 龙江 and 北浦 in 鹿城镇, 紫溪 in 紫溪镇.
LONGJIANG, BEIPU, ZIXI = "532301101006", "532301101008", "532301104001"


def test_adopt_recognitions_makes_them_those_of_their_year(
    adopt: Adopt,
    community: FindCommunity,
    chuxiong: Campaign,
    city_approver: Actor,
    jurisdiction: Callable[[str], Jurisdiction],
) -> None:
    done = adopt({community(LONGJIANG).pk: 2021, community(ZIXI).pk: 2021})
    assert done.adoption is not None
    assert (len(done.added), done.unchanged, str(done.adoption)) == (2, [], "接收认定 楚住建城〔2021〕46号")
    found = Recognition.objects.get(community__code=LONGJIANG)
    assert (found.year, found.document_number, found.recognised_by) == (2021, "楚住建城〔2021〕46号", None)
    assert (found.participation.stage, found.participation.year, found.adoption) == ("recognised", 2021, done.adoption)
    assert authority_of(found) == city_approver.jurisdiction
    county = next(
        one for one in roll_up(chuxiong, jurisdiction("5323"), 2022).children if one.jurisdiction.name == "楚雄市"
    )
    assert (county.figures.by_year, county.figures.enrolled) == ({2021: 2}, 2)
    assert summarise(chuxiong, jurisdiction("5323"), 2022).rows[0].names_by_year == {2021: ["龙江社区", "紫溪社区"]}


def test_adopt_recognitions_twice_has_one_effect(adopt: Adopt, community: FindCommunity) -> None:
    chosen = {community(LONGJIANG).pk: 2021}
    adopt(chosen)
    again = adopt(chosen)
    assert (again.adoption, again.added, again.unchanged) == (None, [], [community(LONGJIANG)])
    more = adopt({**chosen, community(ZIXI).pk: 2021})
    assert (len(more.added), more.unchanged) == (1, [community(LONGJIANG)])
    assert (Adoption.objects.count(), Recognition.objects.count()) == (2, 2)


def test_adopt_recognitions_overwrites_nothing(adopt: Adopt, community: FindCommunity, chuxiong: Campaign) -> None:
    recognised_community(community(LONGJIANG), chuxiong, 2022)
    enrol(community(BEIPU), chuxiong, 2022)
    fill_in(enrol(community(ZIXI), chuxiong, 2022))
    free = community("532301101001")
    for code, said in (
        (LONGJIANG, "龙江社区：系统中已认定为 2022 年。请去掉后再接收。"),
        (BEIPU, "北浦社区：已列入“楚雄州绿色社区创建行动”2022 年计划，请先调出计划"),
        (ZIXI, "紫溪社区：正在“楚雄州绿色社区创建行动”中办理（自评中），按审核程序认定"),
    ):
        with pytest.raises(InvalidInput, match=said):
            adopt({community(code).pk: 2021, free.pk: 2021})
    assert not Adoption.objects.exists()
    assert not Participation.objects.filter(community=free).exists()


@pytest.mark.parametrize(
    ("year", "changed", "said"),
    [
        (2022, {}, "2022 年的认定不能接收：只接收行动期内2021–2021 年的"),
        (2020, {}, "2020 年的认定不能接收"),
        (2021, {"document_number": " "}, "请填写文号"),
        (2021, {"reason": ""}, "请填写接收理由"),
        (2021, {"decided_on": date(2022, 8, 16)}, "还没有到"),
        (2021, {"decided_on": date(2020, 12, 31)}, "早于认定年度 2021 年"),
    ],
)
def test_adopt_recognitions_refuses_what_cannot_be(
    adopt: Adopt, community: FindCommunity, year: int, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        adopt({community(LONGJIANG).pk: year}, **changed)


def test_adopt_recognitions_refuses_what_does_not_count_as_urban(adopt: Adopt, community: FindCommunity) -> None:
    Community.objects.filter(code=LONGJIANG).update(counts_as_urban=False)
    with pytest.raises(InvalidInput, match="2021 年不计入城市社区"):
        adopt({community(LONGJIANG).pk: 2021})
    with pytest.raises(InvalidInput, match="没有选定"):
        adopt({})


def test_adopt_recognitions_is_the_last_levels(
    chuxiong: Campaign, community: FindCommunity, make_actor: Callable[[str, Role], Actor], stranger: Actor
) -> None:
    chosen = {community(LONGJIANG).pk: 2021}
    people = [make_actor("5323", Role.STAFF), make_actor("532301", Role.APPROVER), make_actor("53", Role.APPROVER)]
    for actor in people:
        with acting(actor), pytest.raises(PermissionDenied):
            adopt_recognitions(chuxiong, chosen, **DECISION, actor=actor)
    tianjin = Campaign.objects.get(code="tianjin-2020")
    with acting(stranger), pytest.raises(InvalidInput, match="1 个社区已不在天津市辖区内"):
        adopt_recognitions(tianjin, chosen, **DECISION, actor=stranger)
    assert not Adoption.objects.exists()


def test_adopt_recognitions_where_two_decide_is_refused(
    adopt: Adopt, community: FindCommunity, chuxiong: Campaign, make_actor: Callable[[str, Role], Actor]
) -> None:
    administrator = make_actor("5323", Role.BUREAU_ADMIN)
    with acting(administrator):
        set_second_approval(chuxiong, True, actor=administrator, reason="测试")
    with pytest.raises(TransitionError, match="须两人复核"):
        adopt({community(LONGJIANG).pk: 2021})


def test_adopted_recognition_lives_on_like_any_other(
    adopt: Adopt,
    community: FindCommunity,
    city_approver: Actor,
    district_reviewer: Actor,
    make_actor: Callable[[str, Role], Actor],
) -> None:
    adopt({community(LONGJIANG).pk: 2021, community(ZIXI).pk: 2021})
    found = Recognition.objects.get(community__code=LONGJIANG)
    with acting(district_reviewer):
        checked = {"year": 2022, "checked_on": date(2022, 8, 15), "result": "passed"}
        record_recheck(found, **checked, actor=district_reviewer)  # type: ignore[arg-type]
    with acting(city_approver):
        corrected = correct_document_number(
            found, "楚住建城〔2021〕47号", "文号写错", whole_document=True, actor=city_approver
        )
        assert len(corrected) == 2
        base = name_base(
            found, title="示范基地", document_number="楚〔2022〕1号", named_on=date(2022, 8, 1), actor=city_approver
        )
    with acting(district_reviewer), pytest.raises(PermissionDenied):
        revoke_adopted(found, "公共车位长期被占", actor=district_reviewer)
    with acting(city_approver):
        revoke_adopted(found, "公共车位长期被占", actor=city_approver)
    base.refresh_from_db()
    found.refresh_from_db()
    assert found.revoked_at is not None
    assert base.end_reason == "绿色社区已摘牌：公共车位长期被占"
    with pytest.raises(InvalidInput, match="系统中已摘牌"):
        adopt({community(LONGJIANG).pk: 2021})


def test_adopted_recognition_follows_its_place(
    adopt: Adopt, community: FindCommunity, chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    adopt({community(LONGJIANG).pk: 2021})
    Campaign.objects.filter(pk=chuxiong.pk).update(review_chain=["street", "district"])
    moved = seat_adopted([community(LONGJIANG).pk])
    assert [(old.name, new.name) for old, new in moved] == [("楚雄彝族自治州", "楚雄市")]
    assert authority_of(Recognition.objects.get()) == jurisdiction("532301")
    assert seat_adopted([community(LONGJIANG).pk]) == []


def test_adopted_recognition_stands_on_its_pages(
    adopt: Adopt,
    community: FindCommunity,
    city_approver: Actor,
    district_reviewer: Actor,
    client_of: Callable[[Actor], Client],
) -> None:
    adopt({community(LONGJIANG).pk: 2021})
    found = Recognition.objects.get()
    for actor in (city_approver, district_reviewer):
        page = client_of(actor).get(f"/communities/{found.community_id}/").content.decode()
        assert "接收认定（2021 年绿色社区）" in page
        assert "系统启用前已认定" in page
        assert "列入 2021 年计划" not in page
        listed = client_of(actor).get("/recognitions/").content.decode()
        assert "接收认定" in listed
        revoke = f"/recognitions/{found.pk}/revoke/"
        assert (revoke in listed, revoke in page) == ((True, True) if actor is city_approver else (False, False))
        assert client_of(actor).get("/recognitions/rechecks/").status_code == 200
        assert client_of(actor).get("/recognitions/?format=xlsx").status_code == 200
    client = client_of(city_approver)
    assert client.get(revoke).status_code == 200
    assert client.post(revoke, {"reason": "测试"})["Location"] == "/recognitions/"
    assert client_of(district_reviewer).get(revoke).status_code == 403
