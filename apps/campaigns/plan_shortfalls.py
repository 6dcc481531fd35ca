"""What an annual plan lacks of what is asked of it, in words: communities to the target, pilots in streets, anything at all.

It blocks nothing and wants an explanation; whoever decides on the plan sees both.
"""

from collections.abc import Collection, Sequence

from apps.campaigns.models import AnnualPlan, Participation
from apps.campaigns.plan import PilotsRule, Sheet, missing_of, nearest_rule, pilots_rules, short_below
from apps.campaigns.rollup import Line, Rollup
from apps.jurisdictions.models import Jurisdiction

# The streets that a sentence names.
_NAMED = 5


def shortfalls(sheet: Sheet, listed: Sequence[Participation]) -> list[str]:
    """What a plan lacks with the communities ``listed`` for its year."""
    short = [one.jurisdiction for one in sheet.streets if one.is_short]
    return _in_words(sheet.rollup.total, sheet.rollup.year, len(listed), short, sheet.rule)


def shortfalls_below(rollup: Rollup, plans: Collection[AnnualPlan]) -> dict[int, list[str]]:
    """What each of several plans of the roll-up's children lacks while it waits, by id; as many queries however many."""
    if not plans:
        return {}
    campaign, place, year = rollup.campaign, rollup.total.jurisdiction, rollup.year
    rules = pilots_rules(campaign, place, year)
    short = short_below(rollup, rules) if rules else []
    lines = {one.jurisdiction.path: one for one in rollup.children}
    found = {}
    for plan in plans:
        inside = [one for one in short if one.path.startswith(plan.path)]
        found[plan.pk] = _in_words(lines[plan.path], year, plan.communities, inside, nearest_rule(rules, plan.path))
    return found


def _in_words(
    line: Line, year: int, communities: int, short: Sequence[Jurisdiction], rule: PilotsRule | None
) -> list[str]:
    found = []
    if not communities:
        found.append(f"{year} 年没有列入社区")
    if missing := missing_of(line):
        reach = f"（目标多于底数 {line.figures.base} 个，请报下达单位调整）" if line.is_out_of_reach else ""
        found.append(f"累计列入 {line.figures.enrolled} 个，比目标 {line.wanted} 个少 {missing} 个{reach}")
    if short:
        named = "、".join(one.name for one in short[:_NAMED]) + ("等" if len(short) > _NAMED else "")
        found.append(f"{named} {len(short)} 个街道（镇、乡）的试点少于规定的{rule or '数'}")
    return found
