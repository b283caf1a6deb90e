"""The product's settings for this sandbox. It gets addresses and keys like anywhere else, and knows no more."""

import os

from sandbox.place import Place

SITES_ZONE, PORTAL_ZONE = "localhost", "portal.localhost"
SENDER = "post@portal.localhost"


def environment(place: Place) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CP_", "PULUMI_", "AWS_"))}
    ambient = {  # as a machine of ours has an identity at AWS
        "AWS_ACCESS_KEY_ID": place.secrets["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": place.secrets["aws_secret_access_key"],
    }
    settings = _of_the_house(place) | _of_vendors(place) | _of_the_cloud(place)
    ours = {f"CP_{name}": value for name, value in settings.items()}
    return {**inherited, **ambient, **ours, "PYTHONUNBUFFERED": "1"}


def _of_the_house(place: Place) -> dict[str, str]:
    ports, secrets = place.ports, place.secrets
    return {
        "ENVIRONMENT": "sandbox",
        "NAME": "sandbox",
        "PUBLIC_URL": place.public_url,
        "CLOCK_FILE": str(place.folder / "clock.json"),
        "DATABASE__URL": f"postgresql://postgres@127.0.0.1:{ports['postgres']}/controlplane",
        "REDIS__URL": f"redis://127.0.0.1:{ports['redis']}/0",
        "KEYS__FOLDER": str(place.folder / "keys"),
        "PULUMI__ROOT": str(place.folder / "engine"),
        "PULUMI__HOME": str(place.folder / "engine"),
        "PULUMI__BACKEND_URL": f"file://{place.folder / 'states'}",
        "PULUMI__PASSPHRASE": secrets["pulumi_passphrase"],
        "PULUMI__WORK_FOLDER": str(place.folder / "runs"),
        "PAGES__STATISTICS": "true",
        "TELEMETRY__LOG_FORMAT": "json",
        "LIMITS__CHECKOUTS_PER_HOUR": "1000",  # one machine plays every customer
        "LIMITS__WRITES_PER_MINUTE": "6000",
        "LIMITS__API_PER_MINUTE": "60000",
    }


def _of_vendors(place: Place) -> dict[str, str]:
    secrets = place.secrets
    return {
        "STRIPE__SECRET_KEY": secrets["stripe_secret_key"],
        "STRIPE__API_BASE": f"{place.vendors_url}/stripe",
        "STRIPE__WEBHOOK_SECRETS": _list(secrets.get("stripe_webhook_secret")),
        "RESEND__API_KEY": secrets["resend_api_key"],
        "RESEND__API_BASE": f"{place.vendors_url}/resend",
        "RESEND__WEBHOOK_SECRETS": _list(secrets.get("resend_webhook_secret")),
        "RESEND__SENDER": f"SmartPages <{SENDER}>",
        "CLOUDFLARE__API_TOKEN": secrets["cloudflare_api_token"],
        "CLOUDFLARE__ACCOUNT_ID": secrets["cloudflare_account_id"],
        "CLOUDFLARE__API_BASE": f"{place.vendors_url}/cloudflare/client/v4",
        "CLOUDFLARE__PORTAL_ZONE": PORTAL_ZONE,
        "CLOUDFLARE__SITES_ZONE": SITES_ZONE,
    }


def _of_the_cloud(place: Place) -> dict[str, str]:
    ports = place.ports
    return {
        "EDGE__SCHEME": "http",
        "EDGE__PORT": str(ports["edge"]),
        "EDGE__CONNECT_TO": f"127.0.0.1:{ports['edge']}",
        "EDGE__OPS_URL": f"http://ops.{PORTAL_ZONE}:{ports['edge']}",
        "AWS__ENDPOINT_URL": place.url("aws"),
        "AWS__MANAGEMENT_ACCOUNT": "100000000001",
        "AWS__ACCOUNT_EMAIL": "aws+{alias}@portal.localhost",
        "AWS__WRITE_SPACING_SECONDS": "0",
        "AWS__PROBE_SECONDS": "0",
        "AWS__DRILL_SECONDS": "0.5",
        "AWS__SITE_URL": f"http://{{domain}}:{ports['aws']}",
        "AWS__CONNECT_TO": f"127.0.0.1:{ports['aws']}",
        "RESOLVER__NAMESERVERS": '["127.0.0.1"]',
        "RESOLVER__PORT": str(ports["dns"]),
        "RESOLVER__ALLOWED_NETWORKS": '["127.0.0.0/8"]',
    }


def _list(secret: str | None) -> str:
    return f'["{secret}"]' if secret else "[]"
