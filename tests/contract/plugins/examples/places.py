"""Where the examples live."""

ACCOUNT, REGION = "123456789012", "eu-central-1"
MOTO, SANDBOX = "moto", "sandbox"
