"""CloudFront: the answer to UpdateFunction carries its tag in a header that AWS misspelled, and SDKs read only that."""

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer


@follows("cloudfront:UpdateFunction")
async def updated(_cloud: Cloud, _call: Call, answer: Answer) -> Answer:
    return Answer(answer.status, [*answer.headers, ("ettag", answer.header("etag"))], answer.body)
