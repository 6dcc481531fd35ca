"""Addresses of this room."""

from django.urls import path

from apps.projects import import_views, sums_views, views

urlpatterns = [
    path("projects/", views.project_list, name="project_list"),
    path("projects/add/", views.project_add, name="project_add"),
    path("projects/funds/", sums_views.project_funds, name="project_funds"),
    path("projects/import/", import_views.project_import, name="project_import"),
    path("projects/import/template/", import_views.project_template, name="project_template"),
    path("projects/import/confirm/", import_views.project_import_confirm, name="project_import_confirm"),
    path("projects/import/marked/", import_views.project_import_marked, name="project_import_marked"),
    path("projects/<int:pk>/", views.project_detail, name="project_detail"),
    path("projects/<int:pk>/edit/", views.project_edit, name="project_edit"),
    path("projects/<int:pk>/complete/", views.project_complete, name="project_complete"),
    path("projects/<int:pk>/end/", views.project_end, name="project_end"),
    path("projects/<int:pk>/resume/", views.project_resume, name="project_resume"),
    path("projects/<int:pk>/delete/", views.project_delete, name="project_delete"),
]
