"""What the edge can do to visitors; `operation` is a host like `*.localhost`."""

FAULTS = {"outage": "visitors get 521 until the fault is lifted"}
