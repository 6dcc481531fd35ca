"""What the pages of this room share: a form, then what it would do, then doing it."""

from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.http import ActorRequest
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.carrying_out import Order, Preview, mark_of, preview
from apps.reorganisations.forms import OrderForm
from apps.reorganisations.models import Change

Verb = Callable[[Order], Change]


def take_steps(
    request: ActorRequest,
    form: OrderForm,
    model: type[Change],
    verb: Verb,
    places: Callable[[], Collection[Jurisdiction]],
    done: Callable[[Any], HttpResponse],
    **context: Any,
) -> HttpResponse:
    """Show the form; what it would do; do it once that is confirmed.

    ``model``: what it makes. ``places``: whose figures the preview shows. A refusal leaves the form as it was typed; what has
    changed since the preview is previewed anew.
    """
    if request.method != "POST" or "edit" in request.POST:
        return _page(request, form, None, 200, context)
    confirmed, is_valid = "confirm" in request.POST, form.is_valid()
    # Done already, it may be valid no more: the choices are what stands open.
    if (change := _sent_before(request, form, model)) is not None:
        is_same = confirmed and form.cleaned_data.get("seen") in ("", mark_of(change.effects))
        return done(change) if is_same else _used(request, form, change, context)
    if not is_valid:
        return _page(request, form, None, InvalidInput.status, context)
    try:
        if confirmed:
            try:
                return done(verb(form.order(confirmed=True)))
            except StaleForm as stale:
                context["stale"] = stale.message
        shown = preview(lambda: verb(form.order(confirmed=False)), places())
    except (InvalidInput, TransitionError) as refused:
        form.add_error(None, refused.message)
        return _page(request, form, None, refused.status, context)
    return _page(request, form, shown, StaleForm.status if "stale" in context else 200, context)


def _used(request: ActorRequest, form: OrderForm, change: Change, context: dict[str, Any]) -> HttpResponse:
    """A form that has done its work and comes back, with the browser's button say, does nothing else."""
    form.add_error(None, f"这份表单已经办理过“{change}”，没有再办。要办理别的，请重新打开页面填写。")
    return _page(request, form, None, StaleForm.status, context)


def _sent_before(request: ActorRequest, form: OrderForm, model: type[Change]) -> Change | None:
    """Return what the same form has brought about, pressed twice by one person."""
    if (submission := form.cleaned_data.get("submission")) is None:
        return None
    return model.objects.filter(submission=submission, recorded_by=request.actor.user).first()


def _page(
    request: ActorRequest, form: OrderForm, shown: Preview | None, status: int, context: dict[str, Any]
) -> HttpResponse:
    entered = [(name, value) for name in form.data if name not in _OF_STEPS for value in _values(form, name)]
    context = {"form": form, "preview": shown, "entered": entered, **context}
    return render(request, "reorganisations/change_form.html", context, status=status)


_OF_STEPS = ("csrfmiddlewaretoken", "seen", "confirm", "edit", "ends_assessments")


def _values(form: OrderForm, name: str) -> list[Any]:
    return list(form.data.getlist(name)) if hasattr(form.data, "getlist") else [form.data[name]]
