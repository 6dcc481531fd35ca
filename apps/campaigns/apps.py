"""The room's registration with Django."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "apps.campaigns"
    verbose_name = "创建行动"

    def ready(self) -> None:
        from apps.campaigns.departments import departments_named_for
        from apps.people.departments import register

        register(departments_named_for)
