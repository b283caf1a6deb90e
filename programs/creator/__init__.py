"""One AWS account of a content creator: what is in it, and the code that runs there."""
