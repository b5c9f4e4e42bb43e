"""Is the process in this container alive? Asks /healthz where HEALTH_URL says, and ends with 0 or 1.

The certificate is not checked: it is our own, made for another name than localhost, and nothing secret is
asked.
"""

import os
import ssl
import sys
import urllib.request


def healthy(url: str) -> bool:
    """Whether the answer is 200; says no rather than raising."""
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=8, context=unchecked) as answer:  # noqa: S310 - set by us
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(os.environ.get("HEALTH_URL", "https://localhost:8443/healthz")) else 1)
