"""The national standard that others carry out, for rooms that name criteria across standards."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from apps.jurisdictions.models import Level
from apps.standards.models import Criterion, Standard

_SHOWN = 36


def national_criteria() -> list[Criterion]:
    """The criteria of the nation's standard in force, with their sections, in order; none where there is no such standard."""
    national = Standard.objects.published().filter(jurisdiction__level=Level.NATION, derived_from=None)
    latest = national.order_by("-published_at", "-pk").values("pk")[:1]
    return list(Criterion.objects.filter(standard__in=latest).select_related("section").order_by("number"))


def tied_numbers(standard: Standard | None) -> Mapping[int, Sequence[int]]:
    """The numbers of the criteria of ``standard`` by the national criterion that each carries out."""
    found: dict[int, list[int]] = defaultdict(list)
    if standard is not None:
        tied = standard.criteria.filter(national_criterion__isnull=False).order_by("number")
        for national, number in tied.values_list("national_criterion", "number"):
            if national is not None:
                found[national].append(number)
    return found


def shortened(criterion: Criterion) -> str:
    """A criterion in a list to choose from: 第 4 条 社区各类基础设施比较完善."""
    text = criterion.text if len(criterion.text) <= _SHOWN else f"{criterion.text[:_SHOWN]}…"
    return f"第 {criterion.number} 条 {text}"
