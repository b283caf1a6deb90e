"""Where to go afterwards: a path of our own or home, whatever was asked for."""

import re

_OWN = re.compile(r"^/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$")
HOME = "/"


def own_path(given: str | None) -> str:
    """One leading slash, no second one, no backslash, no control character, no scheme; else home."""
    if not given or len(given) > 1000 or not _OWN.match(given) or given.count("?") > 1:
        return HOME
    path = given.partition("?")[0].lower()
    hidden = any(trick in path for trick in ("%2f", "%5c", "%0", "%1", "%7f", "/..", "//"))
    return HOME if hidden else given
