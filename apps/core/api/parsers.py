"""Bodies in JSON, with what no text of ours holds taken out as in posted forms."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from apps.core.inputs import as_seen


class CleanJson(JSONParser):
    """JSON whose texts come without signs that nobody sees; nested beyond reason it is refused."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        # What Django limits as it reads a form is read by DRF itself.
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            return _cleaned(super().parse(stream, media_type, parser_context))
        except RecursionError as error:
            raise ParseError("内容嵌套过深。") from error


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return as_seen(value)
    if isinstance(value, dict):
        return {as_seen(name): _cleaned(inner) for name, inner in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list) else value
