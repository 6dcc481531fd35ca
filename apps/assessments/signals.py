"""What happened to an assessment, for rooms above: each is sent inside the verb's transaction with ``action``, its ReviewAction;
an opinion with ``row``, the DepartmentOpinion."""

from django.dispatch import Signal

from apps.assessments.models import ReviewAction

Kind = ReviewAction.Kind

assessment_submitted = Signal()
assessment_recalled = Signal()
assessment_returned = Signal()
assessment_agreed = Signal()
assessment_recognised = Signal()
assessment_revoked = Signal()
approval_proposed = Signal()
approval_declined = Signal()
approval_withdrawn = Signal()
opinion_given = Signal()

OF_KIND = {
    Kind.SUBMIT: assessment_submitted,
    Kind.RECALL: assessment_recalled,
    Kind.RETURN: assessment_returned,
    Kind.AGREE: assessment_agreed,
    Kind.RECOGNISE: assessment_recognised,
    Kind.REVOKE: assessment_revoked,
    Kind.PROPOSE_RECOGNISE: approval_proposed,
    Kind.PROPOSE_REVOKE: approval_proposed,
    Kind.DECLINE: approval_declined,
    Kind.WITHDRAW: approval_withdrawn,
}


def told(action: ReviewAction) -> ReviewAction:
    """Send what a step means, if it means something to others; the reasons of a return are written later in the transaction."""
    if (signal := OF_KIND.get(Kind(action.kind))) is not None:
        signal.send(sender=ReviewAction, action=action)
    return action
