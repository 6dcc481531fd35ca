"""Addresses of this room."""

from django.urls import path

from apps.campaigns import (
    annual_plan_views,
    changeover_views,
    editing_views,
    entry_views,
    notice_rules_views,
    plan_views,
    reminder_days_views,
    running_views,
    target_views,
    views,
)

urlpatterns = [
    path("plan/", plan_views.plan, name="plan"),
    path("plan/<int:pk>/remove/", plan_views.plan_remove, name="plan_remove"),
    path("plan/<int:pk>/pilot/", plan_views.plan_pilot, name="plan_pilot"),
    path("plan/submit/", annual_plan_views.plan_submit, name="plan_submit"),
    path("plans/accept/", annual_plan_views.plans_accept, name="plans_accept"),
    path("plans/<int:pk>/", annual_plan_views.annual_plan, name="annual_plan"),
    path("plans/<int:pk>/withdraw/", annual_plan_views.plan_withdraw, name="plan_withdraw"),
    path("plans/<int:pk>/return/", annual_plan_views.plan_return, name="plan_return"),
    path("plans/<int:pk>/accept/", annual_plan_views.plan_accept, name="plan_accept"),
    path("campaigns/", views.campaign_list, name="campaign_list"),
    path("campaigns/switch/", views.switch_campaign, name="switch_campaign"),
    path("campaigns/new/", editing_views.campaign_create, name="campaign_create"),
    path("campaigns/<slug:code>/", views.campaign_detail, name="campaign_detail"),
    path("campaigns/<slug:code>/targets/", views.set_target, name="set_target"),
    path("campaigns/<slug:code>/targets/distribute/", target_views.target_distribute, name="target_distribute"),
    path(
        "campaigns/<slug:code>/targets/<str:kind>/<str:key>/<int:year>/",
        target_views.target_history,
        name="target_history",
    ),
    path("campaigns/<slug:code>/standard/", changeover_views.campaign_standard, name="campaign_standard"),
    path("campaigns/<slug:code>/second-approval/", views.set_second_approval, name="set_second_approval"),
    path("campaigns/<slug:code>/reminder-days/", reminder_days_views.set_reminder_days, name="set_reminder_days"),
    path("campaigns/<slug:code>/notice-rules/", notice_rules_views.set_notice_rules, name="set_notice_rules"),
    path("campaigns/<slug:code>/copy/", editing_views.campaign_copy, name="campaign_copy"),
    path("campaigns/<slug:code>/delete/", editing_views.campaign_delete, name="campaign_delete"),
    path("campaigns/<slug:code>/open/", running_views.campaign_open, name="campaign_open"),
    path("campaigns/<slug:code>/years/", running_views.campaign_years, name="campaign_years"),
    path("campaigns/<slug:code>/close/", running_views.campaign_close, name="campaign_close"),
    path("campaigns/<slug:code>/reopen/", running_views.campaign_reopen, name="campaign_reopen"),
    path("campaigns/<slug:code>/edit/", editing_views.campaign_edit, name="campaign_edit"),
    path("campaigns/<slug:code>/edit/<str:part>/", editing_views.campaign_part, name="campaign_part"),
    path("campaigns/<slug:code>/edit/<str:kind>/add/", entry_views.campaign_entry_add, name="campaign_entry_add"),
    path("campaigns/<slug:code>/edit/<str:kind>/<int:pk>/", entry_views.campaign_entry, name="campaign_entry"),
    path(
        "campaigns/<slug:code>/edit/<str:kind>/<int:pk>/move/",
        entry_views.campaign_entry_move,
        name="campaign_entry_move",
    ),
    path(
        "campaigns/<slug:code>/edit/<str:kind>/<int:pk>/delete/",
        entry_views.campaign_entry_delete,
        name="campaign_entry_delete",
    ),
]
