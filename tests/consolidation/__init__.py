"""Files that came by mail, and the decision that all the tests take."""

from datetime import date
from typing import Any

DECISION: dict[str, Any] = {
    "document_number": "楚住建城〔2021〕46号",
    "decided_on": date(2021, 12, 20),
    "reason": "系统启用前已认定，依据各县市报送的附件2接收。",
    "sources": "楚雄州.xlsx",
}
