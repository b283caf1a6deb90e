"""One folder per module; `programs/creator/registry.py` lists them."""
