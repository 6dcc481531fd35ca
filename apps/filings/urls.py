"""Addresses of this room."""

from django.urls import path

from apps.filings import filing_views, list_views

_ONE = "filings/<int:milestone>/<str:unit>/<str:day>/"

urlpatterns = [
    path("filings/", list_views.filing_list, name="filing_list"),
    path("filings/below/", list_views.filing_below, name="filing_below"),
    path("filings/calendar/", list_views.filing_calendar, name="filing_calendar"),
    path("filings/rates/", list_views.filing_rates, name="filing_rates"),
    path("filings/files/<int:pk>/", filing_views.filing_file, name="filing_file"),
    path("filings/<int:pk>/", filing_views.filing_open, name="filing_open"),
    path("filings/<int:milestone>/<str:day>/", list_views.filing_units, name="filing_units"),
    path(_ONE, filing_views.filing, name="filing"),
    path(f"{_ONE}withdraw/", filing_views.filing_withdraw, name="filing_withdraw"),
    path(f"{_ONE}return/", filing_views.filing_return, name="filing_return"),
    path(f"{_ONE}accept/", filing_views.filing_accept, name="filing_accept"),
    path(f"{_ONE}move/", filing_views.filing_move, name="filing_move"),
    path(f"{_ONE}move-back/", filing_views.filing_move_back, name="filing_move_back"),
    path(f"{_ONE}escalate/", filing_views.filing_escalate, name="filing_escalate"),
]
