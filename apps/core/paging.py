"""Long lists a page at a time."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class KeysFirst(Paginator):
    """A paginator that sorts the keys of a queryset alone: what the lines show besides is read for one page, not for all.

    The order has to be a whole one (end with a key), as it has for any list in pages. Of anything but a queryset it cuts pages
    as they are. Pages hold lists; one more query than the plain paginator.
    """

    def page(self, number: int | str) -> "Page[Any]":
        if not isinstance(self.object_list, QuerySet):
            return super().page(number)
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = self.object_list
        keys = list(rows.prefetch_related(None).values_list("pk", flat=True)[first : first + self.per_page])
        found = {one.pk: one for one in rows.filter(pk__in=keys).order_by()} if keys else {}
        # What was taken out of the list between the two is not shown.
        return Page([found[key] for key in keys if key in found], number, self)
