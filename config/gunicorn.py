"""How gunicorn serves the site: `gunicorn config.wsgi --config config/gunicorn.py --bind ADDRESS:PORT`.

SIGHUP starts new workers and lets the old ones finish what they have begun; so does SIGTERM before it ends.
"""

import os
import shutil
import tempfile
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY", "4"))
threads = 4
# Nobody waits on a connection that a worker which is about to end has kept open.
keepalive = 0
graceful_timeout = 60
timeout = 120
control_socket_disable = True

# All workers of this master count into one directory, from nothing. The library looks for it as it is first imported.
_counts = tempfile.mkdtemp(prefix="green-community-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    shutil.rmtree(_counts, ignore_errors=True)
