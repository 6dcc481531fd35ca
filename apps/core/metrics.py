"""What a web process counts for Prometheus; with ``PROMETHEUS_MULTIPROC_DIR`` all processes of one gunicorn count together."""

from prometheus_client import Counter, Histogram

_KINDS = {2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx"}
_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# Whatever else a client sends is one method to us: each value is a series for ever.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

_REQUESTS = Counter("green_community_requests", "Requests answered.", ["method", "route", "status"])
_SECONDS = Histogram(
    "green_community_request_seconds", "How long answering took.", ["method", "route"], buckets=_BOUNDS
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request: ``route`` as urls.py has it, so that no series is made for an id; ``seconds`` it took."""
    method = method if method in _METHODS else "OTHER"
    _REQUESTS.labels(method, route, _KINDS.get(status // 100, str(status))).inc()
    _SECONDS.labels(method, route).observe(seconds)
