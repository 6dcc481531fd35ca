"""The department (所属部门) of a department reviewer: required there, empty elsewhere. The rooms above say which are offered."""

from collections.abc import Callable, Sequence

from apps.accounts.models import Membership, Role
from apps.core.errors import InvalidInput
from apps.jurisdictions.models import Jurisdiction

LONGEST = 50

Source = Callable[[Jurisdiction], Sequence[str]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let ``source`` be asked which departments a jurisdiction has; called once, in ``AppConfig.ready``."""
    if source not in _sources:
        _sources.append(source)


def offered(jurisdiction: Jurisdiction) -> list[str]:
    """Return the names of departments to choose from; others may be typed."""
    return [name for source in _sources for name in source(jurisdiction)]


def check_department(role: Role, department: str) -> str:
    """Return the department as it is kept; InvalidInput where the role asks for one or has none."""
    name = " ".join(department.split())
    if role != Role.DEPARTMENT_REVIEWER:
        if name:
            raise InvalidInput(
                f"“{name[:LONGEST]}”：只有“{Role.DEPARTMENT_REVIEWER.label}”填所属部门，请清空或改选角色。"
            )
        return ""
    if not name:
        raise InvalidInput(f"“{role.label}”须填所属部门，例如“生态环境局”，凭它确定填哪些部门意见。")
    if len(name) > LONGEST:
        raise InvalidInput(f"所属部门有 {len(name)} 字，请压缩到 {LONGEST} 字以内。")
    return name


def titled(membership: Membership) -> str:
    """A membership in words, with its department where it has one: 楚雄州 · 部门审核（生态环境局）."""
    return f"{membership}（{membership.department}）" if membership.department else str(membership)
