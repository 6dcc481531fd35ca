"""接口令牌: making, revoking and recognising them. Whoever acts by one has the grants of its membership, or only reads."""

import secrets
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.accounts import access
from apps.accounts.models import TOKEN_LASTS_AT_MOST, AccessEvent, ApiToken, ApiTokenQuerySet, Membership, User
from apps.accounts.permissions import Actor, require
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError

# Tells people, and programs that look for lost secrets, what it is.
_SIGN = "lssq_"
_SHOWN = len(_SIGN) + 5
MOST = 20
# How exactly the last use is kept.
USED_STEP = timedelta(minutes=10)


class NewToken(NamedTuple):
    """A token that has just been made, with the one showing of its text."""

    token: ApiToken
    text: str


def latest_end() -> date:
    """The last day through which a token made today may hold."""
    return clock.today() + TOKEN_LASTS_AT_MOST - timedelta(days=1)


@transaction.atomic
def make_token(membership: Membership, name: str, scope: ApiToken.Scope, expires_on: date, *, actor: Actor) -> NewToken:
    """Make a token for ``membership``: one's own, or that of a system below the administrator. It holds through ``expires_on``."""
    _require_owner(membership, actor)
    name, now = " ".join(name.split()), clock.now()
    if not name:
        raise InvalidInput("请填写用途，例如：市数据平台同步。")
    last = latest_end()
    if not clock.today() <= expires_on <= last:
        raise InvalidInput(f"有效期 {expires_on:%Y-%m-%d} 不对，应在今天至 {last:%Y-%m-%d} 之间（最长一年）。")
    # Two presses stand in a queue at the person's row.
    user = User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
    if not user.is_active:
        raise TransitionError(f"{user}的账号{user.state.label}，不能创建令牌。")
    held = list(ApiToken.objects.usable().filter(user=user).values_list("name", flat=True))
    if name in held:
        # A form sent twice makes one: the second could not show its text either.
        raise InvalidInput(f"已有用途为“{name}”的有效令牌。请换一个用途，或者先停用原来的。")
    if len(held) >= MOST:
        raise InvalidInput(f"{user}已有 {len(held)} 个有效的接口令牌，最多 {MOST} 个。请先停用不再使用的。")
    text = _SIGN + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        membership=membership,
        user=user,
        name=name,
        scope=scope,
        prefix=text[:_SHOWN],
        digest=_digest(text),
        created_at=now,
        created_by=actor.user,
        expires_at=min(clock.midnight(expires_on + timedelta(days=1)), now + TOKEN_LASTS_AT_MOST),
    )
    access.record(
        AccessEvent.Kind.TOKEN_MADE, actor=actor, subject=described(token), jurisdiction=membership.jurisdiction
    )
    return NewToken(token, text)


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Actor) -> ApiToken:
    """Let a token work no more (停用): one's own, or as an administrator any of one's jurisdiction. Twice has one effect."""
    if token.user_id != actor.user.pk:
        require(actor, "manage_people", token.path)
    locked = ApiToken.objects.select_for_update(of=("self",)).select_related("membership__jurisdiction", "user")
    row = locked.filter(pk=token.pk).first()
    if row is None:
        raise TransitionError(f"接口令牌“{token}”已随任职一起失效，不用停用。")
    if row.revoked_at is None:
        _revoke(row, actor)
    return row


def revoke_tokens_of(user: User, *, actor: Actor) -> None:
    """Let none of a person's tokens work any more; for the verbs that close the account, which have checked."""
    for row in _whole(ApiToken.objects.select_for_update(of=("self",)).filter(user=user, revoked_at=None)):
        _revoke(row, actor)


def tokens_of(user: User) -> ApiTokenQuerySet:
    """A person's own tokens, in whichever membership, the latest first."""
    return _whole(ApiToken.objects.filter(user=user))


def tokens_at(actor: Actor) -> ApiTokenQuerySet:
    """All tokens of the actor's jurisdiction and below, usable ones first."""
    return _whole(ApiToken.objects.below(actor.jurisdiction.path))


def token_of(text: str) -> ApiToken | None:
    """The token that a program shows, usable or not; None where there is none such."""
    return ApiToken.objects.select_related("user").filter(digest=_digest(text)).first()


def note_use(token: ApiToken) -> None:
    """Keep when it was last used, to ten minutes, in real time."""
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())


def described(token: ApiToken) -> str:
    """A token as the subject of a record: whose, what for, how it begins."""
    return f"{access.described(token.user)}：{token.name}，{token.get_scope_display()}，{token.prefix}…"


def _require_owner(membership: Membership, actor: Actor) -> None:
    if membership.user_id == actor.user.pk:
        return
    require(actor, "manage_people", membership.path)
    if not membership.user.is_system:
        raise PermissionDenied(f"{membership.user}的接口令牌由本人创建；给其他系统用的，请添加系统账号。")


def _revoke(row: ApiToken, actor: Actor) -> None:
    row.revoked_at, row.revoked_by = clock.now(), actor.user
    row.save(update_fields=["revoked_at", "revoked_by"])
    access.record(
        AccessEvent.Kind.TOKEN_REVOKED, actor=actor, subject=described(row), jurisdiction=row.membership.jurisdiction
    )


def _whole(rows: ApiTokenQuerySet) -> ApiTokenQuerySet:
    return rows.select_related("membership__jurisdiction", "user", "created_by", "revoked_by")


def _digest(text: str) -> str:
    """Plain: there is nothing to guess in 256 random bits."""
    return sha256(text.encode()).hexdigest()
