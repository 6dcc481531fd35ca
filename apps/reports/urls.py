"""Addresses of the report centre."""

from django.urls import path

from apps.reports import views

urlpatterns = [
    path("reports/", views.report_list, name="report_list"),
    path("reports/export/", views.export_request, name="export_request"),
    path("reports/jobs/<int:pk>/", views.export_job, name="export_job"),
    path("reports/jobs/<int:pk>/cancel/", views.export_cancel, name="export_cancel"),
    path("reports/jobs/<int:pk>/repeat/", views.export_repeat, name="export_repeat"),
    path("reports/jobs/<int:pk>/file/", views.download_export, name="download_export"),
]
