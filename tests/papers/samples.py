"""Documents to try: an ordinary one, and the hard cases."""

from dataclasses import replace
from datetime import date

from apps.papers.paper import (
    Annex,
    Block,
    Column,
    Head,
    Heading,
    Imprint,
    Names,
    Paper,
    Paragraph,
    Table,
)

MARKUP = "<b>甲</b>&amp;\"乙\"'丙'{{ 丁 }}</p><script>"
ONE_PAGE_OF_SIGNS = "字" * (28 * 44)
NAMES = [f"第{number}社区" for number in range(1, 61)]

PAPER = Paper(
    title="楚雄彝族自治州住房和城乡建设局关于认定2022年绿色社区的决定",
    head=Head("楚雄彝族自治州住房和城乡建设局文件", "楚住建〔2022〕15号"),
    recipients="各县（市）住房和城乡建设局",
    blocks=[
        Paragraph("根据有关要求，决定如下。"),
        Heading(1, "总体情况"),
        Heading(2, "创建情况"),
        Heading(3, "分项"),
        Heading(4, "细项"),
        Paragraph(ONE_PAGE_OF_SIGNS),
        Heading(1, "下一步"),
        Paragraph("请抓好落实。"),
    ],
    annexes=[
        Annex(
            "绿色社区名单",
            [Table([Column("序号", 0.5), Column("社区", 2)], [[str(n), "法脿社区"] for n in range(1, 81)])],
        ),
        Annex("其他事项", [Paragraph("无。")]),
    ],
    signed="楚雄彝族自治州住房和城乡建设局",
    dated=date(2022, 8, 5),
    note="联系科室：城建科，联系电话：0878-0000000",
    imprint=Imprint("楚雄彝族自治州住房和城乡建设局办公室", date(2022, 8, 5), "州人民政府办公室，州发展和改革委员会"),
)

# What lies across, with sixty names in a cell, between upright annexes and before the end.
_ACROSS = Annex(
    "汇总表",
    [
        Table(
            [Column("县", 26), Column("名单", 167, is_text=True), Column("数量", 15), Column("比例", 17)],
            [["楚雄市", "、".join(NAMES * 4), "240", "38.46%"], ["楚雄州", "/", "240", "38.46%"]],
            caption="填报单位：楚雄彝族自治州住房和城乡建设局（盖章）　填报时间：2022年10月18日",
            is_small=True,
        ),
        Paragraph("注：完。"),
    ],
    is_wide=True,
)
WIDE = replace(PAPER, annexes=[PAPER.annexes[1], _ACROSS, PAPER.annexes[1]])
WIDE_AT_THE_END = replace(PAPER, annexes=[PAPER.annexes[1], _ACROSS])


def paper_of(*blocks: Block, title: str = "标题") -> Paper:
    return Paper(title=title, blocks=blocks)


HARD = {
    "nothing at all": paper_of(),
    "no names": paper_of(Names([]), Table([Column("社区"), Column("街道")], [])),
    "one name": paper_of(Names(["东瓜社区"])),
    "sixty names in a cell": paper_of(
        Table([Column("县"), Column("名单", 4, is_text=True)], [["楚雄市", "、".join(NAMES)]])
    ),
    "a cell longer than a page": paper_of(Table([Column("县"), Column("名单")], [["楚雄市", "、".join(NAMES * 40)]])),
    "rare signs": paper_of(Paragraph("法脿镇、𠙶㙍㙟、垚、犇、喆"), title="法脿镇"),
    "markup": replace(
        PAPER,
        title=MARKUP,
        recipients=MARKUP,
        signed=MARKUP,
        blocks=[Paragraph(MARKUP), Heading(1, MARKUP), Table([Column(MARKUP)], [[MARKUP], MARKUP])],
        note=MARKUP,
    ),
    "control signs": paper_of(Paragraph("甲\x07乙\x00丙\u200b丁"), title="标\x07题"),
    "long title": paper_of(title="关于进一步做好绿色社区创建行动年度总结评估报告报送工作并同步开展督导检查的通知" * 4),
    "long words": paper_of(
        Paragraph("A" * 200), Table([Column("甲"), Column("乙")], [["B" * 200, "C" * 200]]), title="D" * 90
    ),
    "long names": replace(
        PAPER,
        signed="某某省某某自治州某某经济技术开发区住房和城乡建设管理委员会" * 2,
        head=Head("某" * 60, "某〔2022〕1号"),
        dated=None,
    ),
}
