#!/usr/bin/python3
"""The rig alone, with tables written by hand: does the recipe of the static configuration hold?

Whatever fails here is a fault of the test's servers and judges, or of the recipe, never of our exporter.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import judge
import mta
import tap
from names import Names
from sink import Sink
from world import play, run

MAIN_CF = """smtpd_sender_login_maps = cdb:{root}/postfix/sender_login
sender_dependent_default_transport_maps = cdb:{root}/postfix/sender_transport
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_milters = inet:127.0.0.1:8891, inet:127.0.0.1:8892
milter_default_action = tempfail
milter_content_timeout = 30s
custsmtp_destination_concurrency_failed_cohort_limit = 0
smtp_tls_mandatory_protocols = >=TLSv1.2
"""

MASTER_CF = """custsmtp unix - - n - - smtp
  -o smtp_sasl_auth_enable=yes
  -o smtp_sender_dependent_authentication=yes
  -o smtp_sasl_password_maps=cdb:{root}/postfix/sasl_passwd
  -o smtp_sasl_security_options=noanonymous
  -o smtp_tls_security_level=secure
  -o smtp_tls_policy_maps=cdb:{root}/postfix/tls_policy
  -o smtp_tls_mandatory_protocols=>=TLSv1.2
"""

OPENDKIM = """Mode s
Socket inet:8891@127.0.0.1
UserID opendkim
Canonicalization relaxed/simple
SignatureAlgorithm {algorithm}
KeyTable db:{root}/{name}/keys.db
SigningTable file:{root}/{name}/empty
MultipleSignatures yes
OversignHeaders From
SetupPolicyScript {root}/setup.lua
"""

SETUP = r"""
local login = odkim.get_mtasymbol(ctx, "{auth_authen}")
if login == nil then return nil end
local fd = odkim.get_fromdomain(ctx)
local ef = odkim.get_envfrom(ctx)
local ed = ef and ef:match("@([^@<>]+)>?$")
odkim.log(ctx, "login " .. login .. " from " .. tostring(fd) .. " envelope " .. tostring(ef))
local good = odkim.get_header(ctx, "From", 1) == nil and fd ~= nil
fd = fd and fd:lower()
if good and (ed == nil or ed:lower() ~= fd) then
  local guard = odkim.db_open("db:@ROOT@/guard.db")
  local key = fd .. "|" .. login
  local found = odkim.db_check(guard, key)
  good = found == 1
  if good and ed ~= nil then
    good = odkim.db_check(guard, key .. "|" .. ed:lower()) == 1
  end
end
if not good then
  odkim.log(ctx, "refused: From domain " .. tostring(fd) .. " envelope " .. tostring(ef))
  odkim.set_result(ctx, SMFIS_REJECT)
  return nil
end
local db = odkim.db_open("db:@ROOT@/@NAME@/keys.db")
for i = 1, 2 do
  local k = i .. "|" .. fd
  if odkim.db_check(db, k) == 1 and odkim.sign(ctx, k) ~= 1 then odkim.set_result(ctx, SMFIS_TEMPFAIL) end
end
return nil
"""


def table(world, name, rows, kind="cdb"):
    """Write a table and compile it."""
    path = world.write("root/" + name, "".join(f"{key}\t{value}\n" for key, value in rows))
    if kind == "cdb":
        folder = world.write("postmap/main.cf", "compatibility_level = 3.6\n")
        done = run("postmap", "-c", os.path.dirname(folder), "cdb:" + path)
        tap.same(done.stderr, "", f"postmap says nothing about {name}")
    else:
        text = "".join(f"{key}\n{value}\n" for key, value in rows)
        run("db5.3_load", "-T", "-t", "hash", path + ".db", text=text)
        os.chmod(path + ".db", 0o644)


def told(world):
    names = Names(world)
    for host in ("192.0.2.10", "203.0.113.30", "198.51.100.25"):
        world.host(host)
    keys = {}
    for domain in ("acme.example", "other.example"):
        names.zone(domain)
        pem = world.path("root", "keys", domain, "s1.pem")
        os.makedirs(os.path.dirname(pem), exist_ok=True)
        run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", pem)
        run("chown", "-R", "opendkim", world.path("root", "keys"))
        public = "".join(run("openssl", "pkey", "-in", pem, "-pubout").stdout.splitlines()[1:-1])
        keys[domain] = pem
        names.add(domain, f'{domain}. IN TXT "v=spf1 ip4:192.0.2.10 -all"',
                  f'bounce.{domain}. IN TXT "v=spf1 ip4:192.0.2.10 -all"',
                  f'_dmarc.{domain}. IN TXT "v=DMARC1; p=reject"',
                  f's1._domainkey.{domain}. IN TXT "v=DKIM1; k=rsa; p={public[:200]}" "{public[200:]}"')
    names.zone("direct.example")
    names.add("direct.example", "smtp.direct.example. IN A 203.0.113.30",
              'direct.example. IN TXT "v=spf1 ip4:203.0.113.30 -all"')
    names.zone("receiver.example")
    names.add("receiver.example", "receiver.example. IN MX 10 mx.receiver.example.",
              "mx.receiver.example. IN A 198.51.100.25")
    names.start()
    tap.ok(names.current(), "NSD serves every zone from both addresses")
    names.publish()
    tap.ok(names.ask("smtp.direct.example", "A"), "unbound finds its way from the root")

    sink = Sink(world, "198.51.100.25")
    ours, theirs = mta.Authority(world, "vendor"), mta.Authority(world, "customer")
    customer = mta.Postfix(world, "smtp.direct.example", "203.0.113.30", theirs,
                           {"relay-user": "pass:with any#chars"})
    customer.start()

    table(world, "postfix/sender_login", [("news@acme.example", "acme-app"), ("it@direct.example", "direct-app"),
                                          ("news@bounce.acme.example", "acme-app"),
                                          ("info@other.example", "other-app")])
    table(world, "postfix/sender_transport", [("@direct.example", "custsmtp:[smtp.direct.example]:587")])
    table(world, "postfix/sasl_passwd", [("@direct.example", "relay-user:pass:with any#chars")])
    table(world, "postfix/tls_policy", [
        ("[smtp.direct.example]:587",
         f"secure match=smtp.direct.example protocols=>=TLSv1.2 ciphers=high tafile={theirs.cert}")])
    table(world, "opendkim-rsa/keys", [(f"1|{d}", f"{d}:s1:{pem}") for d, pem in keys.items()], kind="db")
    table(world, "opendkim-ed/keys", [("0|none.example", "none.example:none:/nowhere")], kind="db")
    table(world, "guard", [("acme.example|acme-app", "1"), ("acme.example|acme-app|bounce.acme.example", "1")],
          kind="db")
    root = world.path("root")
    relay = mta.Postfix(world, "relay.vendor.example", "192.0.2.10", ours,
                        {"acme-app": "acme-secret", "other-app": "other-secret", "direct-app": "direct-secret"})
    relay.write(MAIN_CF.format(root=root), MASTER_CF.format(root=root))
    milters = []
    for name, algorithm, port in (("opendkim-rsa", "rsa-sha256", 8891), ("opendkim-ed", "ed25519-sha256", 8892)):
        world.write(f"root/{name}/empty", "")
        world.write(f"root/{name}/setup.lua", SETUP.replace("@ROOT@", root).replace("@NAME@", name))
        conf = world.write(f"root/{name}/opendkim.conf", OPENDKIM.format(
            root=root, name=name, algorithm=algorithm).replace(root + "/setup.lua", f"{root}/{name}/setup.lua"))
        run("opendkim", "-n", "-x", conf)
        milters.append(mta.OpenDKIM(world, name, conf, f"inet:{port}@127.0.0.1"))
        milters[-1].start()
    relay.start()

    tap.same(relay.submit("acme-app", "acme-secret", "news@acme.example", "t-good"), None, "a client's mail is taken")
    mail = sink.wait("t-good")
    seen = judge.verdict(names, mail)
    tap.same(seen["dkim"], [("acme.example", "s1")], "two verifiers pass d=acme.example s=s1")
    tap.same((mail["peer"], seen["spf"]), ("192.0.2.10", "pass"), "it came from the relay's address, SPF pass")
    tap.ok(seen["dkim_aligned"] and seen["spf_aligned"] and seen["dmarc"], "DMARC is aligned by both", seen)
    broken = dict(mail, data=mail["data"].replace(b"Dear reader", b"Dear victim"))
    tap.same(judge.verdict(names, broken)["dkim"], [], "a changed body passes with no verifier")

    refusal = relay.submit("other-app", "other-secret", "news@acme.example", "t-foreign")
    tap.ok(refusal and refusal[0] == 553, "another client's sender is refused", refusal)
    refusal = relay.submit("acme-app", "acme-secret", "stranger@acme.example", "t-unknown")
    tap.ok(refusal and refusal[0] == 553, "an unknown sender is refused", refusal)
    refusal = relay.submit("other-app", "other-secret", "info@other.example", "t-spoof", "news@acme.example")
    tap.ok(refusal and refusal[0] == 550, "another client's From is refused", refusal)
    refusal = relay.submit("acme-app", "acme-secret", "news@acme.example", "t-two",
                           extra="From: info@other.example\r\n")
    tap.ok(refusal and refusal[0] == 550, "two From headers are refused", refusal)
    tap.same(relay.submit("acme-app", "acme-secret", "news@bounce.acme.example", "t-verp", "news@acme.example"), None,
             "an envelope domain registered with the From domain is taken")
    tap.same(judge.verdict(names, sink.wait("t-verp"))["dkim"], [("acme.example", "s1")], "and signed")
    refusal = relay.submit("acme-app", "acme-secret", "", "t-null", "news@acme.example")
    tap.same(refusal, None, "the null sender with an own From is taken")
    tap.same(judge.verdict(names, sink.wait("t-null"))["dkim"], [("acme.example", "s1")], "and signed")
    refusal = relay.submit("other-app", "other-secret", "", "t-null-spoof", "news@acme.example")
    tap.ok(refusal and refusal[0] == 550, "the null sender with a foreign From is refused", refusal)
    refusal = relay.submit("", "", "news@acme.example", "t-open")
    tap.ok(refusal and refusal[0] >= 500, "without a login nothing is taken", refusal)

    tap.same(relay.submit("direct-app", "direct-secret", "it@direct.example", "t-direct"), None, "direct mail is taken")
    mail = sink.wait("t-direct")
    tap.same(mail["peer"], "203.0.113.30", "it leaves through the customer's server")
    received = mail["data"].decode()
    tap.ok("(Authenticated sender: relay-user" in received, "with AUTH", received)
    tap.ok("using TLSv1.3" in received or "using TLSv1.2" in received, "over TLS")
    tap.same(judge.signatures(mail), [], "without our signature")
    tap.same(sink.passwords, [], "no password went to the receiver")
    tap.ok("acme-secret" not in world.logs() and "pass:with" not in world.logs(), "no password is in any log")


if __name__ == "__main__":
    tap.run(lambda: play(told))
