"""Request bodies: forms in their three dresses, and raw files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email import policy
from email.parser import BytesParser
from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest

from tempolor_magic.sandbox import refusals

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data"
_LARGEST_FORM = 1024 * 1024
_LARGEST_FILE = 64 * 1024 * 1024


async def form(request: HttpRequest) -> object:
    """The document that a body holds; without a type it is taken for JSON.

    Raises:
        Refused: 400 when it is of no known type or not what its type says; 413 beyond 1 MB.
    """
    kind = _media_type(request) or _JSON
    if kind not in {_JSON, _FORM, _PARTS}:
        raise refusals.wrong_content_type(_JSON, _PARTS, _FORM)
    body = await _whole(request, _LARGEST_FORM)
    try:
        if kind == _JSON:
            return json.loads(body)
        if kind == _FORM:
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        return _fields(request.headers["content-type"], body)
    except (ValueError, RecursionError):
        raise refusals.bad_request(f"Request body is not valid {kind}") from None


async def file(request: HttpRequest, kinds: Mapping[str, str]) -> tuple[str, bytes]:
    """The type and the content of an uploaded file of one of *kinds*.

    Raises:
        Refused: 400 when it is of another kind or empty; 413 beyond 64 MB.
    """
    kind = _media_type(request)
    if kind not in kinds:
        raise refusals.wrong_content_type(*kinds)
    content = await _whole(request, _LARGEST_FILE)
    if not content:
        raise refusals.empty_file()
    return kind, content


def _media_type(request: HttpRequest) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _whole(request: HttpRequest, largest: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise refusals.too_large(largest)
    return bytes(body)


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    """The text fields of a multipart form, which is a mail without a head."""
    head = b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise ValueError("no parts")
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content.decode()
    return fields
