"""Addresses of this room."""

from django.urls import path

from apps.practices import choosing_views, list_views, views

urlpatterns = [
    path("practices/", list_views.practice_list, name="practice_list"),
    path("practices/sent/", list_views.practice_sent, name="practice_sent"),
    path("practices/waiting/", list_views.practice_waiting, name="practice_waiting"),
    path("practices/add/", views.practice_add, name="practice_add"),
    path("practices/<int:pk>/", views.practice_detail, name="practice_detail"),
    path("practices/<int:pk>/edit/", views.practice_edit, name="practice_edit"),
    path("practices/<int:pk>/discard/", views.practice_discard, name="practice_discard"),
    path("practices/<int:pk>/send/", views.practice_send, name="practice_send"),
    path("practices/<int:pk>/recall/", views.practice_recall, name="practice_recall"),
    path("practices/<int:pk>/choose/", choosing_views.practice_choose, name="practice_choose"),
    path("practices/<int:pk>/decline/", choosing_views.practice_decline, name="practice_decline"),
    path("practices/<int:pk>/hand-up/", choosing_views.practice_hand_up, name="practice_hand_up"),
    path("practices/<int:pk>/commend/", choosing_views.practice_commend, name="practice_commend"),
    path("practices/<int:pk>/withdraw/", choosing_views.practice_withdraw, name="practice_withdraw"),
    path("practices/pictures/<int:pk>/", views.practice_picture, name="practice_picture"),
]
