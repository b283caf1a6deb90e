"""The Cloudflare v4 API as far as the product uses it: strict, durable, and really served by `sandbox.edge`."""
