"""GB/T 9704-2012 in figures, and what follows from them: breaking titles by sense, placing the signature. Pure.

Lengths are millimetres; widths of text are characters (一个字) of the size that it is set in.
"""

import unicodedata
from itertools import pairwise

# 幅面尺寸, 天头, 订口, 版心 (5.1, 5.2).
PAGE = (210.0, 297.0)
TOP, LEFT, RIGHT, BOTTOM = 37.0, 28.0, 26.0, 35.0
WIDTH, HEIGHT = 156.0, 225.0
# 每面排22行，每行排28个字 (5.2.3): a character is as wide as its part of the line, a little below 三号 (16 pt).
LINES, CHARACTERS = 22, 28
CHARACTER = 5.571
LINE = 10.227
# 发文机关标志上边缘至版心上边缘 (7.2.4), 红色分隔线 below 发文字号 (7.2.7), 页码 below the type area (7.5).
ISSUER_BELOW_TOP = 35.0
RULE_BELOW_NUMBER = 4.0
PAGE_NUMBER_BELOW = 7.0
# 二号 is 22 pt: 20 characters of a title fit on a line, fewer with figures among them; a little shorter ones look better.
TITLE_CHARACTERS = 19
_COMFORTABLE = 18.5
# 发文机关标志: as large as one line holds, within what looks right.
_ISSUER_LARGEST, _ISSUER_SMALLEST = 14.0, 7.0
# 成文日期右空四字 (7.3.5.1).
_DATE_FROM_RIGHT = 4.0

_CLOSING = "）》〉」』】〕、，。；：！？”’%"
_OPENING = "（《〈「『【〔“‘"
# Words that a line of a title may begin with or end on; a break elsewhere may cut a word in two.
_BEFORE = (
    "关于",
    "绿色社区",
    "年度",
    "认定",
    "拟认定",
    "创建",
    "公示",
    "名单",
    "情况",
    "工作",
    "总结",
    "评估报告",
    "的通知",
    "的决定",
)
_AFTER = (
    "关于",
    "的",
    "、",
    "》",
    "）",
    "年度",
    "年",
    "厅",
    "局",
    "委员会",
    "政府",
    "绿色社区",
    "创建行动",
    "街道",
    "社区",
    "自治州",
    "市",
    "县",
    "区",
    "省",
)
_TORN, _HANGS = 60.0, 1000.0


def text_width(text: str) -> float:
    """Return the width in characters: half of one for letters, figures and signs of half width."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5 for sign in text)


def issuer_size(issuer: str) -> float:
    """Return the size of 发文机关标志, so that it stands on one line where that is possible."""
    return max(_ISSUER_SMALLEST, min(_ISSUER_LARGEST, 0.98 * WIDTH / max(text_width(issuer), 1.0)))


def title_lines(title: str) -> list[str]:
    """Break a title into lines that are whole in sense and of a balanced shape (回行时词意完整、排列对称, 7.3.1).

    Line breaks that the title has are kept.
    """
    return [line for part in title.split("\n") for line in _broken(part.strip())]


def office_from_right(office: str, dated: str) -> float:
    """Return how far from the right the signing office ends, so that it is centred on the date: in characters, 0 at least."""
    return max(0.0, _DATE_FROM_RIGHT + (text_width(dated) - text_width(office)) / 2)


def _broken(title: str) -> list[str]:
    number = _lines_for(title)
    if number == 1:
        return [title]
    # The best ways to break what goes before each place, by how many lines it takes.
    length, mean = len(title), text_width(title) / number
    widths = [0.0]
    for sign in title:
        widths.append(widths[-1] + text_width(sign))
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}, *({} for _ in range(length))]
    for end in range(1, length + 1):
        for start in range(end):
            width = widths[end] - widths[start]
            if width > TITLE_CHARACTERS:
                continue
            cost = (width - mean) ** 2 + (0.0 if end == length else _tear(title, end))
            for lines, (sofar, _) in best[start].items():
                if lines < number and cost + sofar < best[end].get(lines + 1, (float("inf"), 0))[0]:
                    best[end][lines + 1] = (cost + sofar, start)
    ends = [length]
    for lines in range(number, 0, -1):
        ends.append(best[ends[-1]][lines][1])
    return [title[start:end] for start, end in pairwise(ends[::-1])]


def _lines_for(title: str) -> int:
    width = text_width(title)
    return 1 if width <= TITLE_CHARACTERS else max(2, -int(-width // _COMFORTABLE))


def _tear(title: str, at: int) -> float:
    """What speaks against ending a line before the sign ``at``."""
    before, after = title[:at], title[at:]
    if after[0] in _CLOSING or before[-1] in _OPENING or (_is_half(before[-1]) and _is_half(after[0])):
        return _HANGS
    if before.endswith(_AFTER) or after.startswith(_BEFORE) or after[0] in _OPENING:
        # A line does not begin with 的, 年 belongs to its figures, and 度 to 年.
        return _TORN if after[0] in "的年度和与及" else 0.0
    return _HANGS if _is_half(before[-1]) else _TORN


def _is_half(sign: str) -> bool:
    return text_width(sign) < 1
