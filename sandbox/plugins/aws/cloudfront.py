"""CloudFront: distributions, the functions in front of them, and their access to buckets."""

from sandbox.plugins.aws.cloudfront_access import RESOURCES as ACCESS
from sandbox.plugins.aws.cloudfront_distribution import RESOURCES as DISTRIBUTIONS
from sandbox.plugins.aws.cloudfront_function import RESOURCES as FUNCTIONS_AT_EDGE

RESOURCES = (*ACCESS, *FUNCTIONS_AT_EDGE, *DISTRIBUTIONS)
