"""Resend on loopback: sends into a mailbox, verifies domains by the emulated DNS, signs its webhooks."""
