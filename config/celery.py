"""The Celery application of worker and beat."""

from celery import Celery

app = Celery("green_community")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
