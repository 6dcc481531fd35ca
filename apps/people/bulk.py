"""Inviting many people by spreadsheet: what each row would do or what is wrong with it, then all good rows at once.

The rows travel from the preview to the confirmation signed, and are judged again there.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts.models import Invitation, Role
from apps.accounts.permissions import Actor, require
from apps.accounts.sealing import seal, unseal
from apps.core.errors import InvalidInput
from apps.core.xlsx import write_table
from apps.core.xlsx_import import read_sheet
from apps.jurisdictions.divisions import full_code
from apps.jurisdictions.models import Jurisdiction
from apps.people.authority import check_grant
from apps.people.departments import check_department
from apps.people.forms import ContactForm
from apps.people.inviting import ContactFacts, NewPerson, check_usernames, invite_people, usernames_for

COLUMNS = ["姓名", "单位代码", "单位名称", "角色", "用户名", "科室", "办公电话", "电子邮箱", "所属部门"]
# Lists filled in before there was this column are taken too.
_LATER = ["所属部门"]
ERRORS = "需要改正"
MAX_ROWS = 500

_SALT = "people.bulk"
_ROLES = {role.label: role for role in Role}
_CONTACT = {"科室": "office", "办公电话": "office_phone", "电子邮箱": "email"}
_NAME_LENGTH = 50


@dataclass
class BulkRow:
    """A row of the list: what stands in it, whom it would invite, and what is wrong with it by column."""

    number: int
    values: dict[str, str]
    jurisdiction: Jurisdiction | None = None
    role: Role | None = None
    username: str = ""
    is_numbered: bool = False
    contact: ContactFacts = field(default_factory=ContactFacts)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What is wrong by column, as it is read after the column's name: that name is not said twice."""
        return [(column, text.removeprefix(column)) for column, text in self.errors.items()]

    @property
    def newcomer(self) -> NewPerson:
        if self.jurisdiction is None or self.role is None:
            raise ValueError("a row with errors invites nobody")
        return NewPerson(
            self.jurisdiction, self.role, self.values["姓名"], self.username, self.contact, self.values["所属部门"]
        )


def read_rows(file: IO[bytes], *, actor: Actor) -> list[BulkRow]:
    """Read and judge an uploaded list; rows without a user name get one. InvalidInput for a file that is no such list."""
    require(actor, "manage_people")
    columns = [name for name in COLUMNS if name not in _LATER]
    found = read_sheet(file, columns=columns, optional=[*_LATER, ERRORS], max_rows=MAX_ROWS)
    if not found:
        raise InvalidInput("表格里没有人员。请从第 2 行起每行填一个人，再导入。")
    return judge([(one.number, {name: one.values.get(name, "") for name in COLUMNS}) for one in found], actor=actor)


def judge(rows: Sequence[tuple[int, dict[str, str]]], *, actor: Actor) -> list[BulkRow]:
    """Say of every row what it would do, or everything that is wrong with it."""
    judged = [BulkRow(number, {**values, "用户名": values["用户名"].lower()}) for number, values in rows]
    _find_units(judged, actor)
    for row in judged:
        _check_row(row, actor)
    _check_usernames(judged, actor)
    _check_twice(judged)
    return judged


@transaction.atomic
def invite_rows(rows: Sequence[BulkRow], *, actor: Actor) -> list[Invitation]:
    """Invite the people of all rows without errors, in one go."""
    return invite_people([row.newcomer for row in rows if not row.errors], actor=actor)


def sign(rows: Sequence[BulkRow], *, actor: Actor) -> str:
    """The rows as they go to the confirmation: with the user names that the preview showed, so that twice is once."""
    kept = [(row.number, [{**row.values, "用户名": row.username}[name] for name in COLUMNS]) for row in rows]
    return seal({"rows": kept}, salt=_SALT, actor=actor)


def unsign(text: str, *, actor: Actor) -> list[tuple[int, dict[str, str]]]:
    """The rows of a preview; InvalidInput for one too old, or of somebody else."""
    kept = unseal(text, salt=_SALT, actor=actor)
    return [(number, dict(zip(COLUMNS, values, strict=True))) for number, values in kept["rows"]]


def errors_table(rows: Sequence[BulkRow]) -> bytes:
    """The rows with errors as a list to mend and upload again."""
    wrong = [row for row in rows if row.errors]
    lines = [
        [*(row.values[name] for name in COLUMNS), "；".join(f"{name}：{text.rstrip('。')}" for name, text in row.notes)]
        for row in wrong
    ]
    return write_table("人员名单", [*COLUMNS, ERRORS], lines)


def _find_units(rows: Sequence[BulkRow], actor: Actor) -> None:
    """Find each row's unit by code, by name where there is no code; both have to agree."""
    codes = {text: _full(text) for text in {row.values["单位代码"] for row in rows} - {""}}
    units = Jurisdiction.objects.below(actor.jurisdiction.path)
    by_code = {one.code: one for one in units.filter(code__in=set(codes.values()) - {""})}
    by_name: dict[str, list[Jurisdiction]] = defaultdict(list)
    for unit in units.filter(name__in={row.values["单位名称"] for row in rows} - {""}):
        by_name[unit.name].append(unit)
    for row in rows:
        code, name = row.values["单位代码"], row.values["单位名称"]
        if code:
            row.jurisdiction = by_code.get(codes[code])
            _check_code(row, actor)
        elif not name:
            row.errors["单位代码"] = "没有填。"
        elif len(by_name[name]) == 1:
            row.jurisdiction = by_name[name][0]
        elif by_name[name]:
            row.errors["单位代码"] = f"有 {len(by_name[name])} 个单位叫“{name[:30]}”，请填代码。"
        else:
            row.errors["单位名称"] = f"{actor.jurisdiction}及以下没有“{name[:30]}”，见“单位”表。"


def _check_code(row: BulkRow, actor: Actor) -> None:
    code, name = row.values["单位代码"], row.values["单位名称"]
    if row.jurisdiction is None:
        row.errors["单位代码"] = f"“{code[:20]}”不是{actor.jurisdiction}及以下的单位代码，见“单位”表。"
    elif name and row.jurisdiction.name != name:
        row.errors["单位名称"] = f"代码 {code} 是{row.jurisdiction}，不是“{name[:30]}”，请改成一致。"


def _full(code: str) -> str:
    try:
        return full_code(code)
    except InvalidInput:
        return ""


def _check_row(row: BulkRow, actor: Actor) -> None:
    name, role = row.values["姓名"], row.values["角色"]
    if not name or "\n" in name or len(name) > _NAME_LENGTH:
        row.errors["姓名"] = f"应为 1 到 {_NAME_LENGTH} 字，不换行。" if name else "没有填。"
    if role not in _ROLES:
        row.errors["角色"] = f"没有“{role[:20]}”这个角色，见“角色”表。" if role else "没有填。"
    elif row.jurisdiction is not None:
        try:
            check_grant(row.jurisdiction, _ROLES[role], actor)
        except InvalidInput as error:
            row.errors["角色"] = error.message
        except PermissionDenied as error:
            row.errors["角色"] = str(error)
        else:
            row.role = _ROLES[role]
            _check_department(row, row.role)
    form = ContactForm({field_name: row.values[column] for column, field_name in _CONTACT.items()})
    if form.is_valid():
        row.contact = form.contact()
    for column, field_name in _CONTACT.items():
        if field_name in form.errors:
            row.errors[column] = "".join(map(str, form.errors[field_name]))


def _check_department(row: BulkRow, role: Role) -> None:
    try:
        row.values["所属部门"] = check_department(role, row.values["所属部门"])
    except InvalidInput as error:
        row.errors["所属部门"] = error.message


def _check_usernames(rows: Sequence[BulkRow], actor: Actor) -> None:
    wanted = [row.values["用户名"] for row in rows if row.values["用户名"]]
    wrong, times = check_usernames(wanted, actor), Counter(wanted)
    for row in rows:
        row.username = row.values["用户名"]
        if row.username in wrong:
            row.errors["用户名"] = wrong[row.username]
        elif times[row.username] > 1:
            row.errors["用户名"] = f"“{row.username}”在表里出现 {times[row.username]} 次，每人应不同。"
    free = [row for row in rows if not row.username and row.jurisdiction is not None and not row.errors]
    asked = [(row.jurisdiction, row.username) for row in rows if row.username and row.jurisdiction] + [
        (row.jurisdiction, "") for row in free if row.jurisdiction
    ]
    for row, username in zip(free, usernames_for(asked)[len(asked) - len(free) :], strict=True):
        row.username, row.is_numbered = username, True


def _check_twice(rows: Sequence[BulkRow]) -> None:
    """The same name with the same role in the same unit is one person written twice."""
    seen: dict[tuple[str, int, Role], int] = {}
    for row in rows:
        if row.jurisdiction is None or row.role is None or not row.values["姓名"]:
            continue
        first = seen.setdefault((row.values["姓名"], row.jurisdiction.pk, row.role), row.number)
        if first != row.number:
            row.errors.setdefault("姓名", f"和第 {first} 行重复；确是同名的两个人，请在姓名后加以区别。")
