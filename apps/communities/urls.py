"""Addresses of the room. The list and the page of a community are ``dashboard``'s."""

from django.urls import path

from apps.communities import field_views, import_views, survey_views

urlpatterns = [
    path("communities/<int:pk>/survey/<int:year>/", survey_views.survey_edit, name="survey_edit"),
    path("communities/<int:pk>/urban/", survey_views.community_urban, name="community_urban"),
    path("communities/survey-fields/", field_views.survey_field_list, name="survey_field_list"),
    path("communities/survey-fields/add/", field_views.survey_field_add, name="survey_field_add"),
    path("communities/survey-fields/<int:pk>/", field_views.survey_field_edit, name="survey_field_edit"),
    path("communities/survey-fields/<int:pk>/retire/", field_views.survey_field_retire, name="survey_field_retire"),
    path("communities/survey-import/", import_views.survey_import, name="survey_import"),
    path("communities/survey-import/template/", import_views.survey_template, name="survey_template"),
    path("communities/survey-import/confirm/", import_views.survey_import_confirm, name="survey_import_confirm"),
    path("communities/survey-import/marked/", import_views.survey_import_marked, name="survey_import_marked"),
]
