"""The channel, what was sent over it, and its recordings."""

from programs.creator.plan import Alarm, Allow, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(name="streams", key="streamId", kind=Kind.CONTENT, indexes=(Index("state-index", "state", "startedAt"),)),
)
KEYS = ("ivs:ListStreamKeys", "ivs:DeleteStreamKey", "ivs:CreateStreamKey")
STREAM = Function(
    name="stream",
    handler="programs.creator.modules.ivs_streaming.handlers.stream.handle",
    routes=(
        Route("GET /stream/status"),
        Route("GET /stream/recordings"),
        Route("POST /stream/key/rotate", Auth.PERSON),
    ),
    reads=("streams",),
    writes=("streams", "processed-events"),
    secrets=("app",),
    tells=("stream",),
    allows=(
        Allow(("ivs:GetStream",), ("{channel}",)),
        Allow(KEYS, ("{channel}", "arn:aws:ivs:{region}:{account}:stream-key/*")),
        Allow(("s3:GetObject",), ("{bucket_recordings}/ivs/*",)),
    ),
    facts=("CHANNEL", "PLAYBACK_URL", "INGEST", "RECORDING_DAYS", "BUCKET_RECORDINGS"),
    alarm=Alarm(errors=5),
)
FUNCTIONS = (STREAM,)
PROBES = (Probe("GET /stream/status", 200),)
VIEWERS = 12_000  # at once: four fifths of what AWS grants
