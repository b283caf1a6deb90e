"""What the SDK calls cloudwatch: log groups, alarms, dashboards and event rules."""

from sandbox.plugins.aws.alarms import RESOURCES as ALARMS
from sandbox.plugins.aws.events import RESOURCES as EVENTS
from sandbox.plugins.aws.logs import RESOURCES as LOGS

RESOURCES = (*LOGS, *ALARMS, *EVENTS)
