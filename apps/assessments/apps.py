"""The room's registration with Django."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "apps.assessments"
    verbose_name = "自评与审核"

    def ready(self) -> None:
        from apps.assessments.handover import DUTIES
        from apps.assessments.refusals import last_step_of
        from apps.campaigns import refusals
        from apps.people.handover import register

        register(DUTIES)
        refusals.register(last_step_of)
