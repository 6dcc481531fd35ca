"""The OpenAPI document, and the page to read it: made from the document itself, without scripts."""

import json
from functools import cache
from http import HTTPMethod
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from apps.accounts.http import ActorRequest, members_only
from apps.core.api.problems import PROBLEMS

_METHODS = [one.value.lower() for one in HTTPMethod]


@cache
def schema() -> dict[str, Any]:
    """The document as it is served; made once per process."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The document itself, for programs; it says nothing that the source does not."""
    return HttpResponse(_text(), content_type="application/vnd.oai.openapi+json")


@members_only
@require_safe
def page(request: ActorRequest) -> HttpResponse:
    """The document to read: by resource, what is asked, what is answered."""
    context = {"info": schema()["info"], "tags": _tags(), "schemas": _schemas(), "problems": PROBLEMS.items()}
    return render(request, "api/reference.html", context)


@require_safe
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """Where the ``type`` of a problem leads: to what is written about it."""
    if code not in PROBLEMS:
        raise Http404(f"没有代码为“{code[:40]}”的问题。")
    return redirect(f"{reverse('api-docs')}#problem-{code}")


@cache
def _text() -> str:
    return json.dumps(schema(), ensure_ascii=False)


@cache
def _tags() -> list[tuple[str, str, list[dict[str, Any]]]]:
    """The operations by resource: its name in the addresses, what it is, and they."""
    words = {one["name"]: one["description"] for one in schema()["tags"]}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in words}
    for path, methods in schema()["paths"].items():
        for method in _METHODS:
            if operation := methods.get(method):
                found[operation["tags"][0]].append(_operation(path, method, operation))
    return [(name, words[name], operations) for name, operations in found.items()]


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = next(iter(operation.get("requestBody", {}).get("content", {}).items()), None)
    given = {status: one for status, one in operation["responses"].items() if status.startswith("2")}
    return {
        "path": path,
        "method": method.upper(),
        "id": operation["operationId"],
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [_parameter(one) for one in operation.get("parameters", [])],
        "media": body[0] if body else "",
        "example": _example(body[1]) if body else "",
        "takes": _named(body[1].get("schema", {})) if body else None,
        "gives": [(status, _named(_content(one))) for status, one in given.items()],
    }


def _example(media: dict[str, Any]) -> str:
    """What is sent, for instance."""
    shown = next((one["value"] for one in media.get("examples", {}).values()), None)
    return "" if shown is None else json.dumps(shown, ensure_ascii=False, indent=2)


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    shape = one.get("schema", {})
    return one | {"type": _named(shape), "place": {"path": "地址", "query": "参数", "header": "请求头"}[one["in"]]}


def _content(response: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, dict[str, Any]] = response.get("content", {})
    return next((one.get("schema", {}) for one in content.values()), {})


def _named(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape in a word, and the component that it leads to."""
    if reference := shape.get("$ref"):
        name = reference.rsplit("/", 1)[-1]
        return {"word": name, "link": name}
    for part in (*shape.get("oneOf", ()), *shape.get("allOf", ()), *shape.get("anyOf", ())):
        found = _named(part)
        if found["link"]:
            return found
    if shape.get("type") == "array":
        inner = _named(shape.get("items", {}))
        return {"word": f"{inner['word']} 列表", "link": inner["link"]}
    if "enum" in shape:
        return {"word": "、".join(str(one) for one in shape["enum"] if one is not None), "link": ""}
    kind = shape.get("type", "")
    kinds = [one for one in kind if one != "null"] if isinstance(kind, list) else [kind]
    form = shape.get("format", "")
    return {"word": " ".join(filter(None, ["、".join(kinds) or "无内容", form])), "link": ""}


@cache
def _schemas() -> list[dict[str, Any]]:
    """The components: fields with their words, or values to choose from."""
    found = []
    for name, shape in sorted(schema()["components"]["schemas"].items()):
        fields = [
            {
                "name": field,
                "type": _named(inner),
                "words": inner.get("title", "") or inner.get("description", ""),
                "required": field in shape.get("required", ()),
            }
            for field, inner in shape.get("properties", {}).items()
        ]
        values = [str(one) for one in shape.get("enum", ()) if one]
        words = shape.get("description", "") if values else ""
        found.append({"name": name, "fields": fields, "values": values, "words": words})
    return found
