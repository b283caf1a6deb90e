"""What the child says reaches those who watch while it is still at work."""

import os
import threading
from typing import Any

from controlplane.core.clock import Deadline
from controlplane.provisioning import runner


class TestSilence:
    def test_passes_on_what_was_said_although_nothing_follows(self) -> None:
        read, write = os.pipe()
        said: list[dict[str, Any]] = []
        passed_on, ended = threading.Event(), []

        def silence() -> None:
            if said:
                passed_on.set()

        def listen() -> None:
            child = runner.Child(pid=0, control=-1, events=read)
            ended.append(runner._listen(child, said.append, silence, lambda: False, Deadline(120)))

        thread = threading.Thread(target=listen)
        thread.start()
        os.write(write, b'{"kind": "resource_pre_event", "urn": "one"}\n')
        assert passed_on.wait(60)
        os.write(write, b'{"kind": "result", "ok": true}\n')
        thread.join(60)
        os.close(read)
        os.close(write)
        assert (said, ended) == ([{"kind": "resource_pre_event", "urn": "one"}], [{"ok": True}])
