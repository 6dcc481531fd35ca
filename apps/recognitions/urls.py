"""Addresses of this room."""

from django.urls import path

from apps.recognitions.views import notices, objections, proposed, public, recognised

urlpatterns = [
    path("recognitions/", recognised.recognition_list, name="recognition_list"),
    path("recognitions/proposed/", proposed.proposed_list, name="proposed_list"),
    path("recognitions/notices/", notices.notice_list, name="notice_list"),
    path("recognitions/notices/<int:pk>/", notices.notice_detail, name="notice_detail"),
    path("recognitions/notices/<int:pk>/edit/", notices.notice_edit, name="notice_edit"),
    path("recognitions/notices/<int:pk>/discard/", notices.notice_discard, name="notice_discard"),
    path("recognitions/notices/<int:pk>/publish/", notices.notice_publish, name="notice_publish"),
    path("recognitions/notices/<int:pk>/withdraw/", notices.notice_withdraw, name="notice_withdraw"),
    path("recognitions/notices/<int:pk>/decide/", notices.notice_decide, name="notice_decide"),
    path("recognitions/entries/<int:pk>/objection/", objections.objection_add, name="objection_add"),
    path("recognitions/objections/<int:pk>/", objections.objection_decide, name="objection_decide"),
    path(
        "recognitions/<int:pk>/document-number/",
        recognised.document_number_correct,
        name="document_number_correct",
    ),
    path("recognitions/<int:pk>/revoke/", recognised.adopted_revoke, name="adopted_revoke"),
    path("recognitions/rechecks/", recognised.recheck_list, name="recheck_list"),
    path("recognitions/<int:pk>/rechecks/<int:year>/", recognised.recheck_record, name="recheck_record"),
    path("recognitions/bases/", recognised.base_list, name="base_list"),
    path("recognitions/<int:pk>/base/", recognised.base_name, name="base_name"),
    path("recognitions/bases/<int:pk>/end/", recognised.base_end, name="base_end"),
    path("public/", public.public_index, name="public_index"),
    path("public/notices/<int:pk>/", public.public_notice, name="public_notice"),
    path("public/<str:key>/", public.public_list, name="public_list"),
]
