"""What else one transaction has done, by the history: whatever is written in it bears the moment at which it began."""

from typing import Any

from django.db.models import F, Model, OuterRef, QuerySet, Subquery


def events_of(model: type[Model]) -> QuerySet[Any]:
    """The kept changes of a tracked model's rows."""
    return model.pgh_event_model.objects.all()  # type: ignore[attr-defined]


def done_with(row: Model, model: type[Model]) -> QuerySet[Any]:
    """What happened to rows of ``model`` in the transaction that wrote ``row`` down."""
    written = events_of(type(row)).filter(pgh_obj_id=row.pk, pgh_label="insert")
    return events_of(model).filter(pgh_created_at__in=written.values("pgh_created_at"))


def moved_with(row: Model, model: type[Model], parent: str) -> QuerySet[Any]:
    """The rows of ``model`` (``pgh_obj_id``) that came under another ``parent`` then, with ``was``: the one that they had."""
    before = events_of(model).filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
    changed = done_with(row, model).filter(pgh_label="update").annotate(was=Subquery(before.values(parent)[:1]))
    return changed.filter(was__isnull=False).exclude(was=F(parent)).order_by("pgh_id")
