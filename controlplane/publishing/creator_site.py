"""A creator's frontend as files: built from the versioned sources of the program and the settings of this one."""

from programs.creator.frontend.build import Frontend, build

__all__ = ["Frontend", "build"]
