"""Addresses of this room."""

from django.urls import path

from apps.standards.views import catalogue, comparing, drafting, editing, exchange

urlpatterns = [
    path("standards/", catalogue.standard_list, name="standard_list"),
    path("standards/new/", drafting.standard_create, name="standard_create"),
    path("standards/compare/", comparing.standard_compare, name="standard_compare"),
    path("standards/template/", exchange.standard_template, name="standard_template"),
    path("standards/import/", exchange.standard_import, name="standard_import"),
    path("standards/import/confirm/", exchange.standard_import_confirm, name="standard_import_confirm"),
    path("standards/import/marked/", exchange.standard_import_marked, name="standard_import_marked"),
    path("standards/<slug:code>/", catalogue.standard_detail, name="standard_detail"),
    path("standards/<slug:code>/xlsx/", exchange.standard_xlsx, name="standard_xlsx"),
    path("standards/<slug:code>/try/", comparing.standard_try, name="standard_try"),
    path("standards/<slug:code>/version/", drafting.standard_version, name="standard_version"),
    path("standards/<slug:code>/publish/", drafting.standard_publish, name="standard_publish"),
    path("standards/<slug:code>/delete/", drafting.standard_delete, name="standard_delete"),
    path("standards/<slug:code>/renumber/", drafting.standard_renumber, name="standard_renumber"),
    path("standards/<slug:code>/edit/", drafting.standard_edit, name="standard_edit"),
    path("standards/<slug:code>/edit/head/", drafting.standard_head, name="standard_head"),
    path("standards/<slug:code>/edit/rule-words/<int:pk>/", editing.standard_rule_words, name="standard_rule_words"),
    path("standards/<slug:code>/edit/<str:kind>/add/", editing.standard_part_add, name="standard_part_add"),
    path("standards/<slug:code>/edit/<str:kind>/<int:pk>/", editing.standard_part, name="standard_part"),
    path("standards/<slug:code>/edit/<str:kind>/<int:pk>/move/", editing.standard_part_move, name="standard_part_move"),
    path(
        "standards/<slug:code>/edit/<str:kind>/<int:pk>/delete/",
        editing.standard_part_delete,
        name="standard_part_delete",
    ),
]
