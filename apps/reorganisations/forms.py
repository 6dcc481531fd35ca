"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q

from apps.accounts.permissions import Actor
from apps.communities.models import Community, CommunityQuerySet
from apps.core import clock
from apps.core.forms import Day, PlainForm
from apps.jurisdictions.models import Jurisdiction, JurisdictionQuerySet, Level
from apps.reorganisations.carrying_out import Order

_LONGEST = 1000


def street_choices(path: str) -> list[tuple[str, Any]]:
    """Return where communities may lie below ``path`` for a select, by the unit above: streets, and zones of a county's level,
    which need not have any."""
    zones = Q(level=Level.DISTRICT, kind=Jurisdiction.Kind.DEVELOPMENT_ZONE)
    streets = Jurisdiction.objects.below(path).filter(Q(level=Level.STREET) | zones, closed_on=None)
    streets = streets.select_related("parent")
    grouped: dict[str, list[tuple[str, str]]] = {}
    for one in streets.order_by("path"):
        grouped.setdefault(one.parent.name if one.parent else "", []).append((str(one.pk), one.name))
    if len(grouped) == 1:
        return [("", "请选择"), *next(iter(grouped.values()))]
    return [("", "请选择"), *grouped.items()]


class PlaceField(forms.TypedChoiceField):
    """A jurisdiction out of a set that the actor sees."""

    def __init__(self, **also: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **also)


class ReasonForm(PlainForm):
    """Why something is given back."""

    reason = forms.CharField(label="退回理由", max_length=_LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


class OrderForm(PlainForm):
    """What a change goes by. ``submission`` makes it happen once, ``seen`` and ``confirmed`` belong to the second step."""

    effective_on = Day(label="生效日期", help_text="今年 1 月 1 日至今天。以前年度的数字已经上报，不再变动。")
    document_number = forms.CharField(label="批准文号", max_length=100, required=False)
    reason = forms.CharField(label="变更理由", max_length=_LONGEST, widget=forms.Textarea(attrs={"rows": 3}))
    submission = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    # Fields of a kind come before those of the order.
    own: tuple[str, ...] = ()

    def __init__(self, data: Mapping[str, Any] | None = None, **also: Any) -> None:
        initial = {"effective_on": clock.today(), "submission": uuid4(), **also.pop("initial", {})}
        super().__init__(data, initial=initial, label_suffix="", **also)
        self.order_fields([*self.own, "effective_on", "document_number", "reason"])

    def order(self, *, confirmed: bool) -> Order:
        """The order as it was entered; while it is only previewed, self-assessments may end."""
        entered = self.cleaned_data
        return Order(
            entered["effective_on"],
            entered["reason"],
            entered["document_number"],
            entered["submission"],
            seen=entered["seen"] if confirmed else None,
            ends_assessments=not confirmed or bool(self.data.get("ends_assessments")),
        )


class CommunityForm(OrderForm):
    """A change of one community; ``communities`` are the choices of those that it concerns beside it."""

    def __init__(self, actor: Actor, community: Community | None, data: Any = None) -> None:
        super().__init__(data)
        self.actor, self.community = actor, community
        self.offer()

    def offer(self) -> None:
        """Fill the choices in."""

    def place(self, name: str) -> Jurisdiction:
        return Jurisdiction.objects.get(pk=self.cleaned_data[name])

    def _offer_streets(self, name: str, *, initial: int | None = None) -> None:
        field = self.fields[name]
        field.choices = street_choices(self.actor.jurisdiction.path)  # type: ignore[attr-defined]
        if initial is not None:
            field.initial = initial


class OpenForm(CommunityForm):
    name = forms.CharField(label="社区全称", max_length=100, help_text="例如：龙江社区居民委员会")
    code = forms.CharField(
        label="区划代码", max_length=12, required=False, help_text="统计用 12 位代码，还没有的不填。"
    )
    street = PlaceField(label="所属街道（镇、乡）")
    own = ("name", "code", "street")

    def offer(self) -> None:
        self._offer_streets("street")


class RenameForm(CommunityForm):
    name = forms.CharField(label="新名称", max_length=100)
    code = forms.CharField(label="区划代码", max_length=12, required=False)
    own = ("name", "code")

    def offer(self) -> None:
        if self.community is not None:
            self.fields["name"].initial, self.fields["code"].initial = self.community.name, self.community.code or ""


class CloseForm(CommunityForm):
    """Nothing but the order."""


class MoveForm(CommunityForm):
    street = PlaceField(label="调整到", error_messages={"required": "请选择调整到哪个街道（镇、乡）。"})
    own = ("street",)

    def offer(self) -> None:
        self._offer_streets("street")


class MergeForm(CommunityForm):
    """This community with others, into a new one or one of them."""

    others = forms.TypedMultipleChoiceField(
        label="与哪些社区合并",
        coerce=int,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text="可以选几个：按住 Ctrl 再点。只列同一县（市、区）的社区；跨县的由上级办理。",
    )
    into = forms.ChoiceField(
        label="合并后",
        choices=[("new", "设立新社区"), ("this", "并入本社区"), ("other", "本社区并入所选的社区（只选一个）")],
        widget=forms.RadioSelect,
        initial="new",
    )
    name = forms.CharField(label="新社区全称", max_length=100, required=False, help_text="设立新社区的填写。")
    code = forms.CharField(label="新社区区划代码", max_length=12, required=False)
    street = PlaceField(label="新社区所属街道（镇、乡）", required=False)
    own = ("others", "into", "name", "code", "street")

    def offer(self) -> None:
        if self.community is None:
            return
        self._offer_streets("street", initial=self.community.jurisdiction_id)
        near = self._near(self.community)
        self.fields["others"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.jurisdiction} {one.short_name}") for one in near.order_by("path", "code", "pk")
        ]

    def _near(self, community: Community) -> CommunityQuerySet:
        """The other communities of the same district."""
        home = community.jurisdiction
        parent = home.parent if home.level == Level.STREET and home.parent is not None else home
        root = parent.path if self.actor.jurisdiction.contains(parent.path) else self.actor.jurisdiction.path
        found = Community.objects.below(root).filter(closed_on=None).exclude(pk=community.pk)
        return found.select_related("jurisdiction")

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if entered.get("into") == "new":
            if not entered.get("name"):
                self.add_error("name", "请填写新社区的名称。")
            if not entered.get("street"):
                self.add_error("street", "请选择新社区所属的街道（镇、乡）。")
        if entered.get("into") == "other" and len(entered.get("others", [])) != 1:
            self.add_error("others", "并入所选的社区时，请只选一个。")
        return entered


class SplitForm(CommunityForm):
    """This community into others."""

    names = forms.CharField(
        label="新社区全称", widget=forms.Textarea(attrs={"rows": 4}), max_length=_LONGEST, help_text="一行一个。"
    )
    street = PlaceField(label="新社区所属街道（镇、乡）")
    keeps = forms.TypedChoiceField(
        label="原社区",
        choices=[("1", "保留"), ("0", "撤销")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="1",
    )
    heir = forms.IntegerField(
        label="由第几个新社区承接参与创建和认定",
        required=False,
        min_value=1,
        help_text="原社区撤销的填写，一个社区的认定只能由一个社区承接；不填的随原社区终止。",
    )
    own = ("names", "street", "keeps", "heir")

    def offer(self) -> None:
        if self.community is not None:
            self._offer_streets("street", initial=self.community.jurisdiction_id)

    def clean_names(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["names"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if entered.get("heir") and not entered.get("keeps", True) and entered["heir"] > len(entered.get("names", [])):
            self.add_error("heir", f"只填了 {len(entered.get('names', []))} 个新社区。")
        return entered


def units(queryset: JurisdictionQuerySet) -> list[tuple[str, str]]:
    """Jurisdictions for a select, each with the one above it."""
    rows = queryset.select_related("parent").order_by("path")
    return [("", "请选择"), *((str(one.pk), f"{one.parent or ''} {one.name}".strip()) for one in rows)]
