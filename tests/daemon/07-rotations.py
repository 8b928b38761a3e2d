#!/usr/bin/python3
"""Mail flows while keys are rotated: two relays, real Postfix and OpenDKIM, and an independent verifier behind a
resolver that remembers.  No message goes unsigned, and none fails, from the first rotation to the last.

    ROTATIONS=3 (the default); make check-rotations takes a hundred
"""

import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import dkim
import judge
import mta
import tap
from desk import Desk
from names import Names
from sink import Sink
from world import play, wait_for

BUILD = os.environ["top_builddir"]
ROTATIONS = int(os.environ.get("ROTATIONS") or 3)
DOMAIN, SENDER, LOGIN, PASSWORD = "acme.example", "academy@acme.example", "acme-app", "submit-acme"
RELAYS = {"mx1": ("192.0.2.10", "127.0.0.1"), "mx2": ("192.0.2.11", "127.0.0.2")}


class Place:
    """A relay: its folder, its identity, and the daemons that run on it."""

    def __init__(self, world, desk, name):
        self.world, self.desk, self.name = world, desk, name
        self.address, self.milter = RELAYS[name]
        self.helo = name + ".vendor.example"
        self.root = world.folder("relay", name)
        reload = (f"postfix -c {world.path('postfix-' + self.helo, 'etc')} reload && "
                  f"kill -USR1 $(cat {world.base}/run-opendkim-{name}/pid)")
        with open(desk.conf) as file:
            self.conf = world.write(f"{name}.conf", file.read() + f'relay {{ name = "{name}" root = "{self.root}" '
                                    f'identity = "{self.root}/identity/key" reload = "{reload}" }}\n')
        made = json.loads(desk.run("--json", "relay", "keygen", conf=self.conf)[1])
        desk.do("relay", "enrol", f"lms/{name}", made["identity"], "--fingerprint", made["fingerprint"])

    def install(self, *more):
        status, out, complaint = self.desk.run("export", f"lms/{self.name}", "--install", "--include-unverified", *more,
                                               conf=self.conf)
        if status not in (0, 1):
            raise RuntimeError(f"{self.name}: {out}{complaint}")

    def start(self, authority):
        self.postfix = mta.Postfix(self.world, self.helo, self.address, authority, {LOGIN: PASSWORD})
        with open(f"{self.root}/current/postfix/main.cf") as main, open(f"{self.root}/current/postfix/master.cf") as master:
            self.postfix.write(main.read().replace("127.0.0.1:", self.milter + ":"), master.read())
        mta.OpenDKIM(self.world, self.name, f"{self.root}/current/opendkim-rsa/opendkim.conf",
                     f"inet:8891@{self.milter}").start()
        self.postfix.start()


class Traffic(threading.Thread):
    """Sends without a pause, by one relay and the other."""

    def __init__(self, places):
        super().__init__(daemon=True)
        self.places, self.sent, self.refused, self.over = places, [], [], threading.Event()

    def run(self):
        number = 0
        while not self.over.is_set():
            place = self.places[number % len(self.places)]
            token = f"mail-{number}-{place.name}"
            try:
                refusal = place.postfix.submit(LOGIN, PASSWORD, SENDER, token)
            except OSError as trouble:
                refusal = (0, str(trouble))
            (self.refused if refusal else self.sent).append((token, refusal))
            number += 1
            time.sleep(0.1)


class Receiver(threading.Thread):
    """Judges each mail as it comes in, with the records that its resolver gives at that moment."""

    def __init__(self, names, sink):
        super().__init__(daemon=True)
        self.names, self.sink, self.over = names, sink, threading.Event()
        self.passed, self.bad, self.selectors = 0, [], {}

    def record(self, name, timeout=5):
        name = name.decode() if isinstance(name, bytes) else name
        for _ in range(5):      # no answer is no verdict: a receiver says 4xx and tries again
            found = self.names.ask(name, "TXT")
            if found is not None:
                return b"".join(found[0].strings) if found else None
        return None

    def judge(self, mail):
        claims = judge.signatures(mail)
        if [domain for domain, _, _ in claims] != [DOMAIN]:
            self.bad.append(f"unsigned: {claims}")
            return
        try:
            good = dkim.DKIM(mail["data"]).verify(dnsfunc=self.record)
        except dkim.DKIMException as trouble:
            good, claims = False, f"{claims} {trouble}"
        if good:
            self.passed += 1
            self.selectors[claims[0][1]] = self.selectors.get(claims[0][1], 0) + 1
        else:
            self.bad.append(f"does not verify: {claims}")

    def run(self):
        done = 0
        while not (self.over.is_set() and done == len(self.sink.mails)):
            if done == len(self.sink.mails):
                time.sleep(0.02)
                continue
            self.judge(self.sink.mails[done])
            done += 1


class Rotations:
    def __init__(self, world):
        self.world, self.desk, self.names = world, Desk(world, BUILD), Names(world)
        for address, _ in RELAYS.values():
            world.host(address)
        world.host("198.51.100.25")
        for zone in (DOMAIN, "vendor.example", "receiver.example"):
            self.names.zone(zone)
        self.names.add("receiver.example", "receiver.example. IN MX 10 mx.receiver.example.",
                       "mx.receiver.example. IN A 198.51.100.25")
        for name, (address, _) in RELAYS.items():
            self.names.add("vendor.example", f"{name}.vendor.example. IN A {address}")
        self.names.start()
        self.sink = Sink(world, "198.51.100.25")
        world.write("senderctl.conf", 'dns { resolvers = {"127.0.0.1:53"} timeout = 3.0 }\n')

    def provision(self):
        vendor = {"providers": [{
            "name": "lms", "title": "Vendor", "hosting_domain": "learning.vendor.example",
            "default_sender": "noreply@learning.vendor.example", "spf_host": "_spf.vendor.example",
            "relays": [{"name": name, "helo": name + ".vendor.example", "mta": "postfix", "signer": "opendkim",
                        "addresses": [address]} for name, (address, _) in RELAYS.items()],
            "clients": [{"name": "acme", "title": "Acme", "logins": [LOGIN],
                         "senders": [{"address": SENDER, "mode": "relayed"}]}]}]}
        self.desk.do("up")
        self.desk.do("import", self.world.write("vendor.json", json.dumps(vendor)))
        self.desk.do("provider", "set", "lms", "--publish-margin", "1 second", "--publish-probes", "2", "--linger",
                     "3 seconds")
        self.places = [Place(self.world, self.desk, name) for name in RELAYS]

    def quietly(self, *words, status=(0, 1, 3)):
        got, out, complaint = self.desk.run(*words)
        if got not in status:
            raise RuntimeError(f"senderctl {' '.join(words)}: {got}\n{out}{complaint}")

    def keys(self):
        return {row["selector"]: row["state"] for row in json.loads(self.desk.run("--json", "key", "list", DOMAIN)[1])}

    def install(self, *more):
        for place in self.places:
            place.install(*more)

    def publish(self, selector):
        rows = json.loads(self.desk.run("--json", "record", "list", DOMAIN)[1])
        row = next(row for row in rows if row["purpose"] == "dkim" and row["name"].startswith(selector + "."))
        self.names.add(DOMAIN, row["name"].rstrip(".") + ". IN TXT " + " ".join(f'"{part}"' for part in row["strings"]))
        self.names.publish()

    def withdraw(self, selector):
        self.names.drop(DOMAIN, lambda line: line.startswith(f"{selector}._domainkey."))
        self.names.publish()

    def until(self, selector, state, look):
        def there():
            if look:
                self.quietly("check", DOMAIN)
            self.quietly("key", "advance", DOMAIN)
            return self.keys()[selector] == state
        wait_for(f"{selector} to be {state}", there, 120, 0.5)

    def first(self):
        self.quietly("key", "generate", DOMAIN, status=(0,))
        selector = next(iter(self.keys()))
        self.quietly("handover", "issue", "lms/acme", status=(0,))
        self.install("--no-reload")
        authority = mta.Authority(self.world, "vendor")
        for place in self.places:
            place.start(authority)
        self.publish(selector)
        self.until(selector, "active", True)
        self.install()
        return selector

    def rotate(self, old):
        """As doc/operations.md has it; the new selector."""
        before = set(self.keys())
        self.quietly("key", "rotate", DOMAIN, status=(0,))
        new = (set(self.keys()) - before).pop()
        self.quietly("handover", "issue", "lms/acme", status=(0,))
        self.install()
        self.publish(new)
        self.until(new, "active", True)
        self.install()
        self.until(old, "retired", False)
        self.withdraw(old)
        self.quietly("key", "destroy", DOMAIN, old, "--yes", status=(0,))
        return new


def told(world):
    story = Rotations(world)
    story.provision()
    selector, began = story.first(), time.monotonic()
    traffic, receiver = Traffic(story.places), Receiver(story.names, story.sink)
    traffic.start()
    receiver.start()
    done = 0
    while done < ROTATIONS and not receiver.bad:
        selector = story.rotate(selector)
        done += 1
        if done % 10 == 0:
            tap.note(f"{done} rotations, {receiver.passed} mails, {time.monotonic() - began:.0f} s")
    traffic.over.set()
    traffic.join()
    wait_for("the last mail", lambda: len(story.sink.mails) >= len(traffic.sent), 60)
    receiver.over.set()
    receiver.join()
    tap.same(done, ROTATIONS, f"{ROTATIONS} rotations")
    tap.same(receiver.bad[:5], [], f"{receiver.passed} mails by {len(story.places)} relays: none unsigned, none that fails")
    tap.same((receiver.passed, len(traffic.sent)), (len(story.sink.mails),) * 2, "and every one that was taken has arrived")
    tap.same(traffic.refused[:5], [], "none was refused")
    tap.ok(len(receiver.selectors) == ROTATIONS + 1, "each key has signed", receiver.selectors)
    tap.note(f"{time.monotonic() - began:.0f} s, {min(receiver.selectors.values())} mails at least with one key")


if __name__ == "__main__":
    tap.run(lambda: play(told))
