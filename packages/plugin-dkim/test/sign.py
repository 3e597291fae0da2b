"""Signs messages with dkimpy: jobs as lines of JSON in, signed messages as lines of base64 out."""
import base64
import json
import sys

import dkim

for line in sys.stdin:
    job = json.loads(line)
    message = base64.b64decode(job["message"])
    signature = dkim.sign(
        message,
        job["selector"].encode(),
        b"example.org",
        base64.b64decode(job["key"]),
        canonicalize=(job["header"].encode(), job["body"].encode()),
        signature_algorithm=job["algorithm"].encode(),
        include_headers=[name.encode() for name in job["fields"]],
        length=job["length"],
    )
    print(base64.b64encode(signature + message).decode())
