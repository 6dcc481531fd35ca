"""Addresses of the report centre."""

from django.urls import path

from apps.reports import views

urlpatterns = [
    path("reports/", views.report_list, name="report_list"),
    path("reports/summary/", views.export_summary, name="export_summary"),
    path("reports/jobs/<int:pk>/", views.export_job, name="export_job"),
    path("reports/jobs/<int:pk>/file/", views.download_export, name="download_export"),
]
