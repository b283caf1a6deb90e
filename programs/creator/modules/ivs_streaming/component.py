"""Streaming: a channel that records into a bucket, a table of what was sent, and a function that hears of it."""

from typing import Any

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.alarm import alarm
from programs.creator.components.bucket import bucket
from programs.creator.components.function import function
from programs.creator.components.schedule import notice, reaction
from programs.creator.components.table import table
from programs.creator.modules.ivs_streaming.plan import STREAM, TABLES, VIEWERS
from programs.creator.modules.ivs_streaming.spec import Spec

STARVED: dict[str, Any] = {
    "source": ["aws.ivs"],
    "detail-type": ["IVS Stream Health Change"],
    "detail": {"event_name": ["Starvation Start"]},
}
RECONNECT = 60  # seconds in which a stream that broke off goes on in the same recording


class Streaming(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:Streaming", "ivs-streaming", None, options)
        channel = self._channel(account, spec)
        account.arns["channel"] = channel.arn
        account.facts |= {
            "CHANNEL": channel.arn,
            "PLAYBACK_URL": channel.playback_url,
            "INGEST": channel.ingest_endpoint,
            "RECORDING_DAYS": str(spec.recording_days),
        }
        account.config["playback_url"] = channel.playback_url
        for plan in TABLES:
            table(account, self, plan)
        made = function(account, self, STREAM)
        reaction(account, self, "stream", pattern={"source": ["aws.ivs"]}, to=made)
        notice(account, self, "stream-starved", pattern=STARVED)
        alarm(
            account,
            self,
            "stream-crowd",
            threshold=VIEWERS,
            periods=3,
            namespace="AWS/IVS",
            metric_name="ConcurrentViews",
            statistic="Maximum",
            period=60,
        )
        self.exports: Outputs = {
            "channel_arn": channel.arn,
            "ingest_endpoint": channel.ingest_endpoint,
            "playback_url": channel.playback_url,
            "recording_prefix": "ivs/",
        }
        self.register_outputs({})

    def _channel(self, account: Account, spec: Spec) -> aws.ivs.Channel:
        """Replacing it changes the address and the key that the creator sends with."""
        recording = self._recording(account, spec)
        return aws.ivs.Channel(
            "channel",
            name="creator",
            type=account.spec.limits.channel,
            latency_mode=spec.latency,
            authorized=spec.private_playback,
            recording_configuration_arn=recording.arn if spec.record else None,
            opts=account.kept(self),
        )

    def _recording(self, account: Account, spec: Spec) -> aws.ivs.RecordingConfiguration:
        kept = bucket(
            account, self, "recordings", rules=[{"id": "recordings", "prefix": "ivs/", "days": spec.recording_days}]
        )
        account.origins["ivs"] = kept
        place = aws.ivs.RecordingConfigurationDestinationConfigurationS3Args(bucket_name=kept.bucket)
        return aws.ivs.RecordingConfiguration(
            "recordings",
            name="creator",
            destination_configuration=aws.ivs.RecordingConfigurationDestinationConfigurationArgs(s3=place),
            recording_reconnect_window_seconds=RECONNECT,
            thumbnail_configuration=aws.ivs.RecordingConfigurationThumbnailConfigurationArgs(
                recording_mode="INTERVAL", target_interval_seconds=spec.thumbnail_seconds
            ),
            opts=account.options(self),
        )
