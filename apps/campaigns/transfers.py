"""What is said of figures that count what a later transfer moved (划转前数据): the names that they open are of today's places."""

from collections.abc import Iterable

from apps.campaigns.rollup import Figures, Line, Rollup

TRANSFERRED = "划转前数据"
_BY_PLACE = "按划转前的辖区统计，名单按现在的辖区"


def transfer_note(figures: Figures, year: int) -> str:
    """By how much the figures of ``year`` differ from the names that they open; '' where they do not."""
    part = figures.before_transfers(year)
    counts = {"底数": part.base, "参与创建": part.enrolled, "试点": part.pilots}
    counts |= {f"{one} 年认定": count for one, count in sorted(part.by_year.items())}
    said = [f"{label}{'多' if count > 0 else '少'} {abs(count)} 个" for label, count in counts.items() if count]
    return f"{year} 年的数字{_BY_PLACE}；数字比名单：{'，'.join(said)}。" if said else ""


def transfer_note_below(rollup: Rollup) -> str:
    """Which children's figures differ from the names that they open; '' where none do."""
    names = _moved(rollup.children)
    return f"{names}的数字{_BY_PLACE}。" if names else ""


def transfer_note_before(rollup: Rollup) -> str:
    """Whose figures of a year that stands beside another one are those of other places than today's; '' where nobody's."""
    names = _moved([rollup.total, *rollup.children])
    return f"对比的 {rollup.year} 年数字中，{names}的按划转前的辖区统计。" if names else ""


def _moved(lines: Iterable[Line]) -> str:
    return "、".join(one.jurisdiction.name for one in lines if one.figures.has_moved)
