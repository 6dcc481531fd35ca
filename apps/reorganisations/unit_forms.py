"""Forms of 区划调整: which units, out of those below the place that the page shows."""

from typing import Any

from django import forms
from django.db.models import Q

from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction, JurisdictionQuerySet, Level
from apps.reorganisations.forms import OrderForm, PlaceField

# Single communities are offered for one county at a time.
_MOST_COMMUNITIES = 400


def _several(label: str) -> forms.TypedMultipleChoiceField:
    widget = forms.SelectMultiple(attrs={"size": 8})
    return forms.TypedMultipleChoiceField(
        label=label, coerce=int, required=False, widget=widget, help_text="可以选几个：按住 Ctrl 再点。"
    )


class UnitForm(OrderForm):
    """A change of jurisdictions below ``place``."""

    def __init__(self, place: Jurisdiction, data: Any = None) -> None:
        super().__init__(data)
        self.place = place
        self.fields["document_number"].required = True
        for name, queryset in self.offered().items():
            choices = [(one.pk, _named(one, place)) for one in queryset.select_related("parent").order_by("path")]
            multiple = isinstance(self.fields[name], forms.MultipleChoiceField)
            self.fields[name].choices = choices if multiple else [("", "请选择"), *choices]  # type: ignore[attr-defined]
        if "communities" in self.fields:
            self._offer_communities()

    def offered(self) -> dict[str, JurisdictionQuerySet]:
        """Return the units to choose from, by field."""
        return {}

    @property
    def below(self) -> JurisdictionQuerySet:
        """Two steps down from the place: its children, and theirs."""
        parents = Jurisdiction.objects.filter(parent=self.place).values("pk")
        return Jurisdiction.objects.filter(Q(parent=self.place) | Q(parent__in=parents), closed_on=None)

    def chosen(self, name: str) -> Jurisdiction:
        return Jurisdiction.objects.select_related("parent").get(pk=self.cleaned_data[name])

    def several(self, name: str) -> list[Jurisdiction]:
        return list(Jurisdiction.objects.filter(pk__in=self.cleaned_data.get(name) or []).order_by("pk"))

    def single(self) -> list[Community]:
        return list(Community.objects.filter(pk__in=self.cleaned_data.get("communities") or []).order_by("pk"))

    def named(self) -> list[Jurisdiction]:
        """All units that were chosen, for the preview's figures."""
        entered = self.cleaned_data
        ids = {entered[name] for name in ("unit", "to", "into", "parent", "zone") if entered.get(name)}
        found = list(Jurisdiction.objects.filter(pk__in=ids))
        left = list(Jurisdiction.objects.filter(communities__in=self.single()).distinct().order_by("path"))
        losing = [*self.several("streets"), *left]
        above = [one.parent for one in [*found, *losing] if one.parent is not None]
        wanted = {one.pk: one for one in [*found, *above, *losing]}
        return [one for one in wanted.values() if self.place.contains(one.path)]

    def _offer_communities(self) -> None:
        field = self.fields["communities"]
        found = Community.objects.below(self.place.path).filter(closed_on=None).select_related("jurisdiction")
        if self.place.level not in (Level.DISTRICT, Level.STREET) and found.count() > _MOST_COMMUNITIES:
            del self.fields["communities"]
            self.fields["streets"].help_text += " 接管单个社区的，请先把范围选到县（市、区）。"
            return
        rows = found.order_by("path", "code", "pk")
        field.choices = [(one.pk, f"{one.jurisdiction} {one.short_name}") for one in rows]  # type: ignore[attr-defined]


class RenameUnitForm(UnitForm):
    unit = PlaceField(label="单位")
    name = forms.CharField(label="新名称", max_length=100, help_text="例如县改区：南华县改为南华区。")
    code = forms.CharField(label="新区划代码", max_length=12, required=False, help_text="12 位；不变的不填。")
    own = ("unit", "name", "code")

    def offered(self) -> dict[str, JurisdictionQuerySet]:
        return {"unit": self.below}


class MoveUnitForm(UnitForm):
    unit = PlaceField(label="单位")
    to = PlaceField(label="改为隶属", error_messages={"required": "请选择改为隶属哪个单位。"})
    own = ("unit", "to")

    def offered(self) -> dict[str, JurisdictionQuerySet]:
        parents = self.below.exclude(level=Level.STREET) | Jurisdiction.objects.filter(pk=self.place.pk)
        return {"unit": self.below, "to": parents}


class MergeUnitForm(UnitForm):
    unit = PlaceField(label="撤销的单位")
    into = PlaceField(label="并入", error_messages={"required": "请选择并入哪个单位。"})
    own = ("unit", "into")

    def offered(self) -> dict[str, JurisdictionQuerySet]:
        return {"unit": self.below, "into": self.below}


class TakeOverForm(UnitForm):
    zone = PlaceField(label="开发区")
    streets = _several("接管的街道（镇、乡）")
    communities = _several("接管的单个社区")
    own = ("zone", "streets", "communities")

    def offered(self) -> dict[str, JurisdictionQuerySet]:
        zones = self.below.filter(kind=Jurisdiction.Kind.DEVELOPMENT_ZONE)
        return {"zone": zones, "streets": self.below.filter(level=Level.STREET)}


class ZoneForm(UnitForm):
    parent = PlaceField(label="隶属", error_messages={"required": "请选择隶属哪个单位。"})
    name = forms.CharField(label="开发区名称", max_length=100)
    code = forms.CharField(label="区划代码", max_length=12, required=False, help_text="没有的不填。")
    streets = _several("接管的街道（镇、乡）")
    communities = _several("接管的单个社区")
    own = ("parent", "name", "code", "streets", "communities")

    def offered(self) -> dict[str, JurisdictionQuerySet]:
        levels = [Level.PROVINCE, Level.CITY, Level.DISTRICT]
        parents = (self.below | Jurisdiction.objects.filter(pk=self.place.pk)).filter(level__in=levels)
        return {"parent": parents, "streets": self.below.filter(level=Level.STREET)}


def _named(one: Jurisdiction, place: Jurisdiction) -> str:
    return one.name if one.parent_id in (place.pk, None) or one == place else f"{one.parent} {one.name}"
