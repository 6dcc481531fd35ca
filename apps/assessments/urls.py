"""Addresses of this room."""

from django.urls import path

from apps.assessments.views import evidence, self_assessment

urlpatterns = [
    path("assessments/", self_assessment.self_assessment_list, name="self_assessment_list"),
    path("assessments/open/<int:pk>/", self_assessment.self_assessment_open, name="self_assessment_open"),
    path("assessments/<int:pk>/", self_assessment.self_assessment, name="self_assessment"),
    path("assessments/<int:pk>/submit/", self_assessment.self_assessment_submit, name="self_assessment_submit"),
    path(
        "assessments/<int:pk>/criteria/<int:number>/",
        self_assessment.self_assessment_criterion,
        name="self_assessment_criterion",
    ),
    path("assessments/<int:pk>/criteria/<int:number>/evidence/", evidence.evidence_add, name="evidence_add"),
    path("assessments/evidence/<int:pk>/", evidence.evidence_file, name="evidence"),
    path("assessments/evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence_delete"),
]
