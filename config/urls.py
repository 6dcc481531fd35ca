"""Every address of the installation, by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("apps.dashboard.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.people.urls")),
    path("", include("apps.papers.urls")),
    path("", include("apps.communities.urls")),
    path("", include("apps.standards.urls")),
    path("", include("apps.campaigns.urls")),
    path("", include("apps.projects.urls")),
    path("", include("apps.assessments.urls")),
    path("", include("apps.recognitions.urls")),
    path("", include("apps.reorganisations.urls")),
    path("", include("apps.progress.urls")),
    path("", include("apps.bulletins.urls")),
    path("", include("apps.filings.urls")),
    path("", include("apps.evaluations.urls")),
    path("", include("apps.practices.urls")),
    path("", include("apps.supervision.urls")),
    path("", include("apps.notifications.urls")),
    path("", include("apps.consolidation.urls")),
    path("", include("apps.documents.urls")),
    path("", include("apps.reports.urls")),
    path("", include("apps.audit.urls")),
    path("api/", include("config.api")),
]

handler400 = "apps.core.error_pages.bad_request"
handler404 = "apps.core.error_pages.not_found"
handler500 = "apps.core.error_pages.failed"
