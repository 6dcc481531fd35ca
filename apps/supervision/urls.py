"""Addresses of this room."""

from django.urls import path

from apps.supervision import mending_views, views

urlpatterns = [
    path("visits/", views.visit_list, name="visit_list"),
    path("visits/add/", views.visit_add, name="visit_add"),
    path("visits/<int:pk>/", views.visit_detail, name="visit_detail"),
    path("visits/<int:pk>/edit/", views.visit_edit, name="visit_edit"),
    path("visits/<int:pk>/discard/", views.visit_discard, name="visit_discard"),
    path("visits/<int:pk>/issue/", views.visit_issue, name="visit_issue"),
    path("visits/<int:pk>/withdraw/", views.visit_withdraw, name="visit_withdraw"),
    path("visits/findings/<int:pk>/answer/", mending_views.finding_answer, name="finding_answer"),
    path("visits/findings/<int:pk>/mended/", mending_views.finding_mended, name="finding_mended"),
    path("visits/findings/<int:pk>/return/", mending_views.finding_return, name="finding_return"),
    path("visits/files/<int:pk>/", mending_views.finding_file, name="finding_file"),
]
