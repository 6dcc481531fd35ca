"""How names are spelt, and how what people type is compared with that."""

import pytest

from apps.communities.spelling import letters_of, shorten, spell


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("龙江社区居民委员会", " longjiangshequ jiangshequ", "ljsq"),
        ("龙江社区", " longjiangshequ jiangshequ", "ljsq"),
        # Read by phrases, and as places are called.
        ("重庆路社区居委会", " chongqinglushequ qinglushequ lushequ", "cqlsq"),
        ("朝阳社区", " chaoyangshequ yangshequ", "cysq"),
        ("绿园社区", " lvyuanshequ yuanshequ", "lysq"),
        # Signs are left out, letters and digits stay.
        ("华润·凌江社区", " huarunlingjiangshequ runlingjiangshequ lingjiangshequ jiangshequ", "hrljsq"),
        ("A区社区", " aqushequ qushequ", "aqsq"),
        ("社区", " shequ qu", "sq"),
        ("", "", ""),
    ],
)
def test_spell(name: str, pinyin: str, initials: str) -> None:
    assert spell(name) == (pinyin, initials)


def test_shorten_only_what_is_called_so() -> None:
    assert shorten("龙江社区居民委员会") == "龙江社区"
    assert shorten("铁路居委会") == "铁路居委会"


@pytest.mark.parametrize(
    ("typed", "letters"),
    [
        ("LJSQ", "ljsq"),
        ("long'jiang", "longjiang"),
        ("lüyuan", "lvyuan"),
        ("龙江", ""),
        ("A区", ""),
        ("12", ""),
        ("", ""),
    ],
)
def test_letters_of_what_was_typed(typed: str, letters: str) -> None:
    assert letters_of(typed) == letters
