"""The Graph API's files: uploads, what there is of a file, and the file itself, for who may see it."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from .errors import GraphError, unknown_object
from .exchange import Exchange
from .state import Media, Number

type Json = dict[str, Any]
type Routes = dict[tuple[str, str], Callable[[Request], Awaitable[Json | Response]]]

ADDRESS_VALID_S = 300  # of the address at which a file is fetched
MEGABYTE = 1024 * 1024
# What a business may upload, and how large it may be.
_SIZES = {
    "image/jpeg": 5 * MEGABYTE,
    "image/png": 5 * MEGABYTE,
    "image/webp": MEGABYTE // 2,
    "video/mp4": 16 * MEGABYTE,
    "video/3gpp": 16 * MEGABYTE,
    "audio/aac": 16 * MEGABYTE,
    "audio/mp4": 16 * MEGABYTE,
    "audio/mpeg": 16 * MEGABYTE,
    "audio/amr": 16 * MEGABYTE,
    "audio/ogg": 16 * MEGABYTE,
    "application/pdf": 100 * MEGABYTE,
    "text/plain": 100 * MEGABYTE,
}


class MediaApi:
    """Files of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.state = exchange.state

    def find(self, media_id: str) -> Media | None:
        """One that Meta still keeps."""
        media = self.state.media.get(media_id)
        return None if media is None or media.is_over(self.exchange.clock.now()) else media

    async def upload(self, request: Request, number: Number) -> Json:
        """`POST /{phone_number_id}/media`, as a form of several parts."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise GraphError(100, message="(#100) The request must be multipart/form-data.")
        async with request.form(max_files=1, max_part_size=101 * MEGABYTE) as form:
            file, kind = form.get("file"), form.get("type")
            if form.get("messaging_product") != "whatsapp":
                raise GraphError(100, message="(#100) The parameter messaging_product is required.")
            if not isinstance(file, UploadFile) or not isinstance(kind, str):
                raise GraphError(100, message="(#100) The parameters file and type are required.")
            most = _SIZES.get(kind.partition(";")[0].strip())
            if most is None:
                raise GraphError(100, message=f"(#100) Param file must not be of type {kind}.")
            content = await file.read()
        if not 0 < len(content) <= most:
            raise GraphError(100, message=f"(#100) Param file has {len(content)} bytes, at most {most}.")
        media = Media(kind, content, number.facts.phone_number_id, self.exchange.clock.now(), inbound=False)
        return {"id": self.state.add_media(media)}

    def example_routes(self, object_id: str, app_id: str) -> Routes:
        """The app that a token belongs to, and its uploads in parts: how examples for templates get their handles."""

        async def get_app(request: Request) -> Json:
            return {"id": app_id, "name": "Okaeri"}

        async def begin(request: Request) -> Json:
            asked = request.query_params
            if asked.get("file_type") not in _SIZES or not asked.get("file_length", "").isdecimal():
                raise GraphError(100, message="(#100) The parameters file_length and file_type are required.")
            return {"id": f"upload:{asked['file_length']}-{asked['file_type'].replace('/', '.')}"}

        async def take(request: Request) -> Json:
            body = await request.body()
            if request.headers.get("file_offset") != "0" or len(body) != int(object_id.split(":")[1].split("-")[0]):
                raise GraphError(100, message="(#100) The bytes are not those that were announced.")
            return {"h": f"4::{hashlib.sha256(body).hexdigest()[:32]}"}

        if object_id.startswith("upload:"):
            return {("POST", ""): take}
        return {("GET", ""): get_app} if object_id == "app" else {("GET", ""): get_app, ("POST", "uploads"): begin}

    def describe(self, request: Request, media_id: str) -> Json:
        """Type, size and an address that opens for five minutes."""
        media = self.state.media[media_id]
        until = int(self.exchange.clock.now() + ADDRESS_VALID_S)
        return {
            "messaging_product": "whatsapp",
            "url": f"{request.base_url}_/download/{media_id}?until={until}",
            "mime_type": media.mime_type,
            "sha256": media.sha256,
            "file_size": len(media.content),
            "id": media_id,
        }

    def download(self, request: Request, media_id: str, numbers: list[str]) -> Response:
        """The file, with the token that its address was asked with; 404 once address or file are over."""
        media, until = self.find(media_id), request.query_params.get("until", "")
        is_over = not until.isdecimal() or int(until) < self.exchange.clock.now()
        if media is None or is_over or media.phone_number_id not in numbers:
            raise unknown_object(media_id)
        return Response(media.content, media_type=media.mime_type)
