"""Addresses of the audit trail."""

from django.urls import path

from apps.audit import views

urlpatterns = [
    path("audit/", views.audit_trail, name="audit_trail"),
    path("history/<slug:app_label>/<slug:model_name>/<int:pk>/", views.object_history, name="object_history"),
]
