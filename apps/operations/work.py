"""How much work waits in an installation, over all its tenants: counted by beat, kept in the cache, told to Prometheus.

Numbers alone, by level and state: no tenant, no person.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError

from apps.assessments.models import Assessment
from apps.core import clock
from apps.jurisdictions.models import Level
from apps.reports.models import ExportJob

_KEY = "operations:work"
# Without a new measurement for so long the old one is told no more; whoever watches sees that it is missing.
_KEPT_SECONDS = 600
_QUEUE = "celery"
Row = tuple[str, float]


def measure() -> dict[str, Any]:
    """Count what waits, and keep it; needs a scope that sees the whole installation."""
    work = {
        "reviews": _reviews(),
        "exports": _exports(),
        "queue": _queued(),
        "measured_at": clock.now().timestamp(),
    }
    cache.set(_KEY, work, _KEPT_SECONDS)
    return work


class WaitingWork(Collector):
    """The last measurement as metrics; nothing while there is none."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        work = cache.get(_KEY)
        if work is None:
            return
        reviews, exports = work["reviews"], work["exports"]
        yield _family("reviews_waiting", "Self-assessments under review.", "level", reviews["count"])
        yield _family("review_oldest_age_seconds", "Age of the one that waits longest.", "level", reviews["age"])
        yield _family("exports", "Jobs of the report centre.", "state", exports["count"])
        yield _family("export_oldest_age_seconds", "Age of the oldest one not finished.", "state", exports["age"])
        if work["queue"] is not None:
            yield _family("queue_length", "Messages that no worker has taken.", "queue", [(_QUEUE, work["queue"])])
        yield _family(
            "work_measured_at_seconds", "When this was counted, since 1970.", "by", [("beat", work["measured_at"])]
        )


def _reviews() -> dict[str, list[Row]]:
    waiting = Assessment.objects.filter(status=Assessment.Status.IN_REVIEW)
    found = {one["holder__level"]: one for one in _grouped(waiting, "holder__level", "held_since")}
    return _rows(found, [level for level in Level.values if level != Level.NATION])


def _exports() -> dict[str, list[Row]]:
    open_ones = ExportJob.objects.filter(status__in=[ExportJob.Status.WAITING, ExportJob.Status.RUNNING])
    found = {one["status"]: one for one in _grouped(open_ones, "status", "created_at")}
    return _rows(found, [ExportJob.Status.WAITING, ExportJob.Status.RUNNING])


def _grouped(rows: Any, by: str, since: str) -> Any:
    return rows.order_by().values(by).annotate(number=Count("pk"), oldest=Min(since))


def _rows(found: dict[str, Any], names: list[str]) -> dict[str, list[Row]]:
    """Zeros too: a series that comes and goes is hard to watch."""
    return {
        "count": [(name, found[name]["number"] if name in found else 0) for name in names],
        "age": [(name, _age(found[name]["oldest"]) if name in found else 0) for name in names],
    }


def _age(since: datetime) -> float:
    return (clock.now() - since).total_seconds()


def _queued() -> int | None:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as broker:
            return int(broker.llen(_QUEUE))
    except RedisError:
        return None


def _family(name: str, text: str, label: str, rows: list[Row]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"green_community_{name}", text, labels=[label])
    for value, number in rows:
        family.add_metric([value], number)
    return family
