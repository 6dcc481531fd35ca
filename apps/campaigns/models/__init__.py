"""Campaigns, their targets, the communities that take part and the plans of a year. What is assessed is in the room above."""

from apps.campaigns.models.campaign import (
    EVALUATION_SECTIONS,
    Campaign,
    CampaignChange,
    CampaignQuerySet,
    Milestone,
    Phase,
    SectionDepartments,
)
from apps.campaigns.models.participation import (
    Adoption,
    Participation,
    ParticipationQuerySet,
    Recognition,
    RecognitionQuerySet,
    TransferredFigures,
)
from apps.campaigns.models.plan import AnnualPlan, AnnualPlanQuerySet, PlanChange
from apps.campaigns.models.target import Target

__all__ = [
    "EVALUATION_SECTIONS",
    "Adoption",
    "AnnualPlan",
    "AnnualPlanQuerySet",
    "Campaign",
    "CampaignChange",
    "CampaignQuerySet",
    "Milestone",
    "Participation",
    "ParticipationQuerySet",
    "Phase",
    "PlanChange",
    "Recognition",
    "RecognitionQuerySet",
    "SectionDepartments",
    "Target",
    "TransferredFigures",
]
