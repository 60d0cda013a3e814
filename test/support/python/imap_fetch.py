"""Logs in with imaplib and prints subject and body hash of every message of INBOX as JSON.

Reads {"port", "user", "password", "mechanism": "LOGIN" | "PLAIN"} as JSON from stdin.
"""

import email.parser
import email.policy
import hashlib
import imaplib
import json
import sys

request = json.load(sys.stdin)
user, password = request["user"], request["password"]

imap = imaplib.IMAP4("127.0.0.1", request["port"], timeout=20)
if request["mechanism"] == "LOGIN":
    imap.login(user, password)
else:
    imap.authenticate("PLAIN", lambda challenge: f"\0{user}\0{password}".encode())

imap.select("INBOX", readonly=True)
_, (numbers,) = imap.search(None, "ALL")
digests = []
for number in numbers.decode().split():
    _, ((_, message), *_) = imap.fetch(number, "(BODY.PEEK[])")
    header, _, body = message.partition(b"\r\n\r\n")
    fields = email.parser.BytesHeaderParser(policy=email.policy.default).parsebytes(header)
    digests.append({"subject": fields["Subject"], "bodySha256": hashlib.sha256(body).hexdigest()})
imap.logout()
json.dump(digests, sys.stdout)
