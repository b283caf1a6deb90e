"""Stripe, emulated for the API version that the installed SDK pins."""
