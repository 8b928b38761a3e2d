"""sink -- the receiving MX: takes every mail and keeps it with the facts of its connection."""

import json
import os
import socket
import socketserver
import threading

from world import wait_for


class _Talk(socketserver.StreamRequestHandler):
    timeout = 60

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self):
        facts = {"peer": self.client_address[0], "helo": None, "mail_from": None, "rcpt": []}
        self.say("220 mx ESMTP sink")
        while True:
            line = self.rfile.readline(4096)
            if not line:
                return
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            word = line.split(":")[0].split(" ")[0].upper()
            if word in ("EHLO", "HELO"):
                facts["helo"] = line.split(" ", 1)[-1]
                self.say("250-mx" if word == "EHLO" else "250 mx")
                if word == "EHLO":
                    # A trap: whoever sends a password to a stranger's MX shall be seen doing it.
                    self.say("250-AUTH PLAIN LOGIN")
                    self.say("250 8BITMIME")
            elif word == "AUTH":
                self.server.sink.passwords.append({"peer": facts["peer"], "line": line})
                self.say("235 thank you")
            elif word == "MAIL":
                facts["mail_from"] = line[10:].split(">")[0].strip("< ")
                facts["rcpt"] = []
                self.say("250 ok")
            elif word == "RCPT":
                facts["rcpt"].append(line[8:].split(">")[0].strip("< "))
                self.say("250 ok")
            elif word == "DATA":
                self.say("354 go on")
                self.server.sink.keep(dict(facts), self.data())
                self.say("250 kept")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def data(self):
        lines = []
        while True:
            line = self.rfile.readline(65536)
            if line in (b".\r\n", b""):
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Sink:
    def __init__(self, world, address, port=25):
        self.folder = world.folder("mx")
        self.mails, self.passwords, self.lock = [], [], threading.Lock()
        self.server = _Server((address, port), _Talk)
        self.server.sink = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keep(self, facts, data):
        with self.lock:
            facts["data"] = data
            name = os.path.join(self.folder, f"{len(self.mails):03d}")
            with open(name + ".eml", "wb") as out:
                out.write(data)
            with open(name + ".json", "w") as out:
                json.dump({k: v for k, v in facts.items() if k != "data"}, out)
            facts["file"] = name + ".eml"
            self.mails.append(facts)

    def find(self, token):
        """The mails that carry the token in their subject."""
        with self.lock:
            return [mail for mail in self.mails if f"Subject: {token}".encode() in mail["data"]]

    def wait(self, token, seconds=20):
        return wait_for(f"mail {token} at the MX", lambda: self.find(token), seconds)[0]
