"""Where browsers get style sheets, scripts and pictures."""

from fastapi import Response

from controlplane.web import assets
from controlplane.web.routing import Pages

router = Pages(group="health")


@router.get("/static/{digest}/{name:path}")
def static(digest: str, name: str) -> Response:
    return assets.answer(digest, name)


@router.get("/favicon.ico")
def icon() -> Response:
    found = assets.assets()["icon.svg"]
    return Response(found.body, media_type=found.media_type, headers={"cache-control": "public, max-age=86400"})
