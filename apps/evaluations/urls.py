"""Addresses of this room."""

from django.urls import path

from apps.evaluations import list_views, practice_views, views

_ONE = "evaluations/<slug:campaign>/<str:unit>/<int:year>/"

urlpatterns = [
    path("evaluations/", list_views.evaluation_list, name="evaluation_list"),
    path("evaluations/<int:pk>/", list_views.evaluation_open, name="evaluation_open"),
    path(_ONE, views.evaluation, name="evaluation"),
    path(f"{_ONE}summary/", views.evaluation_summary, name="evaluation_summary"),
    path(f"{_ONE}ask/", views.evaluation_ask, name="evaluation_ask"),
    path(f"{_ONE}countersign/", views.evaluation_countersign, name="evaluation_countersign"),
    path(f"{_ONE}practice/", practice_views.evaluation_practice, name="evaluation_practice"),
    path(f"{_ONE}take-up/", practice_views.evaluation_take_up, name="evaluation_take_up"),
    path(f"{_ONE}withdraw/", views.evaluation_withdraw, name="evaluation_withdraw"),
    path(f"{_ONE}agree/", views.evaluation_agree, name="evaluation_agree"),
    path(f"{_ONE}return/", views.evaluation_return, name="evaluation_return"),
    path(f"{_ONE}approve/", views.evaluation_approve, name="evaluation_approve"),
]
