"""Addresses of this room."""

from django.urls import path

from apps.documents import views

urlpatterns = [
    path("documents/notices/<int:pk>/", views.notice_document, name="notice_document"),
    path("documents/decisions/<int:pk>/", views.decision_document, name="decision_document"),
    path(
        "documents/evaluations/<slug:campaign>/<str:unit>/<int:year>/",
        views.evaluation_document,
        name="evaluation_document",
    ),
    path("documents/bulletins/<int:pk>/", views.bulletin_document, name="bulletin_document"),
    path("documents/filings/<int:pk>/", views.filing_document, name="filing_document"),
    path("documents/plans/<int:pk>/", views.plan_document, name="plan_document"),
    path("documents/recognised/", views.list_document, name="list_document"),
    path("documents/assessments/<int:pk>/score-sheet/", views.score_sheet_document, name="score_sheet_document"),
    path("documents/assessments/<int:pk>/record/", views.review_record_document, name="review_record_document"),
    path("documents/visits/<int:pk>/", views.visit_document, name="visit_document"),
]
