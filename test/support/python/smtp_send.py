"""Logs in with smtplib and sends one message.

Reads {"port", "user", "password", "mechanism": "LOGIN" | "PLAIN" | null, "from", "to", "messageFile"} as JSON from stdin;
null leaves the choice of the mechanism to smtplib.
"""

import json
import smtplib
import sys

request = json.load(sys.stdin)
with open(request["messageFile"], "rb") as file:
    message = file.read()

with smtplib.SMTP("127.0.0.1", request["port"], local_hostname="localhost", timeout=20) as smtp:
    smtp.ehlo()
    if request["mechanism"] is None:
        smtp.login(request["user"], request["password"])
    else:
        smtp.user, smtp.password = request["user"], request["password"]
        methods = {"PLAIN": smtp.auth_plain, "LOGIN": smtp.auth_login}
        smtp.auth(request["mechanism"], methods[request["mechanism"]])
    smtp.sendmail(request["from"], request["to"], message)
