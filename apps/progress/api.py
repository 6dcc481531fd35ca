"""REST: how far a jurisdiction and its children have come in a campaign's year."""

from fractions import Fraction
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.views import Workable
from apps.campaigns.api import CampaignRef, campaign_named, division_named
from apps.campaigns.rollup import Figures, Line, roll_up
from apps.core.api.lists import check_parameters
from apps.core.api.problems import ApiProblem
from apps.core.errors import InvalidInput
from apps.core.inputs import whole_number
from apps.jurisdictions.api import DivisionRef

_ID = {"type": "integer", "minimum": 1}
_YEAR = {"type": "integer", "minimum": 2000, "maximum": 2100}


class FiguresShape(serializers.Serializer):
    """Counts of communities; ratios divide by the base and are null without one."""

    base = serializers.IntegerField(label="城市社区底数")
    enrolled = serializers.IntegerField(label="参与创建")
    pilots = serializers.IntegerField(label="试点")
    in_review = serializers.IntegerField(label="审核中")
    recognised = serializers.IntegerField(label="本年认定")
    cumulative = serializers.IntegerField(label="累计认定")
    participation_ratio = serializers.FloatField(label="参与创建比例", allow_null=True)
    completion_ratio = serializers.FloatField(label="本年完成比例", allow_null=True)
    cumulative_ratio = serializers.FloatField(label="合计完成比例", allow_null=True)


class LineShape(FiguresShape):
    """A jurisdiction with its target, if one holds there."""

    division = DivisionRef(label="行政区划")
    target_ratio = serializers.FloatField(label="目标比例", allow_null=True)
    wanted = serializers.IntegerField(label="目标社区数", allow_null=True)
    gap = serializers.IntegerField(label="还差", allow_null=True)


@extend_schema_serializer(many=False)
class ProgressShape(serializers.Serializer):
    """``children`` and ``direct`` (communities right under it) sum up to ``total``."""

    campaign = CampaignRef()
    year = serializers.IntegerField(label="年度")
    total = LineShape(label="合计")
    direct = FiguresShape(label="直属")
    children = LineShape(many=True, label="下级")


class Progress(Workable):
    """Counted live."""

    serializer_class = ProgressShape
    filter_backends = ()
    pagination_class = None
    without_fields = True

    @extend_schema(
        summary="进展：一个辖区和它的下级",
        responses=ProgressShape,
        parameters=[
            OpenApiParameter("campaign", _ID, required=True, description="创建行动的 id。"),
            OpenApiParameter("year", _YEAR, required=True, description="年度。"),
            OpenApiParameter("division", _ID, description="辖区的 id；不填为本级。"),
        ],
        operation_id="progress_retrieve",
    )
    def list(self, request: Request) -> Response:
        """The roll-up of a jurisdiction; one query whatever its size."""
        check_parameters(request, known=("campaign", "year", "division"))
        campaign = campaign_named(self.actor, _asked(request, "campaign"))
        year, place = _asked(request, "year"), self.actor.jurisdiction
        if "division" in request.query_params:
            place = division_named(self.actor, _asked(request, "division"))
        if year not in campaign.years:
            raise InvalidInput(
                f"{year} 年不在“{campaign.name}”的年度（{campaign.first_year}–{campaign.last_year}）内。"
            )
        rollup = roll_up(campaign, place, year)
        shown = {
            "campaign": campaign,
            "year": year,
            "total": _line(rollup.total),
            "direct": _figures(rollup.direct),
            "children": [_line(one) for one in rollup.children],
        }
        return Response(ProgressShape(shown).data)


def _asked(request: Request, name: str) -> int:
    number = whole_number(request.query_params.get(name, ""))
    if number is None:
        raise ApiProblem("invalid-parameter", f"请给出参数 {name}，须为数字。")
    return number


def _line(one: Line) -> dict[str, Any]:
    target = {"target_ratio": _ratio(one.target_ratio), "wanted": one.wanted, "gap": one.gap}
    return {"division": one.jurisdiction, **_figures(one.figures), **target}


def _figures(one: Figures) -> dict[str, Any]:
    counts = {
        name: getattr(one, name) for name in ("base", "enrolled", "pilots", "in_review", "recognised", "cumulative")
    }
    ratios = {
        name: _ratio(getattr(one, name)) for name in ("participation_ratio", "completion_ratio", "cumulative_ratio")
    }
    return counts | ratios


def _ratio(ratio: Fraction | None) -> float | None:
    return None if ratio is None else round(float(ratio), 6)
