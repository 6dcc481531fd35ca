"""What an evaluation still lacks before it can be submitted, in words."""

from apps.campaigns.departments import key_of
from apps.campaigns.models import Campaign
from apps.evaluations.models import AnnualEvaluation, Countersignature
from apps.jurisdictions.models import Jurisdiction

# The bureau that reports does not countersign its own report.
_REPORTING = "住房城乡建设"


def departments(campaign: Campaign, unit: Jurisdiction) -> list[str]:
    """The departments that countersign at ``unit``: those that carry the campaign, but for the housing bureau, which reports.

    The campaign names the offices of its own level; elsewhere it is the department that they belong to.
    """
    named = [one for one in campaign.lead_departments if key_of(one) != _REPORTING]
    return named if unit == campaign.jurisdiction else [f"{key_of(one)}部门" for one in named]


def shortfalls(evaluation: AnnualEvaluation) -> list[str]:
    """The campaign's sections that nothing was written in."""
    blank = [title for title in evaluation.campaign.sections_of_evaluation if not evaluation.text_of(title)]
    return [f"{'、'.join(f'“{one}”' for one in blank)}还没有填写"] if blank else []


def lacking_signatures(evaluation: AnnualEvaluation) -> list[str]:
    """Departments that have not countersigned, that signed an earlier text, or that object."""
    signed = {key_of(one.department): one for one in evaluation.countersignatures.all()}
    missing = [one for one in departments(evaluation.campaign, evaluation.jurisdiction) if key_of(one) not in signed]
    earlier = [one.department for one in signed.values() if one.version != evaluation.version]
    objecting = [one.department for one in signed.values() if one.stance == Countersignature.Stance.OBJECTS]
    told = ((missing, "还没有会签"), (earlier, "会签后报告又有修改"), (objecting, "会签有意见"))
    return [f"{'、'.join(names)}{words}" for names, words in told if names]
