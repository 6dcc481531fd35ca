"""Verbs of letting people in: inviting, one-time codes, activating an account, resetting what somebody signs in with."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils.crypto import salted_hmac

from apps.accounts import access, lockout
from apps.accounts.models import AccessEvent, Contact, Invitation, Membership, Role, User
from apps.accounts.permissions import Actor, require
from apps.accounts.tokens import revoke_tokens_of
from apps.core import clock, history, scope
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction, Level
from apps.people.authority import check_grant, lock, lock_person, people_seen, refusals
from apps.people.departments import check_department, titled

Kind = AccessEvent.Kind

VALID_FOR = timedelta(days=14)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,29}")
_USERNAME_RULE = "用户名为 2 到 30 位小写字母、数字、点、横线或下划线，以字母或数字开头。"
_NOT_FREE = "用户名“{}”不能使用，请换一个。"


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Where a person is reached at work; nothing else is kept."""

    office: str = ""
    office_phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who is invited to what."""

    jurisdiction: Jurisdiction
    role: Role
    name: str
    username: str = ""
    contact: ContactFacts = ContactFacts()
    department: str = ""


def invite_person(
    jurisdiction: Jurisdiction,
    role: Role,
    *,
    actor: Actor,
    name: str,
    username: str = "",
    contact: ContactFacts | None = None,
    department: str = "",
) -> Invitation:
    """Make an account with one membership, to be activated by a code; without ``username`` one is made of the unit's code.

    InvalidInput for a user name that is taken, in the actor's jurisdiction saying by whom.
    """
    newcomer = NewPerson(jurisdiction, role, name, username, contact or ContactFacts(), department)
    return invite_people([newcomer], actor=actor)[0]


@transaction.atomic
def invite_people(newcomers: Sequence[NewPerson], *, actor: Actor) -> list[Invitation]:
    """Invite all of them or nobody."""
    for one in newcomers:
        check_grant(one.jurisdiction, one.role, actor)
    departments = [check_department(one.role, one.department) for one in newcomers]
    # Who numbers user names of the same unit at the same time waits here.
    lock(actor, jurisdictions=[one.jurisdiction.pk for one in newcomers])
    names = usernames_for([(one.jurisdiction, one.username) for one in newcomers])
    taken = check_usernames([one.username for one in newcomers if one.username], actor)
    if taken:
        raise InvalidInput(next(iter(taken.values())))
    users = [_new_user(one, username) for one, username in zip(newcomers, names, strict=True)]
    contacts = [_new_contact(one, user) for one, user in zip(newcomers, users, strict=True)]
    held = [
        Membership(user=user, jurisdiction=one.jurisdiction, role=one.role, department=department)
        for one, user, department in zip(newcomers, users, departments, strict=True)
    ]
    try:
        with transaction.atomic():
            User.objects.bulk_create(users)
    except IntegrityError as error:
        # Somebody else took a name a moment ago.
        raise InvalidInput(f"用户名“{'、'.join(names)[:60]}”刚被占用，请重新提交或换一个。") from error
    Contact.objects.bulk_create(contacts)
    Membership.objects.bulk_create(held)
    access.record_many(Kind.INVITED, actor=actor, subjects=[(access.described(one), one.jurisdiction) for one in users])
    granted = [(f"{access.described(one.user)}：{titled(one)}", one.jurisdiction) for one in held]
    access.record_many(Kind.GRANTED, actor=actor, subjects=granted)
    return _issue(users, actor)


def _new_user(newcomer: NewPerson, username: str) -> User:
    user = User(username=username, display_name=newcomer.name, jurisdiction=newcomer.jurisdiction)
    user.set_unusable_password()
    check_typed(user, f"{newcomer.name or username}：")
    return user


def _new_contact(newcomer: NewPerson, user: User) -> Contact:
    facts = newcomer.contact
    contact = Contact(user=user, office=facts.office, office_phone=facts.office_phone, email=facts.email)
    check_typed(contact, f"{newcomer.name}：")
    return contact


@transaction.atomic
def issue_code(user: User, *, actor: Actor) -> Invitation:
    """Give a person who has not activated the account a new code; the old one is withdrawn."""
    user = lock_person(user, actor)
    if user.state != User.State.INVITED:
        raise TransitionError(f"{user}的账号{user.state.label}，不需要激活凭证。忘记密码的，请办理“重置登录”。")
    (invitation,) = _issue([user], actor)
    access.record(
        Kind.CODE_SHOWN, actor=actor, subject=f"{access.described(user)}：重新发放", jurisdiction=user.jurisdiction
    )
    return invitation


@transaction.atomic
def show_codes(people: Iterable[User], *, actor: Actor, purpose: str = "打印") -> list[Invitation]:
    """Return the open invitations of people, codes and all, for paper or a mail; each one is put on record.

    People whom ``actor`` may not look after, and those without an open invitation, are left out.
    """
    require(actor, "manage_people")
    asked = list(people)
    refused = refusals(asked, actor)
    found = _open_invitations().filter(user__in=[one for one in asked if not refused[one.pk]])
    by_person = {one.user_id: one for one in found}
    shown = [by_person[one.pk] for one in asked if one.pk in by_person]
    subjects = [(f"{access.described(one.user)}：{purpose}", one.user.jurisdiction) for one in shown]
    access.record_many(Kind.CODE_SHOWN, actor=actor, subjects=subjects)
    return shown


@transaction.atomic
def reset_sign_in(user: User, *, actor: Actor) -> Invitation:
    """Take the password and the second factor from a person, end what is signed in, and give a new code."""
    user = lock_person(user, actor)
    if not user.is_active:
        raise TransitionError(f"{user}的账号{user.state.label}，不能重置登录。请先恢复账号。")
    if user.is_system:
        raise TransitionError(f"{user}是系统账号，不登录系统。要换令牌，请停用旧的、另建新的。")
    forget_sign_in(user)
    end_sessions(user, actor=actor)
    access.record(Kind.RESET, actor=actor, subject=access.described(user), jurisdiction=user.jurisdiction)
    return _issue([user], actor)[0]


@transaction.atomic
def unlock_sign_in(user: User, *, actor: Actor) -> User:
    """Let a person who is locked out after wrong passwords or codes try again at once."""
    user = lock_person(user, actor)
    if not user.is_active:
        raise TransitionError(f"{user}的账号{user.state.label}，不能解除锁定。请先恢复账号。")
    if not lockout.locked_until([user]):
        raise TransitionError(f"{user}的登录没有锁定，不用解除。锁定到时会自动解除。")
    lockout.lift(user, actor=actor)
    return user


def find_invitation(code: str) -> Invitation:
    """Return the open invitation that a typed code belongs to; InvalidInput says why it cannot be used, not whose it is."""
    return invitation_of(digest_of(code))


def invitation_of(digest: str) -> Invitation:
    """Return the open invitation whose code has this digest; InvalidInput as ``find_invitation``."""
    found = Invitation.objects.select_related("user__jurisdiction").filter(code_hash=digest).first()
    if found is None:
        raise InvalidInput("激活凭证不对。请核对凭证上的 12 位字符后重新输入，不分大小写，横线可以不填。")
    if found.used_at is not None:
        raise InvalidInput("这个激活凭证已经用过。请直接用当时设定的密码登录；忘记密码的，请联系单位管理员重置。")
    if found.withdrawn_at is not None:
        raise InvalidInput("这个激活凭证已经作废，请使用最新的一张，或者联系单位管理员重新发放。")
    if not found.is_open:
        raise InvalidInput("这个激活凭证已过有效期，请联系单位管理员重新发放。")
    return found


@transaction.atomic
def activate(digest: str, password: str) -> User:
    """Set the password of whoever the code with this digest was given to; the code is used up. ValidationError for a password
    too weak."""
    # In the order of the administrators' verbs: the person first, then the invitation.
    User.objects.select_for_update(no_key=True).get(pk=invitation_of(digest).user_id)
    invitation = invitation_of(digest)
    user = invitation.user
    validate_password(password, user)
    if (facts := history.current()) is not None:
        facts.metadata.update(user=user.pk, name=user.display_name, unit=user.jurisdiction.name)
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    access.record_sign_in(Kind.ACTIVATED, user)
    return user


def open_invitation(user: User) -> Invitation | None:
    """Return the invitation with which a person can activate the account now."""
    return _open_invitations().filter(user=user).first()


def withdraw_codes(user: User) -> None:
    """Make what codes a person has void."""
    user.invitations.filter(used_at=None, withdrawn_at=None).update(withdrawn_at=clock.now())


def forget_sign_in(user: User) -> None:
    """Take from a person everything to sign in with: password, second factor, linked identities."""
    user.set_unusable_password()
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()


def end_sessions(user: User, *, actor: Actor) -> None:
    """Sign a person out everywhere, their programs too."""
    revoke_tokens_of(user, actor=actor)
    for session in UserSession.objects.filter(user=user):
        session.end()


def usernames_for(wanted: Sequence[tuple[Jurisdiction, str]]) -> list[str]:
    """Return a user name for each: the one wished for, else the unit's code with the next number that is free."""
    prefixes = {jurisdiction.pk: _prefix(jurisdiction) for jurisdiction, username in wanted if not username}
    taken = _taken_with(set(prefixes.values())) if prefixes else set()
    taken |= {username for _, username in wanted if username}
    return [username or _next(prefixes[jurisdiction.pk], taken) for jurisdiction, username in wanted]


def check_usernames(usernames: Sequence[str], actor: Actor) -> dict[str, str]:
    """Return what is wrong with those user names that cannot be given, in words: of other bureaus' people nothing is told."""
    wrong = {one: f"用户名“{one[:30]}”不对：{_USERNAME_RULE}" for one in usernames if not USERNAME.fullmatch(one)}
    known = people_seen(actor).filter(username__in=usernames).select_related("jurisdiction")
    wrong |= {one.username: f"用户名“{one.username}”已有：{one}（{one.jurisdiction}），不重复邀请。" for one in known}
    others = _taken(Q(username__in=usernames))
    return {one: _NOT_FREE.format(one) for one in others} | wrong


def digest_of(code: str) -> str:
    """What is kept of a code, however it is typed: useless to whoever reads the table without the installation's key."""
    signs = re.sub(r"[\s—–－-]+", "", code).upper()
    return salted_hmac("people.invitation", signs, algorithm="sha256").hexdigest()


def check_typed(row: User | Contact, prefix: str = "") -> None:
    """Judge the values of a row that were typed; InvalidInput names the fields."""
    try:
        row.full_clean(
            exclude=["password", "path", "jurisdiction", "user"], validate_unique=False, validate_constraints=False
        )
    except ValidationError as error:
        named = [
            f"{row._meta.get_field(field).verbose_name}：{'、'.join(texts)}"  # type: ignore[union-attr]
            for field, texts in error.message_dict.items()
        ]
        raise InvalidInput(prefix + "；".join(named)) from error


def _issue(users: Sequence[User], actor: Actor) -> list[Invitation]:
    """Give each of them a new code; the old ones are void."""
    now = clock.now()
    for user in users:
        require(actor, "manage_people", user.path)
    Invitation.objects.filter(user__in=users, used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    issued = [Invitation(user=one, issued_by=actor.user, issued_at=now, expires_at=now + VALID_FOR) for one in users]
    Invitation.objects.bulk_create(issued)
    for invitation in issued:
        # The code follows from the row's number, which the database has just given.
        invitation.code_hash = digest_of(invitation.code)
    Invitation.objects.bulk_update(issued, ["code_hash"])
    return issued


def _open_invitations() -> QuerySet[Invitation]:
    usable = Invitation.objects.filter(used_at=None, withdrawn_at=None, expires_at__gt=clock.now())
    return usable.select_related("user__jurisdiction")


def _prefix(jurisdiction: Jurisdiction) -> str:
    """The part of the official code that tells places of a level apart: 53, 5323, 532301, 532301101."""
    code = jurisdiction.code or f"d{jurisdiction.pk}"
    width = {Level.NATION: 2, Level.PROVINCE: 2, Level.CITY: 4, Level.DISTRICT: 6}.get(jurisdiction.level_type, 9)
    return code[:width] if jurisdiction.code else code


def _next(prefix: str, taken: set[str]) -> str:
    number = 1
    while (name := f"{prefix}-{number:02d}") in taken:
        number += 1
    taken.add(name)
    return name


def _taken(condition: Q) -> set[str]:
    """User names are the installation's, so that whether one is free is asked as whoever signs in would."""
    with scope.signing_in():
        return set(User.objects.filter(condition).values_list("username", flat=True))


def _taken_with(prefixes: set[str]) -> set[str]:
    """The user names that begin with one of ``prefixes`` and a hyphen: a range of the index, whatever the collation."""
    condition = Q()
    for prefix in sorted(prefixes):
        # The dot is the sign after the hyphen.
        condition |= Q(_by_signs("~>=~", f"{prefix}-"), _by_signs("~<~", f"{prefix}."))
    return _taken(condition)


def _by_signs(operator: str, text: str) -> Func:
    return Func(
        F("username"),
        Value(text),
        arg_joiner=f" {operator} ",
        template="(%(expressions)s)",
        output_field=BooleanField(),
    )
