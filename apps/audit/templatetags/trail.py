"""The panel that opens an object's history on the object's own page, and the addresses behind a line of the trail."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import template
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.audit.lines import Line
from apps.audit.object_history import SHOWN, history_url_of

register = template.Library()


@register.inclusion_tag("audit/panel.html", takes_context=True)
def change_history(context: template.Context, row: models.Model) -> dict[str, Any]:
    """`{% change_history community %}`: a closed panel; nothing for people who may not read the history."""
    actor: Actor | None = context.get("actor")
    verb = SHOWN[type(row)].verb
    is_shown = actor is not None and actor.jurisdiction.contains(row.path) and (not verb or actor.can(verb))  # type: ignore[attr-defined]
    return {"is_shown": is_shown, "url": history_url_of(type(row), row.pk)}


@register.filter
def same_request(line: Line) -> str:
    """The trail of everything that was done in the same request; a task or command may run past midnight."""
    day = timezone.localtime(line.at).date()
    query = {"since": day - timedelta(days=1), "until": day + timedelta(days=1), "request": line.request}
    return f"{reverse('audit_trail')}?{urlencode(query)}"


@register.filter
def history_url(line: Line) -> str:
    """The history of the line's object, '' where none is told."""
    if line.model is None or line.pk is None or line.model not in SHOWN:
        return ""
    return history_url_of(line.model, line.pk)
