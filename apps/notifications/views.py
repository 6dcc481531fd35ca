"""HTTP of the inbox (消息): one's own and nobody else's, whatever the membership one acts in."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.views import act_in
from apps.notifications.domain import inbox_of, mark_read, unread_first
from apps.notifications.models import Notification

_PAGE_SIZE = 30


@members_only
@require_safe
def notification_list(request: ActorRequest) -> HttpResponse:
    """The inbox: the unread first; ``?kind=`` shows one kind."""
    inbox = inbox_of(request.actor.user)
    counts = {
        one["kind"]: one
        for one in inbox.order_by().values("kind").annotate(number=Count("pk"), unread=Count("pk", Q(read_at=None)))
    }
    kind = request.GET.get("kind", "")
    shown = inbox.filter(kind=kind) if kind in Notification.Kind.values else inbox
    page = Paginator(unread_first(shown), _PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "kind": kind if kind in Notification.Kind.values else "",
        "kinds": [(one, counts[one.value]) for one in Notification.Kind if one.value in counts],
        "unread": sum(one["unread"] for one in counts.values()),
    }
    return render(request, "notifications/notification_list.html", context)


@members_only
@require_POST
def notification_open(request: ActorRequest, pk: int) -> HttpResponse:
    """Go to what a notification is about, in the membership that it concerns, and note that it was read."""
    told = get_object_or_404(inbox_of(request.actor.user), pk=pk)
    mark_read(request.actor.user, [told.pk])
    goal = urlsplit(told.url)
    if not goal.path or not url_has_allowed_host_and_scheme(goal.path, allowed_hosts=None):
        return redirect("notification_list")
    query = dict(parse_qsl(goal.query))
    wanted = query.pop("as", "")
    membership = next((one for one in request.memberships if str(one.pk) == wanted), None)
    if wanted and membership is None:
        messages.warning(request, "您已不在这条消息所涉及的任职单位，不能查看。需要时请联系该单位。")
        return redirect("notification_list")
    if membership is not None and act_in(request, membership):
        messages.info(request, f"已切换到 {membership}。")
    return redirect(goal._replace(scheme="", netloc="", query=urlencode(query)).geturl())


@members_only
@require_POST
def notification_read(request: ActorRequest, pk: int) -> HttpResponse:
    """Note that one notification was read."""
    told = get_object_or_404(inbox_of(request.actor.user), pk=pk)
    mark_read(request.actor.user, [told.pk])
    kept = {name: value for name in ("kind", "page") if (value := request.POST.get(name, ""))}
    return redirect(f"{reverse('notification_list')}?{urlencode(kept)}" if kept else "notification_list")


@members_only
@require_POST
def notification_read_all(request: ActorRequest) -> HttpResponse:
    """Note that all of one's notifications were read."""
    number = mark_read(request.actor.user)
    messages.success(request, f"已将 {number} 条消息标为已读。" if number else "没有未读消息。")
    return redirect("notification_list")
