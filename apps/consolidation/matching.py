"""What an uploaded 附件2 means here: which unit a row is, which community a name, and how both stand in the system.

Everything is looked for within the actor's jurisdiction; what lies elsewhere is not known here.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from unicodedata import normalize

from django.db.models import Q

from apps.accounts.permissions import Actor
from apps.campaigns.adopting import Standing, standings, years_to_adopt
from apps.campaigns.models import Campaign
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Figures, roll_up
from apps.communities.models import Community
from apps.communities.spelling import shorten
from apps.consolidation.reading import Form, FormRow, Name
from apps.core.errors import InvalidInput
from apps.core.wall import LABEL_WIDTH
from apps.jurisdictions.models import Jurisdiction, Level

# A box for each has to fit into what one request may send.
MAX_NAMES = 4000
# How many names are looked for among those that are nearly the same, and how many of these are offered.
_NEAR_AT_MOST, _OFFERED = 200, 8
_CUTOFF = 0.5
_UNIT_ENDING = re.compile(r"(?:街道办事处|街道办|街道|自治县|自治州|市|县|区|镇|乡|州)$")
_ENDING = re.compile(r"(?:社区)?(?:居民委员会|居委会)?$")


class State(StrEnum):
    """What became of a name in a list."""

    FOUND = "已找到"
    CHOOSE = "待选择"
    UNKNOWN = "查无此名"
    TWICE = "重复列出"


@dataclass
class Entry:
    """A name of a list. ``community``: what it means, found or chosen; ``candidates``: what it may mean; ``note``: why."""

    index: int
    file: str
    number: int
    label: str
    unit: Jurisdiction
    year: int
    name: Name
    state: State = State.UNKNOWN
    community: Community | None = None
    candidates: list[Community] = field(default_factory=list)
    note: str = ""
    standing: Standing = field(default_factory=Standing)

    @property
    def is_recognised(self) -> bool:
        """Whether the system says the same."""
        return self.standing.year == self.year

    @property
    def said(self) -> str:
        """Why it is in its list, or cannot be taken over."""
        if self.is_recognised:
            return f"已认定为 {self.year} 年"
        return self.standing.obstacle or self.note or "县级范围内没有相近的名称"

    @property
    def is_open(self) -> bool:
        """Whether its recognition may be taken over."""
        return self.state == State.FOUND and not self.is_recognised and not self.standing.obstacle


@dataclass(frozen=True)
class Compared:
    """What a row says of a year beside the system's own figures; ``listed``: how many names it has (None in a total)."""

    file: str
    label: str
    year: int
    count: int | None
    listed: int | None
    ratio: str
    figures: Figures | None

    @property
    def system_count(self) -> int | None:
        return None if self.figures is None else self.figures.recognised

    @property
    def system_ratio(self) -> str:
        return "" if self.figures is None else format_percent(self.figures.completion_ratio)

    @property
    def differences(self) -> list[str]:
        """What does not agree, in words."""
        found = []
        if self.count is not None and self.listed is not None and self.count != self.listed:
            found.append(f"名单有 {self.listed} 个，数量写 {self.count} 个")
        count = self.listed if self.count is None else self.count
        if self.figures is None:
            return [*found, "系统中没有这个单位"]
        if count is not None and count != self.figures.recognised:
            found.append(f"数量相差 {count - self.figures.recognised:+d}")
        if self.ratio and self.ratio != self.system_ratio:
            found.append("比例不同")
        return found


@dataclass
class Consolidation:
    """Uploaded workbooks, judged."""

    campaign: Campaign
    forms: Sequence[Form]
    entries: list[Entry]
    compared: list[Compared]
    problems: list[str]

    @property
    def to_choose(self) -> list[Entry]:
        """Those that may mean several communities, whether one has been chosen yet or not; they are in no other list."""
        return [one for one in self.entries if one.candidates]

    def of(self, state: State) -> list[Entry]:
        return [one for one in self.entries if one.state == state and not one.candidates]

    @property
    def unknown(self) -> list[Entry]:
        return self.of(State.UNKNOWN)

    @property
    def twice(self) -> list[Entry]:
        return self.of(State.TWICE)

    @property
    def open(self) -> list[Entry]:
        return [one for one in self.of(State.FOUND) if one.is_open]

    @property
    def recognised(self) -> list[Entry]:
        return [one for one in self.of(State.FOUND) if one.is_recognised]

    @property
    def barred(self) -> list[Entry]:
        """Found, and not to be taken over."""
        return [one for one in self.of(State.FOUND) if one.standing.obstacle]

    @property
    def by_difference(self) -> list[Compared]:
        """What differs first: a county's file has dozens of streets that agree."""
        return sorted(self.compared, key=lambda one: not one.differences)

    @property
    def differing(self) -> list[Compared]:
        return [one for one in self.compared if one.differences]


def consolidate(
    forms: Sequence[Form], campaign: Campaign, *, actor: Actor, choices: Mapping[int, int] | None = None
) -> Consolidation:
    """Match what the ``forms`` say with the system; ``choices``: by an entry's index, the community (id) chosen for it.

    InvalidInput where nobody can tell whose form it is, or there are too many names.
    """
    number = sum(len(cell.names) for form in forms for row in form.rows for cell in row.years.values())
    if number > MAX_NAMES:
        raise InvalidInput(f"名单共有 {number} 个名称，一次最多核对 {MAX_NAMES} 个。请分几次上传。")
    here = actor.jurisdiction
    units = _Units(list(Jurisdiction.objects.below(here.path).filter(closed_on=None)))
    done = Consolidation(campaign, forms, [], [], [])
    placed = [(form, *units.place(form)) for form in forms]
    names = _Names({reporting.path for _, reporting, _ in placed})
    for form, reporting, rows in placed:
        done.compared += _compared(form, rows, reporting, campaign)
        for row, unit in rows:
            if unit is None and not row.is_total:
                done.problems.append(
                    f"“{form.file}”第 {row.number} 行“{row.label[:20]}”认不出是{reporting}的哪个单位，名单在{reporting}范围内查找。"
                )
            done.entries += _entries(form, row, unit or reporting, len(done.entries))
    _say_other_years(done)
    near = _NEAR_AT_MOST
    for entry in done.entries:
        near -= names.find(entry, is_near_wanted=near > 0)
    _choose(done.entries, choices or {})
    _mark_twice(done.entries)
    _judge(done)
    return done


def _entries(form: Form, row: FormRow, unit: Jurisdiction, start: int) -> Iterator[Entry]:
    listed = [(year, name) for year, cell in sorted(row.years.items()) for name in cell.names]
    for index, (year, name) in enumerate(listed, start):
        yield Entry(index, form.file, row.number, row.label, unit, year, name)


def _compared(
    form: Form, rows: Iterable[tuple[FormRow, Jurisdiction | None]], reporting: Jurisdiction, campaign: Campaign
) -> Iterator[Compared]:
    years = {year for row in form.rows for year in row.years} & set(campaign.years)
    figures: dict[tuple[int, int], Figures] = {}
    for year in years:
        rolled = roll_up(campaign, reporting, year)
        lines = [*rolled.children, rolled.total]
        figures |= {(line.jurisdiction.pk, year): line.figures for line in lines}
    for row, unit in rows:
        for year, cell in sorted(row.years.items()):
            blank = cell.count is None and not cell.names and not cell.ratio
            if year in years and not blank:
                listed = None if row.is_total else len(cell.names)
                known = figures.get((unit.pk, year)) if unit else None
                yield Compared(form.file, row.label, year, cell.count, listed, cell.ratio, known)


def _say_other_years(done: Consolidation) -> None:
    others = sorted({one.year for one in done.entries} - set(done.campaign.years))
    if others:
        years = "、".join(str(year) for year in others)
        done.problems.append(f"{years} 年不在“{done.campaign}”的年度内，没有核对。")
        done.entries = [one for one in done.entries if one.year in done.campaign.years]


def _choose(entries: Iterable[Entry], choices: Mapping[int, int]) -> None:
    for entry in entries:
        if entry.state == State.CHOOSE and (chosen := choices.get(entry.index)) is not None:
            entry.community = next((one for one in entry.candidates if one.pk == chosen), None)
            if entry.community is not None:
                entry.state = State.FOUND


def _mark_twice(entries: Iterable[Entry]) -> None:
    first: dict[int, Entry] = {}
    for entry in entries:
        if entry.community is None:
            continue
        before = first.setdefault(entry.community.pk, entry)
        if before is not entry:
            entry.state = State.TWICE
            entry.note = f"与“{before.file}”第 {before.number} 行 {before.year} 年的“{before.name.written}”是同一社区"


def _judge(done: Consolidation) -> None:
    judged = [one for one in done.entries if one.state == State.FOUND]
    found = {one.community.pk: one.year for one in judged if one.community is not None}
    known, years = standings(done.campaign, found), years_to_adopt(done.campaign)
    for entry in judged:
        if entry.community is None:
            continue
        entry.standing = known.get(entry.community.pk, Standing())
        if entry.standing.year is None and not entry.standing.obstacle and entry.year not in years:
            entry.standing = Standing(None, f"{entry.year} 年的认定按审核程序办理，不接收")


class _Units:
    """The units of the actor's part of the tree, by what forms call them."""

    def __init__(self, units: Sequence[Jurisdiction]) -> None:
        self._by_pk = {one.pk: one for one in units}
        self._by_name: dict[str, list[Jurisdiction]] = defaultdict(list)
        for one in units:
            for name in {_squeezed(one.name), _stem(one.name)}:
                self._by_name[name].append(one)

    def place(self, form: Form) -> tuple[Jurisdiction, list[tuple[FormRow, Jurisdiction | None]]]:
        """Whose form it is, the unit under which most of its rows stand, and the unit of each row."""
        votes: Counter[int] = Counter()
        own: Counter[int] = Counter()
        for row in form.rows:
            for unit in self._called(row.label):
                votes[unit.pk if row.is_total else unit.parent_id or 0] += 1
                own[unit.pk] += 1
        for unit in self._heading(form.reporting_unit):
            votes[unit.pk] += 1
        # A form of one row about whoever looks has nobody above it here.
        best = next((pk for pk, _ in [*votes.most_common(), *own.most_common()] if pk in self._by_pk), None)
        if best is None:
            raise InvalidInput(
                f"认不出“{form.file}”是哪个单位报的：第一栏的“{form.rows[0].label[:20]}”等名称在您的辖区内都没有。"
                "请核对文件和您的任职单位。"
            )
        reporting = self._by_pk[best]
        return reporting, [(row, reporting if row.is_total else self._of(row.label, reporting)) for row in form.rows]

    def _of(self, label: str, reporting: Jurisdiction) -> Jurisdiction | None:
        within = [one for one in self._called(label) if reporting.contains(one.path)]
        children = [one for one in within if one.parent_id == reporting.pk]
        found = children or within
        return found[0] if len(found) == 1 else None

    def _called(self, label: str) -> list[Jurisdiction]:
        exact = [one for one in self._by_name.get(label, ()) if _squeezed(one.name) == label]
        return exact or self._by_name.get(_stem(label), [])

    def _heading(self, text: str) -> list[Jurisdiction]:
        """The unit whose bureau is named above the table: 楚雄市住房和城乡建设局."""
        squeezed = _squeezed(text)
        fitting = [name for name in self._by_name if len(name) > 1 and squeezed.startswith(name)]
        return self._by_name[max(fitting, key=len)] if fitting else []


class _Names:
    """The communities of the units that report, by their names."""

    def __init__(self, paths: Iterable[str]) -> None:
        within = Q()
        for path in paths:
            within |= Q(path__gte=path, path__lt=path + "~")
        self._all = list(Community.objects.filter(within).select_related("jurisdiction").in_code_order())
        self._by_code = {one.code: one for one in self._all if one.code}
        self._by_name: dict[str, list[Community]] = defaultdict(list)
        self._by_stem: dict[str, list[Community]] = defaultdict(list)
        for one in self._all:
            for name in {_squeezed(one.name), _squeezed(one.short_name)}:
                self._by_name[name].append(one)
            self._by_stem[_bare(one.name)].append(one)
        self._stems: dict[str, dict[str, list[Community]]] = {}

    def find(self, entry: Entry, *, is_near_wanted: bool) -> bool:
        """Find what a name means: by code, by name with street, by the exact name in its unit; otherwise what comes near it in the
        county is offered. Whether the near ones were looked for."""
        if entry.name.code:
            self._by_its_code(entry)
            return False
        county = _county_of(entry.unit)
        exact = self._within(self._by_name.get(_squeezed(shorten(entry.name.bare)), ()), county, entry.name.within)
        exact = exact or self._within(self._by_stem.get(_bare(entry.name.bare), ()), county, entry.name.within)
        in_unit = [one for one in exact if entry.unit.contains(one.path)]
        if len(in_unit) == 1:
            entry.community, entry.state = in_unit[0], State.FOUND
        elif exact:
            entry.candidates, entry.state = in_unit or exact, State.CHOOSE
            entry.note = f"有 {len(in_unit)} 个同名的" if in_unit else f"不在{entry.unit}，在别处有同名的"
        elif is_near_wanted:
            entry.candidates = self._near(entry.name, county)
            if entry.candidates:
                entry.state, entry.note = State.CHOOSE, "没有同名的，有相近的"
            return True
        return False

    def _by_its_code(self, entry: Entry) -> None:
        found = self._by_code.get(entry.name.code)
        if found is None:
            entry.note = "辖区内没有这个代码"
        elif entry.name.bare and _bare(entry.name.bare) != _bare(found.name):
            entry.candidates, entry.state, entry.note = [found], State.CHOOSE, f"代码是{found}的"
        else:
            entry.community, entry.state = found, State.FOUND

    def _within(self, found: Iterable[Community], county: str, street: str) -> list[Community]:
        here = [one for one in found if one.path.startswith(county)]
        if not street:
            return here
        wanted = _stem(street)
        return [one for one in here if _stem(one.jurisdiction.name) == wanted]

    def _near(self, name: Name, county: str) -> list[Community]:
        if county not in self._stems:
            here = {stem: self._within(found, county, "") for stem, found in self._by_stem.items()}
            self._stems[county] = {stem: found for stem, found in here.items() if found}
        stems = self._stems[county]
        close = get_close_matches(_bare(name.bare)[:30], stems, n=_OFFERED, cutoff=_CUTOFF)
        return [one for stem in close for one in stems[stem]][:_OFFERED]


def _county_of(unit: Jurisdiction) -> str:
    """The path in which a name of the unit's row is looked for: a street's county, any other unit itself."""
    return unit.path[:-LABEL_WIDTH] if unit.level == Level.STREET else unit.path


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", normalize("NFKC", text))


def _stem(unit: str) -> str:
    squeezed = _squeezed(unit)
    stem = _UNIT_ENDING.sub("", squeezed)
    return stem if len(stem) > 1 else squeezed


def _bare(name: str) -> str:
    squeezed = _squeezed(name)
    return _ENDING.sub("", squeezed) or squeezed
