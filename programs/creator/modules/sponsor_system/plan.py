"""Places for sponsors on the site: booked by the day, paid, approved, shown, counted."""

from programs.creator.modules.sponsor_system.spec import Spec
from programs.creator.plan import Alarm, Allow, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(
        name="sponsors",
        key="sponsorId",
        kind=Kind.BUSINESS,
        indexes=(
            Index("creatorId-index", "creatorId", "startDate"),
            Index("ownerUserId-index", "ownerUserId", "createdAt"),
            Index("status-index", "status", "createdAt"),
        ),
    ),
)
SPONSOR = Function(
    name="sponsor",
    handler="programs.creator.modules.sponsor_system.handlers.sponsor.handle",
    routes=(
        Route("GET /sponsor/active"),
        Route("POST /sponsor/bookings", Auth.PERSON),
        Route("GET /sponsor/bookings", Auth.PERSON),
        Route("POST /sponsor/bookings/{id}/image", Auth.PERSON),
        Route("PATCH /sponsor/bookings/{id}", Auth.PERSON),
        Route("POST /sponsor/{id}/view"),
        Route("GET /sponsor/{id}/click"),
    ),
    reads=("sponsors", "processed-events"),
    writes=("sponsors", "processed-events"),
    secrets=("app", "stripe"),
    allows=(Allow(("s3:PutObject", "s3:GetObject"), ("{bucket_media}/media/sponsors/*",)),),
    facts=("SLOTS", "PRICE_PER_DAY", "MAX_DAYS", "IMAGE_KILOBYTES", "AUTO_APPROVE", "BUCKET_MEDIA"),
    timeout=20,
    alarm=Alarm(errors=5),
)
FUNCTIONS = (SPONSOR,)
SETTLED = ("sponsors",)
SETTLING_FACTS = ("AUTO_APPROVE",)


def facts(spec: Spec) -> dict[str, str]:
    return {
        "SLOTS": " ".join(spec.slots),
        "PRICE_PER_DAY": str(spec.price_per_day),
        "MAX_DAYS": str(spec.max_days),
        "IMAGE_KILOBYTES": str(spec.image_max_kb),
        "AUTO_APPROVE": "yes" if spec.auto_approve else "no",
    }


PROBES = (Probe("GET /sponsor/active", 200),)
