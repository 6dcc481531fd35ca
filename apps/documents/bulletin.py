"""通报 as a document: its words, who is praised and urged, and the ranking as its annex."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from apps.bulletins.models import Bulletin
from apps.bulletins.ranking import PRAISED, URGED, Place
from apps.campaigns.ratios import NO_RATIO, format_percent
from apps.core import clock
from apps.documents.words import closed_up, recipients_below
from apps.papers.offices import mark_of, office_of
from apps.papers.paper import Annex, Block, Column, Paper, Paragraph, Table, day

Status = Bulletin.Status

_COLUMNS = [
    Column("名次", 0.75),
    Column("单位", 2.2),
    Column("社区\n底数", 0.85),
    Column("累计\n认定", 0.85),
    Column("合计完成\n比例", 1.2),
    Column("目标数", 0.95),
    Column("目标\n完成率", 1.2),
    Column("还差", 0.75),
    Column("备注", 0.85),
]
_HOW = (
    "注：合计完成比例为累计认定数与社区底数之比，目标完成率为累计认定数与目标数之比；"
    "并列的名次相同，没有城市社区或没有目标的不排名次。"
)


def bulletin_paper(bulletin: Bulletin, places: Sequence[Place]) -> Paper:
    """``places`` as ``bulletins.domain.places_of`` gives them: a draft's of today."""
    office = office_of(bulletin.jurisdiction)
    issued_on = timezone.localtime(bulletin.published_at).date() if bulletin.published_at else None
    blocks: list[Block] = [Paragraph(closed_up(bulletin.text)), *_praise(places)]
    ranking = Annex(f"{bulletin.year}年绿色社区创建进展排名", [*_ranking(bulletin, places), Paragraph(_HOW)])
    mark = mark_of(is_draft=bulletin.status == Status.DRAFT)
    return Paper(
        title=_title(bulletin.title, office.name),
        head=office.head(bulletin.document_number),
        recipients=recipients_below(bulletin.jurisdiction),
        blocks=blocks,
        annexes=[ranking],
        signed=office.name,
        dated=issued_on,
        note=office.note,
        imprint=office.imprint(issued_on),
        mark="已撤回" if bulletin.status == Status.WITHDRAWN else mark,
    )


def _title(title: str, office: str) -> str:
    """标题由发文机关名称、事由和文种组成 (GB/T 9704-2012, 7.3.1): one that begins with 关于 lacks the office."""
    return f"{office}{title}" if title.startswith("关于") else title


def _praise(places: Iterable[Place]) -> list[Block]:
    """Who is praised and urged, in one paragraph each; nobody is no paragraph."""
    marked = {mark: [one.unit.name for one in places if one.mark == mark] for mark in (PRAISED, URGED)}
    words = {PRAISED: "对{}予以通报表扬。", URGED: "对{}予以督促。"}
    return [Paragraph(words[mark].format("、".join(names))) for mark, names in marked.items() if names]


def _ranking(bulletin: Bulletin, places: Iterable[Place]) -> list[Block]:
    as_of = day(bulletin.as_of or clock.today())
    caption = f"截至{as_of}，按{bulletin.get_ranked_by_display()}排名"
    return [Table(_COLUMNS, [_row(one) for one in places], caption=caption, nothing="没有下级单位", is_small=True)]


def _row(place: Place) -> list[str]:
    unit = place.unit
    return [
        _count(place.number),
        unit.name,
        str(unit.base),
        str(unit.completed),
        format_percent(unit.ratio),
        _count(unit.wanted),
        format_percent(unit.fulfilment),
        _count(unit.gap),
        place.mark,
    ]


def _count(number: int | None) -> str:
    return NO_RATIO if number is None else str(number)
