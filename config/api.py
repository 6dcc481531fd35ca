"""Every address of the REST API, by room; what they have in common is in ``apps.core.api`` and ``apps.accounts.api``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from apps.accounts.api import reference
from apps.assessments.api.assessments import Assessments
from apps.assessments.api.evidence import EvidenceFiles, Reviews
from apps.campaigns.api import Campaigns, Participations, Targets
from apps.communities.api import Communities
from apps.evaluations.api import Evaluations
from apps.filings.api import Filings, Obligations
from apps.jurisdictions.api import Divisions
from apps.progress.api import Progress
from apps.recognitions.api import Recognitions
from apps.reports.api import Exports
from apps.standards.api import Standards

router = SimpleRouter(trailing_slash=False)
for name, views in {
    "divisions": Divisions,
    "communities": Communities,
    "standards": Standards,
    "campaigns": Campaigns,
    "targets": Targets,
    "participations": Participations,
    "assessments": Assessments,
    "evidence": EvidenceFiles,
    "reviews": Reviews,
    "recognitions": Recognitions,
    "progress": Progress,
    "obligations": Obligations,
    "filings": Filings,
    "evaluations": Evaluations,
    "exports": Exports,
}.items():
    router.register(name, views, basename=f"api-{name}")

urlpatterns = [
    path("docs/", reference.page, name="api-docs"),
    path("problems/<slug:code>", reference.problem, name="api-problem"),
    path("v1/openapi.json", reference.document, name="api-schema"),
    path("v1/", include(router.urls)),
]
