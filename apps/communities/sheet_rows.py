"""What lists filled in by community have in common: whose a row is, and how rows travel from a preview to its confirmation.

They travel signed, and are judged again there, under lock.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from unicodedata import normalize

from apps.accounts.permissions import Actor
from apps.accounts.sealing import seal, unseal
from apps.communities.models import Community
from apps.communities.survey_sheet import CODE, ERRORS, NAME, STREET
from apps.core.inputs import whole_number
from apps.core.xlsx_import import ImportedRow

Texts = dict[str, str]


@dataclass
class CommunityRow:
    """A row about a community: what stands in it, and what is wrong with it by column.

    It is made with the errors of cells that cannot be read (``unreadable``): judging adds to them. ``seen``: the version that the
    preview showed, 0 for none.
    """

    number: int
    texts: Texts
    errors: dict[str, str] = field(default_factory=dict)
    seen: int | None = None
    community: Community | None = None
    unreadable: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.unreadable = dict(self.errors)

    @property
    def version(self) -> int:
        """The version of what stands already, 0 for none."""
        return 0


def read_row(found: ImportedRow) -> tuple[int, Texts, dict[str, str]]:
    """A row without the column in which a marked copy tells what is wrong; cells that cannot be read are taken as they look."""
    texts, errors = found.values | found.shown, dict(found.errors)
    texts.pop(ERRORS, None)
    errors.pop(ERRORS, None)
    return found.number, texts, errors


def sign_rows(rows: Sequence[CommunityRow], heads: Sequence[str], *, salt: str, actor: Actor, about: int = 0) -> str:
    """The rows as they go to the confirmation, with the versions that the preview showed; ``about``: the id of their subject."""
    kept = [[row.number, [row.texts.get(one, "") for one in heads], row.version, row.unreadable] for row in rows]
    return seal({"about": about, "heads": list(heads), "rows": kept}, salt=salt, actor=actor)


def unsign_rows(text: str, *, salt: str, actor: Actor) -> tuple[list[tuple[int, Texts, dict[str, str], int]], int]:
    """The rows of a preview, not judged, and what they concern; InvalidInput for one too old, or of somebody else."""
    kept = unseal(text, salt=salt, actor=actor)
    heads = kept["heads"]
    rows = [
        (number, dict(zip(heads, texts, strict=True)), dict(errors), seen)
        for number, texts, seen, errors in kept["rows"]
    ]
    return rows, kept["about"]


def read_year(row: CommunityRow, column: str) -> int:
    """The year that a row writes; 0 where it writes none, which is told in the row."""
    text = row.texts[column]
    year = whole_number(normalize("NFKC", text).removesuffix("年").strip(), digits=4)
    if year is None:
        said = f"“{text[:20]}”不是年份，请填四位数字，如 2022。" if text else f"没有填。请填{column}，如 2022。"
        row.errors.setdefault(column, said)
    return year or 0


def day_in(text: str) -> date | None:
    """The date that a cell writes (2022-06-30, 2022.6.30, 2022年6月30日), None for anything else."""
    for sign in "./年月":
        text = text.replace(sign, "-")
    parts = [whole_number(one, digits=4) for one in text.removesuffix("日").split(" ")[0].split("-")]
    try:
        year, month, day = (one or 0 for one in parts)
        return date(year, month, day)
    except ValueError:
        return None


def hold_communities(rows: Sequence[CommunityRow], actor: Actor) -> None:
    """Let whoever else writes about these communities wait; the order keeps two imports from waiting for each other."""
    find_communities(rows, actor)
    wanted = {row.community.pk for row in rows if row.community is not None}
    held = Community.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
    list(held.values_list("pk", flat=True))


def find_communities(rows: Iterable[CommunityRow], actor: Actor) -> None:
    """By code; without one by street and name. What lies elsewhere is not known here."""
    rows = list(rows)
    here = Community.objects.below(actor.jurisdiction.path).select_related("jurisdiction")
    codes = {row.texts[CODE] for row in rows} - {""}
    by_code = {one.code: one for one in here.filter(code__in=codes)}
    streets = {row.texts.get(STREET, "") for row in rows if not row.texts[CODE]} - {""}
    by_name: dict[tuple[str, str], list[Community]] = defaultdict(list)
    for one in here.filter(jurisdiction__name__in=streets) if streets else ():
        for name in {one.name, one.short_name}:
            by_name[one.jurisdiction.name, name].append(one)
    for row in rows:
        if row.texts[CODE]:
            _take_by_code(row, by_code, actor)
        else:
            _take_by_name(row, by_name, actor)


def _take_by_code(row: CommunityRow, by_code: dict[str | None, Community], actor: Actor) -> None:
    code, name = row.texts[CODE], row.texts[NAME]
    found = by_code.get(code)
    if found is None:
        row.errors.setdefault(CODE, f"{actor.jurisdiction}及以下没有代码为“{code[:20]}”的社区，请核对。")
    elif name and name not in (found.name, found.short_name):
        row.errors.setdefault(NAME, f"代码 {code} 是{found}，不是“{name[:30]}”，请核对后改成一致。")
    else:
        row.community = found


def _take_by_name(row: CommunityRow, by_name: dict[tuple[str, str], list[Community]], actor: Actor) -> None:
    street, name = row.texts.get(STREET, ""), row.texts[NAME]
    found = by_name.get((street, name), [])
    if len(found) == 1:
        row.community = found[0]
    elif not name:
        row.errors.setdefault(NAME, "没有填。请填社区名称，或者填区划代码。")
    elif not street:
        row.errors.setdefault(CODE, "没有填。没有区划代码的社区，请填街道和社区名称。")
    elif found:
        row.errors.setdefault(CODE, f"{street}有 {len(found)} 个“{name[:30]}”，请填区划代码。")
    else:
        own = actor.jurisdiction.name
        place = street[:20] if street == own else f"{own}及以下的{street[:20]}"
        row.errors.setdefault(NAME, f"{place}没有“{name[:30]}”，请核对名称，或者填区划代码。")
