"""Lambda: functions, who may call them, and what feeds them."""

from sandbox.plugins.aws.lambda_function import RESOURCES as FUNCTIONS_OF_CODE
from sandbox.plugins.aws.lambda_mapping import RESOURCES as MAPPINGS
from sandbox.plugins.aws.lambda_permission import RESOURCES as PERMISSIONS

RESOURCES = (*FUNCTIONS_OF_CODE, *PERMISSIONS, *MAPPINGS)
