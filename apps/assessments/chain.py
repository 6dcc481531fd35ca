"""The review chain of an assessment: which jurisdictions it passes, and whose turn comes next."""

from apps.campaigns.models import Participation
from apps.jurisdictions.models import Jurisdiction, Level, nearest


def chain_of(participation: Participation) -> list[Jurisdiction]:
    """Return the jurisdictions that must pass the assessment, the submitting one first, the recognising one last.

    A level of the campaign's chain that this branch of the tree lacks is skipped; where it lacks the submitting level, the
    jurisdiction that the community belongs to submits.
    """
    line = list(Jurisdiction.objects.ancestors_of(participation.path))
    submitting, *reviewing = participation.campaign.review_chain
    chain = [nearest(line, Level(submitting)) or participation.community.jurisdiction]
    for level in reviewing:
        jurisdiction = nearest(line, Level(level))
        if jurisdiction is not None and jurisdiction not in chain:
            chain.append(jurisdiction)
    return chain


def place_in(chain: list[Jurisdiction], holder: Jurisdiction) -> int:
    """Return the position of ``holder`` in the chain."""
    return [one.pk for one in chain].index(holder.pk)
