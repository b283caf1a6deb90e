from sandbox.plugins.schema import Resource

RESOURCES: tuple[Resource, ...] = ()
