"""SNS: the answer to Subscribe names the subscription when it is asked to."""

import re

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer

PENDING = b"pending confirmation"


@follows("sns:Subscribe")
async def subscribed(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    if call.text("ReturnSubscriptionArn") != "true" or PENDING not in answer.body:
        return answer
    topic = cloud.backend.module("sns")._topics.get_scoped(call.account, call.region, call.text("TopicArn"))
    wanted = (call.text("Protocol"), call.text("Endpoint"))
    found = [sub["arn"] for sub in topic["subscriptions"] if (sub["protocol"], sub["endpoint"]) == wanted]
    return answer.with_body(re.sub(PENDING, found[-1].encode(), answer.body))
