"""Pages that look at standards without changing them: two side by side, and the try-out of one."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.standards.comparing import compare
from apps.standards.listing import StandardFilter, nearest_first
from apps.standards.models import Standard
from apps.standards.trying import perfect_data, try_out

# What a list to choose from holds; the others are found by name.
MOST_OFFERED = 100


@members_only
@require_safe
def standard_compare(request: ActorRequest) -> HttpResponse:
    """Two standards side by side, ``?a=`` the one to start from; ``?only=changes`` leaves out what is the same.

    ``?q=`` narrows what is offered to choose from.
    """
    form = StandardFilter(request.GET)
    offered = list(form.among(nearest_first(request.actor))[: MOST_OFFERED + 1])
    codes = [request.GET.get(name, "") for name in ("a", "b")]
    chosen = {one.code: one for one in _seen().filter(code__in=codes)}
    left, right = (chosen.get(code) for code in codes)
    concordance = compare(left, right) if left and right and left != right else None
    only = request.GET.get("only") == "changes"
    pairs = [pair for pair in concordance.pairs if not only or pair.kind != "same"] if concordance else []
    context = {
        "form": form,
        "standards": list({one.code: one for one in [*offered[:MOST_OFFERED], *chosen.values()]}.values()),
        "most_offered": MOST_OFFERED if len(offered) > MOST_OFFERED else 0,
        "left": left,
        "right": right,
        "concordance": concordance,
        "pairs": pairs,
        "only_changes": only,
    }
    return render(request, "standards/standard_compare.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def standard_try(request: ActorRequest, code: str) -> HttpResponse:
    """Fill in a standard for a made-up community and see its points; nothing is stored."""
    standard = get_object_or_404(_seen(), code=code)
    filled = perfect_data(standard) if request.GET.get("fill") == "full" else {}
    data = request.POST.dict() if request.method == "POST" else filled
    context = {"standard": standard, "trial": try_out(standard, data)}
    template = "standards/_try_changes.html" if request.htmx else "standards/standard_try.html"
    return render(request, template, context)


def _seen() -> QuerySet[Standard]:
    return Standard.objects.select_related("jurisdiction", "derived_from", "replaces")
