"""soak -- thousands of domains, bad weather, two monitors that die again and again: is each change told once?

    soak.py FOLDER          in a house of tests/lib/house.sh, which is up

SOAK_DOMAINS, SOAK_SECONDS (of removals), SOAK_SEED, SOAK_LOSS (0.01); SOAK_KNOWN=1 spares the first look.  The day is short here: a clerk makes
every domain due again and again, as the hours would.  All else is as in life.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import reports
import truth
from nameservers import Nameservers

GRACE, LEASE = 10, 10       # seconds
BACKLOG = 600               # domains that wait for a monitor: the clerk is no faster than they are
PATIENCE = 240              # with a first look, or with changes of which none was told for so long


class House:
    def __init__(self, folder):
        self.folder = folder
        self.log = open(os.path.join(folder, "soak.log"), "ab")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def senderctl(self, *words, allowed=(0,)):
        done = subprocess.run(("senderctl",) + words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode not in allowed:
            raise RuntimeError("%s: status %d\n%s%s" % (words, done.returncode, done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout

    def sql(self, text):
        """As the superuser, behind the curtain; rows of texts."""
        where = os.environ.get("SOAK_ADMIN") or ("host='%s/run/db' user=senderctl_admin dbname=senderctl"
                                                 % os.environ["SENDERCTL_STATE"])
        done = subprocess.run(("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", where, "-c", "SET search_path = senderctl",
                               "-f", "-"), input=text, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return [tuple(line.split("|")) for line in done.stdout.splitlines()]


class Monitors:
    """Two of them; one after the other is killed, and another one starts."""

    def __init__(self, house):
        self.house, self.running, self.peak, self.kills = house, [None, None], 0, 0

    def start(self, number):
        log = open(self.house.path("monitor%d.log" % number), "ab")
        self.running[number] = subprocess.Popen(("senderctl", "monitor"), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def note_memory(self):
        for one in self.running:
            if one and one.poll() is None:
                with open("/proc/%d/status" % one.pid, encoding="ascii") as status:
                    peak = re.search(r"VmHWM:\s+(\d+)", status.read())
                self.peak = max(self.peak, int(peak.group(1)) if peak else 0)

    def murder(self, number):
        self.running[number].kill()
        self.running[number].wait()
        self.kills += 1

    def all_well(self):
        return all(one.poll() is None for one in self.running)

    def end(self):
        for one in self.running:
            one.send_signal(signal.SIGTERM)
        return [one.wait(60) for one in self.running]


# ------------------------------------------------------------------- the registry

def registry(domains, clients):
    def sender(one):
        return {"address": "info@" + one.name, "mode": "relayed", "dkim": one.has_key}

    return {"providers": [{
        "name": "soak", "title": "Soak", "hosting_domain": "soak.example", "default_sender": "noreply@soak.example",
        "spf_host": "_spf.soak.example", "language": "en", "contact": "postmaster@soak.example",
        "relays": [{"name": "mx1", "helo": "mx1.soak.example", "mta": "postfix", "signer": "opendkim",
                    "addresses": ["192.0.2.25"]}],
        "clients": [{"name": "c%04d" % c, "title": "Client %d" % c, "contact": "it@c%04d.example" % c,
                     "logins": ["app%04d" % c], "senders": [sender(d) for d in domains[c::clients]]}
                    for c in range(clients)]}]}


def public_key(chance):
    """What DNS shows of an RSA key of 2048 bits; that nobody has the other half does not matter here."""
    modulus = b"\0" + bytes([0x80 | chance.randrange(128)]) + chance.randbytes(254) + b"\1"
    rsa = b"\x30\x82\x01\x0a\x02\x82\x01\x01" + modulus + b"\x02\x03\x01\x00\x01"
    return b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00" + rsa


def give_keys(house, names, domains, chance):
    """Keys that sign: making thousands of RSA keys would take longer than the soak."""
    import base64
    rows = []
    for one in domains:
        if one.has_key:
            key = public_key(chance)
            rows.append("('%s', '\\x%s'::bytea)" % (one.name, key.hex()))
            names.domains[one.number].dkim = ["v=DKIM1; k=rsa; p=" + base64.b64encode(key).decode()]
    house.sql("""
        SET session_replication_role = replica;
        INSERT INTO dkim_key (provider_id, uuid, domain_id, client_uuid, selector, algorithm, bits, public_key, publish,
                              generated_at, publish_pending_at, seen_since, published_at, usable_at, active_at)
        SELECT d.provider_id, gen_random_uuid(), d.id, c.uuid, 's1', 'rsa-sha256', 2048, k.key, 'txt',
               t.at, t.at, t.at, t.at, t.at, t.at
          FROM (VALUES %s) k (name, key) JOIN domain d ON d.name = k.name
          JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id,
               LATERAL (SELECT now() - interval '1 day' AS at) t;""" % ",\n".join(rows))


def configure(house, names, hook_port, telling):
    with open(os.environ["SENDERCTL_CONFIG"], "w", encoding="utf-8") as conf:
        if "SOAK_SETTINGS" in os.environ:
            with open(os.environ["SOAK_SETTINGS"], encoding="utf-8") as more:
                conf.write(more.read())
        conf.write('dns {\n resolvers = {%s}\n authoritative_port = %d\n timeout = 1.5\n}\n'
                   % (", ".join('"%s:%d"' % (r, names.port) for r in names.resolvers), names.port))
        conf.write('monitor {\n lease = %d\n' % LEASE)
        if telling:
            conf.write(' webhook = "http://127.0.0.1:%d/hook"\n mail_to = {"pm@soak.example"}\n'
                       ' mail_from = "senderctl@soak.example"\n sendmail = "%s"\n' % (hook_port, house.path("sendmail")))
        conf.write('}\n')


def catch_mail(house):
    os.makedirs(house.path("mail"))
    with open(house.path("sendmail"), "w", encoding="ascii") as script:
        script.write('#!/bin/sh\nt=$(mktemp "%s/new.XXXXXX") && cat > "$t" && mv "$t" "%s/mail/${t##*.}"\n'
                     % (house.folder, house.folder))
    os.chmod(house.path("sendmail"), 0o755)


def catch_notices(house):
    os.makedirs(house.path("hook"))
    here = os.path.dirname(os.path.abspath(__file__))
    hook = subprocess.Popen((sys.executable, os.path.join(here, "..", "lib", "hook.py"), house.path("hook")))
    while not os.path.exists(house.path("hook", "port")):
        time.sleep(0.05)
    with open(house.path("hook", "port"), encoding="ascii") as port:
        return hook, int(port.read())


# ------------------------------------------------------------------- the soak

class Soak:
    deaths = True

    def __init__(self, folder, count, seconds, seed, loss):
        self.house = House(folder)
        self.count, self.seconds, self.seed = count, seconds, seed
        self.chance = random.Random(seed)
        self.domains = truth.cast(count, self.chance)
        self.by_name = {d.name: d for d in self.domains}
        self.names = Nameservers(count, loss, seed)
        self.monitors = Monitors(self.house)
        self.pending, self.noticed, self.seen = [], {}, 0
        self.journal = []
        self.round = max(8, count / 30)     # seconds in which the clerk makes everything due,
        self.short = max(4, count / 400)    # and those that something happens to;
        self.tick = max(0.5, count / 5000)  # how often he works

    def say(self, text):
        print("# %7.1f s  %s" % (time.monotonic() - self.began, text), flush=True)

    def run(self):
        self.began = time.monotonic()
        self.say("%d domains, seed %d (SOAK_SEED=%d repeats the parts)" % (self.count, self.seed, self.seed))
        for one in self.domains:
            for which in range(2 - one.dead, 2):
                self.names.kill(one.number, which)
        self.prepare()
        self.know() if os.environ.get("SOAK_KNOWN") else self.first_look()
        self.tell_stories()
        self.wait_for_the_rest()
        self.statuses = self.monitors.end()
        return reports.Report(self)

    def prepare(self):
        house, house_file = self.house, self.house.path("soak.json")
        with open(house_file, "w", encoding="utf-8") as file:
            json.dump(registry(self.domains, max(1, self.count // 40)), file)
        start = time.monotonic()
        house.senderctl("import", house_file)
        house.senderctl("provider", "set", "soak", "--degrade-grace", "%d s" % GRACE)
        give_keys(house, self.names, self.domains, self.chance)
        house.sql("ANALYZE")
        self.say("imported in %.1f s" % (time.monotonic() - start))
        self.names.start()
        catch_mail(house)
        self.hook, self.hook_port = catch_notices(house)

    def know(self):
        """Instead of a first look: what it would have found is put there, for a machine that has no time."""
        whole = "'{%s}'" % ",".join(d.name for d in self.domains if "verified" in d.must_be_told()[truth.WHOLE])
        self.house.sql("""
            INSERT INTO verdict (provider_id, domain_id, purpose, name, type, state, negative_ttl)
            SELECT provider_id, id, 'spf', name, 'TXT', 'match', 2 FROM domain WHERE name = ANY (%s::text[])
            UNION ALL
            SELECT provider_id, id, 'dkim', 's1._domainkey.' || name, 'TXT', 'match', 2 FROM domain
             WHERE dkim AND name = ANY (%s::text[]);
            INSERT INTO verdict (provider_id, domain_id, purpose, name, type, required, told, state, negative_ttl)
            SELECT provider_id, id, 'dmarc', '_dmarc.' || name, 'TXT', false, true, 'match', 2 FROM domain
             WHERE name = ANY (%s::text[]);
            INSERT INTO change (provider_id, client_id, domain_id, kind, occasion)
            SELECT provider_id, client_id, id, 'verified', 'first' FROM domain WHERE name = ANY (%s::text[]);
            UPDATE watch SET finished_at = now() - interval '1 day' * random(), due_at = now() + interval '1 day';
            ANALYZE;""" % (whole, whole, whole, whole))
        self.mark_told()

    def mark_told(self):
        self.house.sql("UPDATE change SET posted_at = now(), alerted_at = now(), digested_at = now()")
        self.first_change = int(self.house.sql("SELECT coalesce(max(id), 0) FROM change")[0][0])

    def first_look(self):
        """Everybody once, so that there is something to lose; that is told to nobody outside."""
        configure(self.house, self.names, self.hook_port, telling=False)
        self.house.sql("UPDATE watch SET due_at = now()")
        start = time.monotonic()
        for number in (0, 1):
            self.monitors.start(number)
        while True:
            self.look_after_monitors()
            never = self.house.sql("""UPDATE watch SET due_at = now() WHERE attempt BETWEEN 1 AND 3 AND due_at > now();
                UPDATE watch w SET due_at = now() FROM verdict v WHERE w.due_at > now() AND w.claimed_by IS NULL AND w.attempt = 0
                   AND v.provider_id = w.provider_id AND v.domain_id = w.domain_id AND v.purpose = 'dmarc' AND v.settled IS NULL;
                SELECT count(*) FROM watch WHERE finished_at IS NULL;""")[0][0]
            if never == "0" and self.whole() == self.wanted_whole() and self.policies() >= self.wanted_whole():
                break
            if time.monotonic() - start > PATIENCE + self.count / 20:
                raise RuntimeError("the first look does not come to an end: %d of %d" % (self.whole(), self.wanted_whole()))
            time.sleep(self.tick)
        took = time.monotonic() - start
        self.say("%d domains are verified after %.1f s, %.0f looks a second" % (self.whole(), took, self.count / took))
        self.monitors.end()
        self.mark_told()

    def whole(self):
        return int(self.house.sql("SELECT count(*) FROM change WHERE kind = 'verified'")[0][0])

    def policies(self):
        """Of how many a DMARC policy is known: only what was seen can be missed."""
        return int(self.house.sql("SELECT count(*) FROM verdict WHERE purpose = 'dmarc' AND settled = 'match'")[0][0])

    def wanted_whole(self):
        return sum("verified" in d.must_be_told()[truth.WHOLE] for d in self.domains)

    # ---- what happens while the monitors look

    def look_after_monitors(self):
        self.monitors.note_memory()
        if not self.monitors.all_well():
            raise RuntimeError("a monitor ended by itself; its log is in " + self.house.folder)

    def begin_stories(self):
        start = time.monotonic()
        for one in self.domains:
            if one.story:
                act = one.story.act(self.names, one.number, self.chance)
                self.pending.append((start + self.chance.uniform(0, self.seconds), 0, one, act))

    def play(self):
        """One step of every story whose time has come."""
        now, kept = time.monotonic(), []
        for at, told, one, act in self.pending:
            if len(self.noticed.get(one.name, ())) >= told and at is None:
                at = now + self.delay.pop(one.name)
            if at is None or now < at:
                kept.append((at, told, one, act))
                continue
            step = next(act, None)
            self.journal.append((time.time(), one.name))
            if step is not None:
                seconds, told = step
                if told:
                    self.delay[one.name] = seconds
                kept.append((None if told else now + seconds, told, one, act))
        self.pending = kept

    def notice(self):
        """Which changes stand in the database so far."""
        rows = self.house.sql("""SELECT c.id, d.name, c.kind, coalesce(c.purpose, ''), extract(epoch FROM c.at)
              FROM change c JOIN domain d ON d.provider_id = c.provider_id AND d.id = c.domain_id
             WHERE c.id > %d AND c.kind IN ('lost', 'recovered') ORDER BY c.id;""" % self.first_change)
        self.noticed = {}
        for _, name, kind, purpose, at in rows:
            self.noticed.setdefault(name, []).append((kind, purpose, float(at)))

    def make_due(self):
        """The clerk: what was looked at long ago is due now; what is due anyway is left alone.  Half of his
        time is for those that something happens to: else a short soak would be over before it is noticed."""
        self.house.sql("""
            WITH backlog AS (SELECT count(*) AS due FROM watch WHERE due_at <= now()),
            idle AS (SELECT provider_id, domain_id, finished_at, domain_id = ANY ('{%s}'::bigint[]) AS eventful FROM watch
                      WHERE claimed_by IS NULL AND due_at > now() + interval '1 second'),
            chosen AS (SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY eventful ORDER BY finished_at) AS place FROM idle
                                       WHERE finished_at < now() - make_interval(secs => CASE WHEN eventful THEN %f ELSE %f END)) i
                        WHERE place <= (SELECT (%d - due) / 2 FROM backlog))
            UPDATE watch w SET due_at = now() FROM chosen c
             WHERE w.provider_id = c.provider_id AND w.domain_id = c.domain_id"""
                       % (",".join(self.eventful), self.short, self.round, BACKLOG))

    def die(self, now):
        """One monitor after the other is killed; a while later there is another one."""
        if not self.deaths:
            return
        if self.gap is None and now >= self.next_death:
            self.gap = (now + self.chance.uniform(0.5, 4), self.monitors.kills % 2)
            self.monitors.murder(self.gap[1])
        elif self.gap and now >= self.gap[0]:
            self.monitors.start(self.gap[1])
            self.gap, self.next_death = None, now + self.chance.uniform(*self.lives)

    def tell_stories(self):
        configure(self.house, self.names, self.hook_port, telling=True)
        for number in (0, 1):
            self.monitors.start(number)
        self.looks_before = self.looks()
        ids = dict(self.house.sql("SELECT name, id FROM domain"))
        self.eventful = [ids[d.name] for d in self.domains if d.story]
        self.delay, self.gap, self.complete, self.clerk_at = {}, None, False, 0
        self.lives = (self.seconds / 12, self.seconds / 6)
        self.stories_began = time.monotonic()
        self.next_death = self.stories_began + self.lives[0]
        self.begin_stories()
        while time.monotonic() - self.stories_began < self.seconds or self.gap:
            self.step()
        self.say("%d steps were played, %d monitors killed" % (len(self.journal), self.monitors.kills))

    def step(self):
        now = time.monotonic()
        self.play()
        if now > self.clerk_at:
            self.notice()
            self.make_due()
            self.complete = not self.pending and reports.complete(self) and self.all_told()
            self.clerk_at = time.monotonic() + self.tick
        if now - self.stories_began < self.seconds or self.gap:
            self.die(now)
        self.monitors.note_memory()
        time.sleep(0.05)

    def extra(self, report):
        """What else must hold."""

    def looks(self):
        return int(self.house.sql("SELECT sum(looks) FROM watch")[0][0])

    def all_told(self):
        return int(self.house.sql("""SELECT count(*) FROM change
            WHERE posted_at IS NULL OR alerted_at IS NULL AND kind IN ('lost', 'degraded', 'verified', 'unmet')""")[0][0]) == 0

    def wait_for_the_rest(self):
        """All is played: what must be told is told in time, however slow the machine is, as long as it goes on;
        then once more round, for what must not."""
        start = moved = time.monotonic()
        known = None
        while not self.complete and time.monotonic() - moved < PATIENCE + 2 * self.short:
            self.step()
            if (len(self.pending), self.noticed) != known:
                known, moved = (len(self.pending), self.noticed), time.monotonic()
        self.say("the last change was told %.1f s after the last step" % (time.monotonic() - start))
        self.looked = self.looks() - self.looks_before
        self.met = self.house.sql("SELECT count(*) FROM watch WHERE looks > 0")[0][0]
        self.took = time.monotonic() - self.stories_began
        end = time.monotonic() + 1.5 * self.short + 5
        while time.monotonic() < end:
            self.step()
        self.look_after_monitors()
        self.say("one more round, in which nothing may happen")


def end_well(*_):
    sys.exit(1)


def main(folder, kind=Soak):
    signal.signal(signal.SIGTERM, end_well)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    count = int(os.environ.get("SOAK_DOMAINS") or 300)
    seconds = float(os.environ.get("SOAK_SECONDS") or 20)
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(1, 1000000))
    soak = kind(folder, count, seconds, seed, float(os.environ.get("SOAK_LOSS") or 0.01))
    try:
        sys.exit(soak.run().tell())
    finally:
        for one in soak.monitors.running:
            if one and one.poll() is None:
                one.kill()
        if hasattr(soak, "hook"):
            soak.hook.kill()


if __name__ == "__main__":
    main(sys.argv[1])
