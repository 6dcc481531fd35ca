"""Which office recognised (认定单位): the one that holds the self-assessment, or that took the recognition over from paper."""

from collections.abc import Collection

from django.db.models import Q
from django.urls import reverse

from apps.campaigns.models import Recognition
from apps.jurisdictions.models import Jurisdiction

# What ``authority_of`` reads of a recognition, to be selected with it.
AUTHORITY = ("participation__assessment__holder", "adoption__jurisdiction")


def authority_of(recognition: Recognition) -> Jurisdiction:
    """Return the office that answers for the recognition: for taking it back, correcting its number, re-checks and bases."""
    if recognition.adoption is not None:
        return recognition.adoption.jurisdiction
    holder: Jurisdiction = recognition.participation.assessment.holder
    return holder


def recognised_by(paths: Collection[str], of: str = "") -> Q:
    """The condition that the office that recognised is one of those at ``paths``; ``of``: where a row names its recognition."""
    held, adopted = (f"{of}{one}__path__in" for one in AUTHORITY)
    return Q(**{held: paths, f"{of}adoption__isnull": True}) | Q(**{adopted: paths})


def address_of_revocation(recognition: Recognition) -> str:
    """Where the office that recognised takes the recognition back (办理摘牌)."""
    if recognition.adoption_id is not None:
        return reverse("adopted_revoke", args=[recognition.pk])
    return f"{reverse('review', args=[recognition.participation.assessment.pk])}?revoke"
