"""Route 53 zones, records and health checks."""

from sandbox.plugins.aws.route53_checks import RESOURCES as CHECKS
from sandbox.plugins.aws.route53_records import RESOURCES as RECORDS
from sandbox.plugins.aws.route53_zones import RESOURCES as ZONES

RESOURCES = (*ZONES, *RECORDS, *CHECKS)
