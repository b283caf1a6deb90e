"""What the vendors must be told once: where our door is, and which events we follow."""

from controlplane.commands.shared import AsJson, tell


def webhooks(as_json: AsJson = False) -> None:
    """Each vendor's webhook endpoint: its path below CP_PUBLIC_URL, and the events to subscribe it to."""
    from controlplane.inbox import resend_events, stripe_events

    followed = {"stripe": sorted(stripe_events.FOLLOWED), "resend": sorted(resend_events.FOLLOWED)}
    found = {vendor: {"path": f"/webhooks/{vendor}", "events": events} for vendor, events in followed.items()}
    text = "\n".join(
        line for vendor in found for line in (f"/webhooks/{vendor}", *(f"  {one}" for one in followed[vendor]))
    )
    tell(found, text, as_json=as_json)
