"""The only importer of boto3: clients, made once per process."""

from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BUSY = {
    "ThrottlingException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionCanceledException",
}
_CONFIG = Config(connect_timeout=2, read_timeout=6, retries={"mode": "standard", "total_max_attempts": 3})

__all__ = ["BUSY", "BotoCoreError", "ClientError", "TypeDeserializer", "TypeSerializer", "client", "code_of"]


@cache
def client(service: str) -> Any:
    return boto3.client(service, config=_CONFIG)


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
