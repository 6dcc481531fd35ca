"""Which office recognised (认定单位): the one that holds the self-assessment, or that took the recognition over from paper."""

from collections.abc import Collection

from django.db.models import Q
from django.urls import reverse

from apps.assessments.chain import chains_of
from apps.campaigns.models import Recognition
from apps.jurisdictions.models import Jurisdiction

# What ``authority_of`` reads of a recognition, to be selected with it.
AUTHORITY = ("participation__assessment__holder", "authority")


def authority_of(recognition: Recognition) -> Jurisdiction:
    """Return the office that answers for the recognition: for taking it back, correcting its number, re-checks and bases."""
    if recognition.authority is not None:
        return recognition.authority
    holder: Jurisdiction = recognition.participation.assessment.holder
    return holder


def recognised_by(paths: Collection[str], of: str = "") -> Q:
    """The condition that the office that recognised is one of those at ``paths``; ``of``: where a row names its recognition."""
    held, adopted = (f"{of}{one}__path__in" for one in AUTHORITY)
    return Q(**{held: paths}) | Q(**{adopted: paths})


def seat_adopted(communities: Collection[int]) -> list[tuple[Jurisdiction, Jurisdiction]]:
    """Let those taken over from paper come to the last level of where their communities (ids) are now; from whom to whom."""
    adopted = Recognition.objects.filter(community__in=communities, authority__isnull=False).order_by("pk")
    rows = list(
        adopted.select_related("authority", "participation__campaign", "participation__community__jurisdiction")
    )
    chains, moved = chains_of([one.participation for one in rows]), []
    for one in rows:
        before, chain = authority_of(one), chains[one.participation_id]
        if before not in chain:
            one.authority = chain[-1]
            one.save(update_fields=["authority"])
            moved.append((before, chain[-1]))
    return moved


def address_of_revocation(recognition: Recognition) -> str:
    """Where the office that recognised takes the recognition back (办理摘牌)."""
    if recognition.adoption_id is not None:
        return reverse("adopted_revoke", args=[recognition.pk])
    return f"{reverse('review', args=[recognition.participation.assessment.pk])}?revoke"
