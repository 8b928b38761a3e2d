#!/usr/bin/python3
"""A generation on its way to a relay: nothing that was changed, mixed up, outdated or broken gets through,
and whatever fails leaves the former generation running.
"""

import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import tap
from desk import Desk
from world import play, run

BUILD = os.environ["top_builddir"]


def vendors(senders):
    return {"providers": [{
        "name": "lms", "title": "Vendor Learning", "hosting_domain": "learning.vendor.example",
        "default_sender": "noreply@learning.vendor.example", "spf_host": "_spf.vendor.example", "ed25519": True,
        "relays": [{"name": name, "helo": name + ".vendor.example", "mta": "postfix", "signer": "opendkim",
                    "addresses": [address]} for name, address in (("mx1", "192.0.2.10"), ("mx2", "192.0.2.11"))],
        "clients": [
            {"name": "acme", "title": "Acme", "logins": ["acme-app"],
             "senders": [{"address": address, "mode": "relayed"} for address in senders]},
            {"name": "bank", "title": "Bank", "logins": ["bank-app", "bank-batch"],
             "smarthosts": [{"host": "smtp.bank.example", "port": 465, "tls": "implicit", "auth_user": "relay@bank",
                             "ca": "bank"}],
             "senders": [{"address": "campus@bank.example", "mode": "direct", "smarthost": "smtp.bank.example:465"}]},
        ]}]}


class Place:
    """One relay on this machine: its folder, identity and configuration."""

    def __init__(self, world, desk, name, reload="true"):
        self.name, self.desk, self.root = f"lms/{name}", desk, world.folder("relay", name)
        self.conf = self.configure(world, name, reload)
        made = json.loads(desk.run("--json", "relay", "keygen", conf=self.conf)[1])
        desk.do("relay", "enrol", self.name, made["identity"], "--fingerprint", made["fingerprint"])

    def configure(self, world, name, reload):
        return world.write(f"{name}-{len(reload)}.conf", f'relay {{ name = "{name}" root = "{self.root}" '
                           f'identity = "{self.root}/identity/key" reload = "{reload}" }}\n')

    def current(self):
        link = f"{self.root}/current"
        return os.readlink(link) if os.path.islink(link) else None


def told(world):
    desk = Desk(world, BUILD)
    world.write("senderctl.conf", "")
    desk.do("up")
    desk.do("import", world.write("vendors.json", json.dumps(vendors(["academy@acme.example"]))))
    desk.do("smarthost", "secret", "lms/bank", "smtp.bank.example:465", "--file",
            world.write("secret", "pa:ss #1\n", 0o600))
    one, two = Place(world, desk, "mx1"), Place(world, desk, "mx2")
    signer = desk.ask("doctor", status=(0, 1))
    signer = next((text for text in json.dumps(signer).replace("\\", "").split('"') if text.startswith("sks1:")), None)
    if signer is None:
        signer = run("psql", "-qAt", "-h", world.path("state/run/db"), "-U", "senderctl_admin", "-d", "senderctl", "-c",
                     "SELECT 'sks1:' || encode(public_key, 'base64') FROM senderctl.keyd_key WHERE retired_at IS NULL",
                     check=False).stdout.strip()
    tap.ok(signer.startswith("sks1:"), "the signing key of bundles is known", signer)
    desk.do("key", "generate", "--all")
    desk.do("handover", "issue", "lms/acme")

    def install(folder, status=0, place=one, conf=None, why=None):
        got, out, complaint = desk.run("relay", "install", folder, "--signer", signer, conf=conf or place.conf)
        return tap.ok(got == status, why or f"relay install {os.path.basename(folder)} ends with {status}",
                      f"status {got}\n{out}{complaint}")

    def export(place, name, *more, status=1):
        folder = world.path("out", name)
        desk.do("export", place.name, "--output", folder, "--root", place.root, *more, status=status)
        return folder

    tap.note("shown, not written")
    answer = desk.ask("export", "lms/mx1", status=(1,))
    tap.same((answer["relay"], answer["generation"], answer["senders"]), ("lms/mx1", 1, 0), "the answer has its keys")
    tap.same([(row["sender"], row["code"]) for row in answer["withheld"]],
             [("academy@acme.example", "no-active-key"), ("campus@bank.example", "not-checked")],
             "both senders are withheld, with their reasons")
    tap.ok(all(row["reason"] for row in answer["withheld"]), "in sentences")
    tap.same(os.listdir(one.root), ["identity"], "nothing was written")

    tap.note("out, over, in, and said so")
    first = export(one, "first", "--include-unverified", status=0)
    tap.ok(os.stat(first + "/BUNDLE").st_mode & 0o777 == 0o600, "the bundle is 0600")
    found = subprocess.run(["grep", "-rlE", "PRIVATE KEY|pa:ss", first], capture_output=True, text=True).stdout
    tap.same(found, "", "no secret lies in the folder")
    twin = export(one, "twin", "--include-unverified", status=0)
    tap.same(run("diff", "-r", "-x", "BUNDLE", first, twin).stdout, "", "the same data gives the same bytes")
    install(first)
    tap.same(one.current(), "g00000001", "generation 1 runs")
    tap.ok(desk.run("status", "--json")[0] in (0, 1) and desk.do("relay", "ack", "lms/mx1", "1"), "and is acknowledged")
    passwords = f"{one.root}/current/postfix/sasl_passwd"
    tap.same(open(passwords).read().splitlines()[1:], ["@bank.example\trelay@bank:pa:ss #1"], "the password has arrived")
    tap.same([oct(os.stat(path).st_mode & 0o777) for path in (passwords, passwords + ".cdb")], ["0o600", "0o600"],
             "for root's eyes only")
    keys = [os.path.join(path, name) for path, _, names in os.walk(f"{one.root}/current/keys") for name in names]
    owner = run("stat", "-c", "%U %a", *keys).stdout.split("\n")[:-1]
    tap.same(owner, ["opendkim 600"] * 2, "keys are the signer's, 0600")
    tap.same(run("postmap", "-c", f"{one.root}/.postmap", "-q", "campus@bank.example",
                 f"cdb:{one.root}/current/postfix/sender_login").stdout, "bank-app,bank-batch\n", "a list of logins is one value")
    tap.same(run("postmap", "-c", f"{one.root}/.postmap", "-q", "@bank.example",
                 f"cdb:{one.root}/current/postfix/sender_transport").stdout, "custsmtps:[smtp.bank.example]:465\n",
             "port 465 has a transport of its own")
    got, out, _ = desk.run("relay", "install", first, "--signer", signer, conf=one.conf)
    tap.ok(got == 0 and "already" in out, "a second time changes nothing and says so", out)
    desk.do("relay", "ack", "lms/mx1", "77", status=4)

    tap.note("changed, mixed up, outdated")
    def spoiled(name, change):
        folder = world.path("out", name)
        shutil.copytree(second, folder)
        change(folder)
        return folder

    def append(path, text):
        with open(path, "ab") as out:
            out.write(text)

    desk.do("apply", world.write("more.json", json.dumps(vendors(["academy@acme.example", "news@acme.example"]))))
    rows = desk.run("export", "diff", "lms/mx1", "--include-unverified", conf=one.conf)
    tap.ok(rows[0] == 1 and "+news@acme.example\tacme-app" in rows[1], "export diff shows the new row", rows[1])
    second = export(one, "second", "--include-unverified", status=0)
    other = export(two, "other", "--include-unverified", status=0)
    install(spoiled("row", lambda d: append(d + "/postfix/sender_login", b"ceo@victim.example\tacme-app\n")), 4,
            why="a row that was added on the way is noticed")
    install(spoiled("list", lambda d: append(d + "/GENERATION", b"# harmless?\n")), 4,
            why="a list of files that was changed on the way is noticed")
    install(spoiled("bundle", lambda d: append(d + "/BUNDLE", b"x")), 4, why="a bundle that was changed is noticed")
    install(spoiled("mixed", lambda d: shutil.copy(other + "/BUNDLE", d + "/BUNDLE")), 4,
            why="another relay's bundle does not open here")
    install(spoiled("stale", lambda d: shutil.copy(first + "/BUNDLE", d + "/BUNDLE")), 4,
            why="another generation's bundle does not fit")
    install(other, 4, why="another relay's export is not for this place")
    install(spoiled("gone", lambda d: os.unlink(d + "/BUNDLE")), 4, why="without a bundle nothing is installed")
    tap.same(one.current(), "g00000001", "all the while generation 1 runs")
    tap.same(sorted(name for name in os.listdir(one.root) if name.startswith("g")), ["g00000001"], "and nothing half is left")

    tap.note("a reload that fails")
    marks = world.path("marks")
    failing = one.configure(world, "mx1", f"echo x >> {marks}; test $(wc -l < {marks}) -gt 1")
    got, out, complaint = desk.run("relay", "install", second, "--signer", signer, conf=failing)
    tap.ok(got == 4 and "g00000001" in complaint, "the installation fails and says what runs now", complaint)
    tap.same((one.current(), open(marks).read()), ("g00000001", "x\nx\n"), "it went back and reloaded again")
    install(second)
    tap.same(one.current(), "g00000002", "with a working reload generation 2 runs")
    install(first, 4, why="an older generation is not installed over a newer one")

    tap.note("what one leaves that was killed while it tidied up")
    desk.do("apply", world.write("most.json", json.dumps(vendors(["academy@acme.example", "news@acme.example",
                                                                  "post@acme.example"]))))
    third = export(one, "third", "--include-unverified", status=0)
    install(third)
    generations = lambda: sorted(name for name in os.listdir(one.root) if name.startswith("g"))
    tap.same(generations(), ["g00000002", "g00000003"], "the one before stays, the one before that is gone")
    shutil.copytree(one.root + "/g00000002", one.root + "/g00000001", symlinks=True)
    install(third)
    tap.same((generations(), one.current()), (["g00000002", "g00000003"], "g00000003"), "installed once more, it tidies up")

    tap.note("words that came past the rules")
    admin = ("psql", "-q", "-h", world.path("state/run/db"), "-U", "senderctl_admin", "-d", "senderctl", "-v", "ON_ERROR_STOP=1", "-c")
    run(*admin, "ALTER TABLE senderctl.login DROP CONSTRAINT login_name_form;"
        "UPDATE senderctl.login SET name = 'bank-app' || chr(10) || 'ceo@victim.example' || chr(9) || 'evil' WHERE name = 'bank-app'")
    got, out, complaint = desk.run("export", "lms/mx1", "--install", "--include-unverified", conf=one.conf)
    tap.ok(got >= 2 and "list of logins" in complaint, "a newline in a login stops the export", complaint)
    run(*admin, "UPDATE senderctl.login SET name = 'bank-app,acme-app' WHERE name LIKE 'bank-app%'")
    rows = desk.run("export", "lms/mx1", "--include-unverified", conf=one.conf)
    tap.ok(rows[0] >= 2 and "list of logins" in rows[2], "a comma in a login stops the export: it would be a second owner", rows)
    tap.same(one.current(), "g00000003", "generation 3 runs on")

    tap.same(os.listdir(desk.temporary), [], "no temporary folder is left")


if __name__ == "__main__":
    tap.run(lambda: play(told))
