"""Addresses of people and their invitations."""

from django.urls import path

from apps.people.views import actions, activation, inviting, memberships, people, systems

urlpatterns = [
    path("people/", people.person_list, name="person_list"),
    path("people/invite/", inviting.person_invite, name="person_invite"),
    path("people/bulk/", inviting.bulk_invite, name="bulk_invite"),
    path("people/bulk/template/", inviting.bulk_template, name="bulk_template"),
    path("people/bulk/confirm/", inviting.bulk_confirm, name="bulk_confirm"),
    path("people/bulk/errors/", inviting.bulk_errors, name="bulk_errors"),
    path("people/slips/", inviting.slips, name="slips"),
    path("people/<int:pk>/", people.person_detail, name="person_detail"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/code/", actions.person_code, name="person_code"),
    path("people/<int:pk>/mail/", actions.person_mail, name="person_mail"),
    path("people/<int:pk>/reset/", actions.person_reset, name="person_reset"),
    path("people/<int:pk>/unlock/", actions.person_unlock, name="person_unlock"),
    path("people/<int:pk>/suspend/", actions.person_suspend, name="person_suspend"),
    path("people/<int:pk>/resume/", actions.person_resume, name="person_resume"),
    path("people/<int:pk>/erase/", actions.person_erase, name="person_erase"),
    path("people/<int:pk>/depart/", actions.person_depart, name="person_depart"),
    path("people/<int:pk>/memberships/", memberships.membership_add, name="membership_add"),
    path("people/memberships/<int:pk>/change/", memberships.membership_change, name="membership_change"),
    path("people/memberships/<int:pk>/end/", memberships.membership_end, name="membership_end"),
    path("systems/", systems.system_list, name="system_list"),
    path("systems/add/", systems.system_add, name="system_add"),
    path("systems/<int:pk>/token/", systems.system_token, name="system_token"),
    path("activate/", activation.activate_account, name="activate"),
    path("activate/<str:code>/", activation.activate_with, name="activate_with"),
]
