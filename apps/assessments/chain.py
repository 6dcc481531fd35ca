"""The review chain of an assessment: which jurisdictions it passes, and whose turn comes next."""

from collections.abc import Collection

from apps.campaigns.models import Participation
from apps.jurisdictions.models import Jurisdiction, Level, nearest, paths_down_to


def chain_of(participation: Participation) -> list[Jurisdiction]:
    """Return the jurisdictions that must pass the assessment, the submitting one first, the recognising one last.

    A level of the campaign's chain that this branch of the tree lacks is skipped; where it lacks the submitting level, the
    jurisdiction that the community belongs to submits.
    """
    return chains_of([participation])[participation.pk]


def chains_of(participations: Collection[Participation]) -> dict[int, list[Jurisdiction]]:
    """Return the chains of many by the participation's id, in one query."""
    lines = {one.pk: paths_down_to(one.path) for one in participations}
    wanted = {path for line in lines.values() for path in line}
    known = {one.path: one for one in Jurisdiction.objects.filter(path__in=wanted)}
    return {one.pk: _chain(one, [known[path] for path in lines[one.pk] if path in known]) for one in participations}


def submits(participation: Participation, jurisdiction: Jurisdiction) -> bool:
    """Whether the chain begins with ``jurisdiction``; the tree is read only where its level does not tell."""
    if jurisdiction.level == participation.campaign.review_chain[0]:
        return jurisdiction.contains(participation.path)
    return chain_of(participation)[0] == jurisdiction


def place_in(chain: list[Jurisdiction], holder_id: int) -> int:
    """Return the position of the jurisdiction with this id in the chain."""
    return [one.pk for one in chain].index(holder_id)


def _chain(participation: Participation, line: list[Jurisdiction]) -> list[Jurisdiction]:
    submitting, *reviewing = participation.campaign.review_chain
    chain = [nearest(line, Level(submitting)) or participation.community.jurisdiction]
    for level in reviewing:
        jurisdiction = nearest(line, Level(level))
        if jurisdiction is not None and jurisdiction not in chain:
            chain.append(jurisdiction)
    return chain
