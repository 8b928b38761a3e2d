#!/usr/bin/python3
"""The customer's server is a real Postfix: what does check make of it, in each of the ways it can be set up?

Postfix says what it thinks of a sender only at RCPT TO, has TLS of its own, and logs what was asked of it.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import mta
import tap
from desk import Desk
from names import Names
from sink import Sink
from world import play

BUILD = os.environ.get("top_builddir", ".")
HOST, ADDRESS = "smtp.bank.example", "203.0.113.30"
PASSWORD = "hop: any#chars, 2 blanks"

# The same server on more ports, each with something else.
PORTS = """{address}:465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
{address}:1465 inet n - n - - smtpd
  -o smtpd_tls_mandatory_protocols=TLSv1.1 -o smtpd_tls_protocols=TLSv1.1
  -o tls_medium_cipherlist=ALL:@SECLEVEL=0 -o tls_high_cipherlist=ALL:@SECLEVEL=0
{address}:1587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=no
  -o smtpd_relay_restrictions=reject
{address}:2587 inet n - n - - smtpd -o smtpd_tls_security_level=none
  -o smtpd_tls_auth_only=no
{address}:3587 inet n - n - - smtpd -o smtpd_delay_reject=no
"""
MAIN = """smtpd_sender_login_maps = inline:{{ campus@bank.example=relay, press@bank.example=somebody }}
smtpd_sender_restrictions = reject_sender_login_mismatch
relayhost = [198.51.100.25]
smtp_tls_security_level = none
"""


def told(world):
    desk, names = Desk(world, BUILD), Names(world)
    for address in (ADDRESS, "192.0.2.10", "198.51.100.25"):
        world.host(address)
    names.zone("bank.example")
    names.add("bank.example", f"{HOST}. IN A {ADDRESS}")
    names.start()
    sink = Sink(world, "198.51.100.25")
    authority, stranger = mta.Authority(world, "customers"), mta.Authority(world, "strangers")
    server = mta.Postfix(world, HOST, ADDRESS, authority, {"relay": PASSWORD})
    server.write(MAIN.replace("{{", "{").replace("}}", "}"), PORTS.format(address=ADDRESS))
    server.start()

    world.write("senderctl.conf", f'dns {{ resolvers = {{"127.0.0.1:53"}} timeout = 3.0 }}\n'
                f'probe {{ ca_file = "{authority.cert}" }}\n')
    desk.do("up")
    desk.do("provider", "add", "lms", "--title", "Vendor", "--hosting-domain", "learning.vendor.example",
            "--default-sender", "no@learning.vendor.example", "--spf-host", "_spf.vendor.example")
    desk.do("relay", "add", "lms/mx1", "--helo", "mx1.vendor.example", "--address", "192.0.2.10")
    desk.do("client", "add", "lms/bank", "--title", "Bank", "--contact", "it@bank.example")
    desk.do("login", "add", "lms/bank", "bank-app")
    secret = world.write("secret", PASSWORD + "\n", 0o600)
    wrong = world.write("wrong", "something else\n", 0o600)
    desk.do("smarthost", "add", "lms/bank", HOST, "--user", "relay", "--password-file", secret)
    desk.do("sender", "add", "lms/bank", "campus@bank.example", "--mode", "direct")

    def look(port=587, tls="starttls", *more):
        desk.run("smarthost", "set", "lms/bank", HOST, "--port", str(port), "--tls", tls)
        row = desk.ask("check", "bank.example", *more, status=(0, 1, 3))["domains"][0]["requirements"][0]
        return row["state"], row["probe"]["fault"], row["explanation"], row["probe"]

    def judged(name, wanted, port=587, tls="starttls", *more):
        state, fault, explanation, probe = look(port, tls, *more)
        tap.ok((state, fault) == wanted, f"{name}: {' '.join(wanted)}", (state, fault, explanation))
        return explanation, probe

    explanation, probe = judged("STARTTLS and the right password", ("match", "good"))
    tap.ok(probe["logged_in"] and probe["tls"] == "TLSv1.3", "it logged in, over TLS 1.3", probe)
    tap.same((probe["auth_before_tls"], probe["auth"]), ("", "PLAIN LOGIN"), "AUTH is offered only behind encryption")
    judged("TLS from the first octet", ("match", "good"), 465, "implicit")
    explanation, _ = judged("nothing but TLS 1.1", ("conflict", "tls-old"), 1465)
    tap.ok("TLSv1.1" in explanation, "it is named", explanation)
    judged("no AUTH", ("conflict", "no-auth"), 1587)
    judged("no STARTTLS", ("conflict", "no-starttls"), 2587)
    judged("nobody listens there", ("missing", "refused"), 4587)

    desk.do("sender", "add", "lms/bank", "press@bank.example", "--mode", "direct")
    for port, when in ((587, "at RCPT TO"), (3587, "at MAIL FROM")):
        explanation, probe = judged(f"a sender that is refused {when}", ("conflict", "sender-refused"), port)
        tap.ok("send as press@bank.example: 553" in explanation and "campus" not in explanation,
               "it is named, and only it", explanation)
    desk.do("sender", "retire", "press@bank.example", "--yes")
    desk.do("smarthost", "secret", "lms/bank", HOST, "--file", wrong)
    explanation, _ = judged("a wrong password", ("conflict", "login-wrong"))
    tap.ok("535" in explanation, "the server's words are told", explanation)
    desk.do("smarthost", "secret", "lms/bank", HOST, "--file", secret)
    tap.same(sink.mails, [], "so far no mail was sent")
    judged("a test mail", ("match", "good"), 587, "starttls", "--send-test", "you@receiver.example")
    mail = sink.wait("senderctl: test mail")
    tap.ok(b"Auto-Submitted: auto-generated" in mail["data"], "it arrives, marked as one", mail)

    before = server.log_text()
    server.stop()
    key, cert = stranger.issue(HOST)
    server.write(MAIN.replace("{{", "{").replace("}}", "}") + f"smtpd_tls_cert_file = {cert}\nsmtpd_tls_key_file = {key}\n",
                 PORTS.format(address=ADDRESS))
    server.start()
    judged("a certificate of an unknown authority", ("conflict", "certificate-unknown"))
    tap.ok("sasl_username" not in server.log_text()[len(before):] and "authentication failed" not in server.log_text()[len(before):],
           "it was shown no password")
    tap.ok(PASSWORD not in world.logs(), "the password is in no log")


if __name__ == "__main__":
    tap.run(lambda: play(told))
