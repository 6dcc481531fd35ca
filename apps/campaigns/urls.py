"""Addresses of this room."""

from django.urls import path

from apps.campaigns import changeover_views, notice_rules_views, plan_views, views

urlpatterns = [
    path("progress/", views.progress, name="progress"),
    path("progress/<str:key>/", views.progress, name="progress"),
    path("plan/", plan_views.plan, name="plan"),
    path("plan/<int:pk>/remove/", plan_views.plan_remove, name="plan_remove"),
    path("plan/<int:pk>/pilot/", plan_views.plan_pilot, name="plan_pilot"),
    path("campaigns/", views.campaign_list, name="campaign_list"),
    path("campaigns/switch/", views.switch_campaign, name="switch_campaign"),
    path("campaigns/<slug:code>/", views.campaign_detail, name="campaign_detail"),
    path("campaigns/<slug:code>/targets/", views.set_target, name="set_target"),
    path("campaigns/<slug:code>/standard/", changeover_views.campaign_standard, name="campaign_standard"),
    path("campaigns/<slug:code>/second-approval/", views.set_second_approval, name="set_second_approval"),
    path("campaigns/<slug:code>/notice-rules/", notice_rules_views.set_notice_rules, name="set_notice_rules"),
]
