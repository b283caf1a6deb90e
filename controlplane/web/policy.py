"""The headers that keep a page to itself: what it may load, where its forms may go, who may frame it."""

from urllib.parse import urlsplit

from controlplane.settings import Settings

STRIPE_API, STRIPE_PAGES = "https://api.stripe.com", ("https://checkout.stripe.com", "https://billing.stripe.com")


def payment_origins(settings: Settings) -> tuple[str, ...]:
    """Where the vendor's own pages are. Chromium checks the redirect after a form against the page's policy."""
    base = settings.stripe.api_base
    if base.startswith(STRIPE_API):
        return STRIPE_PAGES
    parts = urlsplit(base)
    return (f"{parts.scheme}://{parts.netloc}",)


def content_policy(settings: Settings, *, forms_to: tuple[str, ...] = (), frames: bool = False) -> str:
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": " ".join(("'self'", *forms_to)),
        "frame-src": "'self'" if frames else "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    text = "; ".join(f"{name} {value}" for name, value in rules.items())
    return f"{text}; upgrade-insecure-requests" if settings.public_url.startswith("https://") else text


def headers(settings: Settings, *, policy: str, referrer: str) -> dict[str, str]:
    found = {
        "content-security-policy": policy,
        "referrer-policy": referrer,
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
    if settings.public_url.startswith("https://"):
        found["strict-transport-security"] = "max-age=63072000; includeSubDomains"
    return found
