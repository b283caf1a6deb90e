"""How a person, a test or the CLI reaches into the running sandbox: faults, the emulated time, health."""
