"""The names of communities: short, as in lists, and in pinyin without tones, to be found by letters. No tables, no Django.

The library reads by phrases (重庆 is chongqing, 六安 is luan); one reading is kept, not every possible one.
"""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import NamedTuple
from unicodedata import combining, normalize

# What many communities are called and the library reads otherwise.
_READ_SO = {"朝阳": [["cháo"], ["yáng"]]}
_ENDING, _ENDING_SPELT = "社区", ["she", "qu"]
_WITHOUT_TONE = str.maketrans("üǖǘǚǜ", "vvvvv")


class Spelling(NamedTuple):
    """``pinyin``: what is read from each syllable on, each after a blank (龙江社区: " longjiangshequ jiangshequ"), so that a
    fragment is found where a syllable begins; ``initials``: ljsq."""

    pinyin: str
    initials: str


def shorten(name: str) -> str:
    """Return a community's name as it stands in lists: 龙江社区 for 龙江社区居民委员会; other forms stay as they are."""
    for ending in ("居民委员会", "居委会"):
        if name.endswith(_ENDING + ending):
            return name.removesuffix(ending)
    return name


def spell(name: str) -> Spelling:
    """Return how ``name``, made short, is spelt; no reading begins with its ending 社区, which nearly all have."""
    short = shorten(name)
    stem = short.removesuffix(_ENDING)
    head = _syllables(stem)
    whole = [*head, *_ENDING_SPELT] if stem != short else head
    starts = range(len(head) if head else len(whole))
    return Spelling("".join(" " + "".join(whole[at:]) for at in starts), "".join(one[0] for one in whole)[:100])


def letters_of(text: str) -> str:
    """Return what a person typed as it is spelt here, '' for anything but letters: Long'Jiang is longjiang."""
    typed = text.casefold().translate(_WITHOUT_TONE).replace("'", "").replace("’", "")
    return typed if typed.isascii() and typed.isalpha() else ""


@lru_cache(maxsize=65_536)
def _syllables(text: str) -> list[str]:
    spelt = (_plain(one) for one in _reader()(text)) if text else ()
    return [one for one in spelt if one]


def _plain(syllable: str) -> str:
    """A syllable without its tone; of what is no syllable, the letters and digits."""
    bare = normalize("NFD", syllable.casefold().translate(_WITHOUT_TONE))
    return "".join(one for one in bare if not combining(one) and one.isascii() and one.isalnum())


@cache
def _reader() -> Callable[[str], list[str]]:
    """The library's dictionaries take memory and a moment: only who writes a name loads them."""
    from pypinyin import Style, load_phrases_dict
    from pypinyin.converter import DefaultConverter
    from pypinyin.core import Pinyin

    load_phrases_dict(_READ_SO)
    return partial(Pinyin(DefaultConverter()).lazy_pinyin, style=Style.TONE)
