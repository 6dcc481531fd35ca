"""What the OpenAPI document says of every operation alike: sparse fields, and how refusals look."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from apps.core.api.problems import CONTENT_TYPE, PROBLEMS, body_of

_READING = ("400", "401", "403", "404", "406", "429")
_WRITING = (*_READING, "409", "412", "413", "415", "422", "428")
_FIELDS = OpenApiParameter("fields", str, description="只要这些字段，用逗号分隔，例如 id,name。")


class ApiSchema(AutoSchema):
    """Adds what ``core.api.views`` gives to every address."""

    def get_override_parameters(self) -> list[Any]:
        view = self.view
        return [_FIELDS] if view.action in ("list", "retrieve") and not view.without_fields else []

    def get_description(self) -> str:
        """The summary says it; docstrings are for whoever reads the code."""
        return ""


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Give every operation its refusals: one shape, told by status and ``code``."""
    components = result.setdefault("components", {})
    for shape in components.get("schemas", {}).values():
        if "enum" not in shape:
            # Docstrings are for whoever reads the code.
            shape.pop("description", None)
    components.setdefault("schemas", {})["Problem"] = {
        "type": "object",
        "description": "拒绝的原因（RFC 9457）。程序按 code 判断，detail 给人看。",
        "required": ["type", "title", "status", "detail", "code", "errors"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "这次请求的编号，可在变更记录里查到。"},
            "code": {"type": "string", "enum": list(PROBLEMS)},
            "errors": {
                "type": "array",
                "description": "具体错在哪里：pointer 指请求内容里的位置，parameter 指查询参数。",
                "items": {
                    "type": "object",
                    "required": ["detail"],
                    "properties": {
                        "pointer": {"type": "string"},
                        "parameter": {"type": "string"},
                        "detail": {"type": "string"},
                    },
                },
            },
        },
    }
    components["responses"] = {f"Problem{status}": _response(int(status)) for status in _WRITING}
    for path in result["paths"].values():
        for method, operation in path.items():
            statuses = _READING if method == "get" else _WRITING
            operation["responses"] |= {one: {"$ref": f"#/components/responses/Problem{one}"} for one in statuses}
    return result


def _response(status: int) -> dict[str, Any]:
    codes = [code for code, (own, _, _) in PROBLEMS.items() if own == status]
    shown = {code: {"value": body_of(code)} for code in codes}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": shown}
    return {"description": "；".join(PROBLEMS[code][1] for code in codes), "content": {CONTENT_TYPE: content}}
