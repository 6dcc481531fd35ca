"""Words that documents have in common: whom they are sent to (主送机关), by what they go."""

import re

from apps.campaigns.models import Campaign
from apps.jurisdictions.models import Jurisdiction, Level

_BELOW = {
    Level.NATION: "各省、自治区、直辖市住房和城乡建设厅（委）",
    Level.PROVINCE: "各市（州、区）住房和城乡建设主管部门",
    Level.CITY: "各县（市、区）住房和城乡建设主管部门",
    Level.DISTRICT: "各街道办事处、镇（乡）人民政府",
    Level.STREET: "各社区居民委员会",
}

_BETWEEN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z%]) (?=[\u3400-\u9fff])")


def recipients_below(office: Jurisdiction) -> str:
    """All units right below an office, in the words that documents address them by."""
    return _BELOW[Level(office.level)]


def basis_of(campaign: Campaign) -> str:
    """The half sentence that names the document which the campaign goes by."""
    if not campaign.document_title:
        return f"根据{campaign.name}的要求，"
    number = f"（{campaign.document_number}）" if campaign.document_number else ""
    return f"根据《{campaign.document_title}》{number}要求，"


def closed_up(text: str) -> str:
    """A text without the single blanks that typists put between Chinese and figures or letters: in documents there are none,
    and set flush on both sides they would be stretched."""
    return _BETWEEN.sub("", text)
