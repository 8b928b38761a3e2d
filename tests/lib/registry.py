"""registry -- a whole registry for tests that need many domains: the real program, the real database, its key
service, name servers, and a hand behind the curtain that makes keys of any age and lets time pass."""

import base64
import collections
import json
import os
import subprocess
import uuid

import dnsd
import tap
from desk import Desk
from world import run, wait_for

SPKI = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
MOMENTS = ("generated_at publish_pending_at seen_since published_at usable_at active_at retiring_at last_signed_at "
           "retired_at destroyed_at revoked_at cancelled_at").split()
BEHIND = "SET search_path = senderctl; SET session_replication_role = replica; SET synchronous_commit = off;"


def public_key(octets=None):
    """An RSA key's public half: well-formed, and nobody has the private one."""
    body = bytearray(octets or os.urandom(256))
    body[0] |= 0x80
    body[-1] |= 1
    return SPKI + bytes(body) + bytes.fromhex("0203010001")


def record(public):
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()


class Registry:
    def __init__(self, world, build, relays=("mx1",)):
        self.world, self.desk, self.relays = world, Desk(world, build), relays
        self.dns = None
        self.domains = []
        world.write("senderctl.conf", "")
        self.desk.environment["ASAN_OPTIONS"] = "detect_leaks=0"    # no leak is looked for under strace
        status, _, complaint = self.desk.run("up")
        if status != 0:
            raise RuntimeError("senderctl up: " + complaint)

    # ------------------------------------------------------------------ the database

    def sql(self, text):
        """Lines of a query's answer, past every rule: the superuser looks behind the curtain."""
        done = run("psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", self.world.path("state/run/db"), "-U",
                   "senderctl_admin", "-d", "senderctl", text="SET search_path = senderctl;\n" + text)
        return done.stdout.splitlines()

    def vendor(self, domains, alone=0):
        """One client with so many domains, d1.acme.example and on, and so many with a single one: c1 has
        c1.acme.example.  Once more with more of them, and they are added."""
        self.domains = [f"d{i}.acme.example" for i in range(1, domains + 1)]
        relays = [{"name": name, "helo": name + ".vendor.example", "mta": "postfix", "signer": "opendkim",
                   "addresses": [f"192.0.2.{25 + i}"]} for i, name in enumerate(self.relays)]
        clients = {"acme": self.domains, **{f"c{i}": [f"c{i}.acme.example"] for i in range(1, alone + 1)}}
        vendor = {"providers": [{
            "name": "lms", "title": "Vendor", "hosting_domain": "learning.vendor.example",
            "default_sender": "noreply@learning.vendor.example", "spf_host": "_spf.vendor.example",
            "relays": relays,
            "clients": [{"name": client, "title": client.title(), "logins": [client + "-app"],
                         "senders": [{"address": "news@" + name, "mode": "relayed"} for name in names]}
                        for client, names in clients.items()]}]}
        status, out, complaint = self.desk.run("import", self.world.write("vendor.json", json.dumps(vendor)))
        if status != 0:
            raise RuntimeError("import: " + out + complaint)
        self.sql("ANALYZE")

    def keys(self, rows):
        """Keys that were made behind the curtain: (domain, selector, {moment: age in seconds}, more columns)."""
        values = []
        for domain, selector, ages, more in rows:
            columns = dict(more, **{name: f"now() - interval '{age} seconds'" for name, age in ages.items()})
            values.append((domain, selector, columns))
        names = MOMENTS + ["probes", "ttl_seen", "standby", "public_key"]
        defaults = {"probes": "0", "ttl_seen": "1", "standby": "false"}
        lines = []
        for domain, selector, columns in values:
            if "public_key" not in columns:
                columns["public_key"] = "decode('%s', 'hex')" % public_key().hex()
            cells = ", ".join(str(columns.get(name, defaults.get(name, "NULL::timestamptz"))) for name in names)
            lines.append(f"('{domain}', '{selector}', '{uuid.uuid4()}'::uuid, {cells})")
        for at in range(0, len(lines), 500):
            self.sql(BEHIND + f"""
                INSERT INTO dkim_key (provider_id, domain_id, client_uuid, selector, uuid, algorithm, bits, publish,
                                      {", ".join(names)})
                SELECT d.provider_id, d.id, c.uuid, v.selector, v.uuid, 'rsa-sha256', 2048, 'txt',
                       {", ".join("v." + name for name in names)}
                  FROM (VALUES {", ".join(lines[at:at + 500])}) AS v (domain, selector, uuid, {", ".join(names)})
                  JOIN domain d ON d.name::text = v.domain
                  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id;""")

    def relays_take(self, names=None, said=True):
        """Relays hold all that export would write, sign with what is active, and say so, or not."""
        chosen = ", ".join(f"'{name}'" for name in names or self.relays)
        self.sql(BEHIND + f"""
            WITH tables AS (
                SELECT provider_id, coalesce(array_agg(id ORDER BY id) FILTER (WHERE dkim_key_state(k) IN
                           ('publish-pending', 'published', 'active', 'retiring')), '{{}}') AS staged,
                       coalesce(array_agg(id ORDER BY id) FILTER (WHERE dkim_key_state(k) = 'active'), '{{}}') AS active
                  FROM dkim_key k GROUP BY provider_id),
            made AS (
                INSERT INTO generation (provider_id, relay_id, number, digest, snapshot_at, staged_keys, active_keys)
                SELECT r.provider_id, r.id, coalesce((SELECT max(number) FROM generation g WHERE g.relay_id = r.id), 0) + 1,
                       decode(repeat('00', 32), 'hex'), now(), staged, active
                  FROM relay r JOIN tables USING (provider_id) WHERE r.name IN ({chosen})
                RETURNING provider_id, relay_id, number)
            INSERT INTO generation_ack (provider_id, relay_id, number) SELECT * FROM made WHERE {said};""")

    def time_passes(self, seconds, more=""):
        """All that was recorded was recorded so much earlier."""
        back = f"interval '{seconds} seconds'"
        moments = ", ".join(f"{name} = {name} - {back}" for name in MOMENTS)
        self.sql(BEHIND + f"UPDATE dkim_key SET {moments} {more}; "
                 f"UPDATE generation_ack SET at = at - {back};")

    # ------------------------------------------------------------------ DNS

    def serve(self):
        """Two authoritative servers for the customer's zone; from now on the program asks them."""
        self.dns = dnsd.World()
        self.dns.zone("", ["127.0.0.9"], names=["root"])
        self.zone = self.dns.zone("acme.example", ["127.0.0.2", "127.0.0.3"])
        self.second = None
        self.dns.start()
        self.world.write("senderctl.conf", f'dns {{ resolvers = {{"127.0.0.1:{self.dns.port}"}} '
                         f'authoritative_port = {self.dns.port} timeout = 3.0 }}\n')

    def publish(self, domain, selector, public):
        self.zone.add(f"{selector}._domainkey.{domain}", "TXT", record(public))

    def withdraw(self, domain, selector):
        self.zone.remove(f"{selector}._domainkey.{domain}")


class Strace:
    """Kill a program right before the N-th call of one kind; strace(1) does it."""

    def __init__(self, desk):
        self.desk = desk
        self.log = desk.world.path("log", "strace")

    def counts(self, calls):
        """How often each call was made, in the run just over."""
        with open(self.log, errors="replace") as log:
            seen = collections.Counter(line.partition("(")[0] for line in log)
        return {call: seen[call] for call in calls}

    def words(self, calls, death):
        """What to trace, and at which call (its name and number) to die; None: live."""
        words = ["strace", "-o", self.log, "-e", "trace=" + ",".join(calls)]
        return words + (["-e", f"inject={death[0]}:signal=SIGKILL:when={death[1]}"] if death else [])

    def run(self, argv, calls, death=None):
        """A program from its start; did it come to that call?"""
        open(self.log, "w").close()
        self.last = subprocess.run(self.words(calls, death) + argv, capture_output=True, text=True,
                                   env=self.desk.environment)
        return bool(death) and self.counts(calls)[death[0]] >= death[1]

    def attach(self, pid, calls, death=None):
        """To a service that runs already."""
        open(self.log, "w").close()
        tracer = subprocess.Popen(self.words(calls, death) + ["-p", str(pid)], stderr=subprocess.PIPE, text=True)
        line = tracer.stderr.readline()
        if "attached" not in line:
            tracer.kill()
            tracer.wait()
            raise RuntimeError("strace: " + line)
        return tracer

    def detach(self, tracer, calls, death=None):
        """Was the service killed?"""
        if tracer.poll() is None:
            tracer.terminate()
        tracer.communicate()
        return bool(death) and self.counts(calls)[death[0]] >= death[1]


def end_of_sessions(registry):
    """Wait until the server has noticed that killed clients are gone, and taken back what they had begun."""
    query = ("SELECT count(*) FROM pg_stat_activity WHERE datname = 'senderctl' AND state <> 'idle' "
             "AND pid <> pg_backend_pid() AND application_name LIKE 'senderctl%'")
    wait_for("the end of the killed session", lambda: registry.sql(query) == ["0"])
