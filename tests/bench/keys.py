"""What make bench-keys measures; keys.sh gives it a house.

The service is the real senderkeyd, linked with an ear (keys_hooks.c).  In a
round it and the bare generator take turns, there and back, and both search the
same primes: their random numbers come from streams with numbers.
"""
import json
import math
import mmap
import os
import selectors
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import uuid

HOUSE, STATE, BUILD = (os.environ[n] for n in ("HOUSE", "SENDERCTL_STATE", "top_builddir"))
KEYS, ROUNDS, POOL, ED25519 = (int(os.environ.get(n) or d) for n, d in (
    ("KEYS", "16"), ("ROUNDS", os.environ.get("BENCH_ROUNDS") or "3"), ("BENCH_POOL", "1000"), ("BENCH_ED25519", "10000")))
CORES = os.cpu_count()
SOCKET = f"{STATE}/run/keys/socket"
RAW = f"{BUILD}/tests/bench/keys_raw"
AS_KEYD = ["setpriv", "--reuid=senderkeyd", "--regid=senderkeyd", "--clear-groups"] if os.getuid() == 0 else []


def say(what, figure, against=""):
    print(f"{what:<64} {figure:>14}  {against}", flush=True)


def sql(*commands):
    words = [w for c in commands for w in ("-c", c)]
    return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", f"{STATE}/run/db", "-U", "senderctl_admin",
                           "senderctl", "-c", "SET search_path = senderctl", *words],
                          stdout=subprocess.PIPE, check=True).stdout.decode().split()


# ---------------------------------------------------------------- what is shared

class Stream:
    """keys_stream.h"""
    def __init__(self):
        self.path = f"{HOUSE}/stream"
        with open(self.path, "wb") as out:
            out.write(bytes(4096))
        os.chmod(self.path, 0o666)
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 4096)

    def begin(self, number):
        self.map[0:8] = struct.pack("=Q", number)

    def spent(self):
        return struct.unpack("=QQ", self.map[8:24])


def processor(pid):
    """Seconds of one process that has one thread."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


# ---------------------------------------------------------------- the service

class Service:
    """The embedded service makes room for one with an ear, with its own words."""
    def __init__(self, stream, *options):
        note = f"{STATE}/run/senderkeyd.pid"
        if os.path.exists(note):
            pid = int(open(note, encoding="ascii").read().split()[0])
            Service.words = open(f"/proc/{pid}/cmdline", "rb").read().decode().split("\0")[1:-1]
            os.kill(pid, signal.SIGTERM)
            while os.path.exists(SOCKET):
                time.sleep(0.01)
            os.unlink(note)
        words = list(Service.words)
        for option in ("--pool", "--keygen"):
            if option in words:
                del words[words.index(option):words.index(option) + 2]
        os.chdir("/")
        self.child = subprocess.Popen([*AS_KEYD, f"{BUILD}/tests/bench/keys_service", *words, "--rate", "0", *options],
                                      env=dict(os.environ, KEYS_STREAM=stream.path), stderr=open(f"{HOUSE}/keyd.log", "w"))
        until = time.monotonic() + 20
        while not os.path.exists(SOCKET):
            if self.child.poll() is not None or time.monotonic() > until:
                sys.exit(open(f"{HOUSE}/keyd.log").read())
            time.sleep(0.01)
        self.stream = stream
        self.lines = [self.connect() for _ in range(8)]

    @staticmethod
    def connect():
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.connect(SOCKET)
        return line

    def close(self):
        self.child.terminate()
        self.child.wait()

    def processor(self):
        """Of the service and its helpers, without those that make keys."""
        with open(f"/proc/{self.child.pid}/task/{self.child.pid}/children", encoding="ascii") as file:
            return sum(processor(pid) for pid in [self.child.pid, *file.read().split()])

    @staticmethod
    def database():
        """Of the database's process that serves it."""
        return sum(processor(pid) for pid in sql("SELECT pid FROM pg_stat_activity WHERE usename LIKE '%keyd%'"))

    def generate(self, domains, algorithm, at_once):
        """Seconds, and the public keys."""
        wishes = [json.dumps(dict(op="generate", n=n, provider=PROVIDER, domain=d, algorithm=algorithm,
                                  request=str(uuid.uuid4()))).encode() for n, d in enumerate(domains)]
        keys, sent = [], 0
        ready = selectors.DefaultSelector()
        for line in self.lines:
            ready.register(line, selectors.EVENT_READ)
        began = time.monotonic()
        for wish in wishes[:at_once]:
            self.lines[sent % 8].send(wish)
            sent += 1
        while len(keys) < len(wishes):
            for entry, _ in ready.select():
                answer = json.loads(entry.fileobj.recv(65536))
                if not answer["ok"]:
                    sys.exit(f"bench: {answer['error']['message']}")
                keys.append(answer["public_key"])
                if sent < len(wishes):
                    entry.fileobj.send(wishes[sent])
                    sent += 1
        return time.monotonic() - began, keys


# ---------------------------------------------------------------- RSA

def slice_of_service(service, first, domains):
    service.stream.begin(first)
    own, database, (search, cast) = service.processor(), service.database(), service.stream.spent()
    wall, keys = service.generate(domains, "rsa-sha256", 128)
    time.sleep(0.05)  # the last process is waited for
    after = service.stream.spent()
    search, cast = (after[0] - search) / 1e9, (after[1] - cast) / 1e9
    own = service.processor() - own
    return dict(wall=wall, cpu=own + cast, outside=own + cast - search, database=service.database() - database,
                keys=sorted(key[80:112] for key in keys))


def slice_of_raw(stream, method, first):
    stream.begin(first)
    out = subprocess.run([RAW, method, str(KEYS), str(CORES)], stdout=subprocess.PIPE, check=True,
                         env=dict(os.environ, KEYS_STREAM=stream.path)).stdout
    result = json.loads(out)
    result["keys"].sort()
    return result


def slice_of_loop(make):
    """As many programs at a time as there are cores, each makes a key and ends."""
    began, cpu, running, left = time.monotonic(), os.times(), [], max(KEYS // 2, CORES)
    with tempfile.TemporaryDirectory() as folder:
        n = left
        while left > 0 or running:
            while left > 0 and len(running) < CORES:
                running.append(subprocess.Popen(make(folder, left), stdout=subprocess.DEVNULL))
                left -= 1
            pid, _ = os.wait()
            running = [child for child in running if child.pid != pid]
        after = os.times()
    return dict(wall=(time.monotonic() - began) * KEYS / n,
                cpu=(after[2] + after[3] - cpu[2] - cpu[3]) * KEYS / n)


def ratio(pairs):
    """Geometric mean and its 95 % interval."""
    logs = [math.log(a / b) for a, b in pairs]
    middle = statistics.mean(logs)
    wide = 1.96 * statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else 0
    return f"{math.exp(middle):.3f}", f"({math.exp(middle - wide):.3f} to {math.exp(middle + wide):.3f})"


def measure_rsa(stream, domains):
    service = Service(stream, "--pool", "0")
    loops = {"opendkim-genkey": lambda folder, i: ["opendkim-genkey", "-b", "2048", "-D", folder, "-s", f"s{i}", "-d", "a.example"],
             "rspamadm dkim_keygen": lambda folder, i: ["rspamadm", "dkim_keygen", "-b", "2048", "-s", f"s{i}", "-d", "a.example"]}
    loops = {name: make for name, make in loops.items() if shutil.which(name.split()[0])}
    ways = ["raw", "service", "bn", "classic", *loops]
    slices = {way: [] for way in ways}
    for turn in range(ROUNDS * 2):
        for way in (ways, ways[::-1])[turn % 2]:
            first = 1 + turn * KEYS
            if way == "service":
                take, domains = domains[:KEYS], domains[KEYS:]
                slices[way].append(slice_of_service(service, first, take))
            elif way in loops:
                slices[way].append(slice_of_loop(loops[way]))
            else:
                slices[way].append(slice_of_raw(stream, "evp" if way == "raw" else way, first))
    service.close()
    count = KEYS * ROUNDS * 2
    raw, ours = slices["raw"], slices["service"]
    same = all(a["keys"] == b["keys"] for a, b in zip(raw, ours))
    print(f"RSA-2048, {CORES} processes, {count} keys of each way in {ROUNDS * 2} slices"
          f"{'; both searched the same primes' if same else '; THE PRIMES DIFFER'}")
    rate = lambda way: f"{count / sum(s['wall'] for s in slices[way]):.2f}/s"
    cpu = lambda way: f"{1000 * sum(s['cpu'] for s in slices[way]) / count:.1f} ms of processor time a key"
    say("EVP_RSA_gen alone", rate("raw"), cpu("raw"))
    say("the service: made, sealed, stored, answered", rate("service"), cpu("service"))
    wall, wide = ratio([(a["wall"], b["wall"]) for a, b in zip(raw, ours)])
    say("  ratio of the speeds (aim: 0.95 or more)", wall, wide)
    share, wide = ratio([(a["cpu"], b["cpu"]) for a, b in zip(raw, ours)])
    say("  ratio of the processor times", share, wide)
    say("  processor time outside the search (aim: at most 1 ms)",
        f"{1000 * sum(s['outside'] for s in ours) / count:.2f} ms/key",
        f"PostgreSQL beside it {1000 * sum(s['database'] for s in ours) / count:.2f} ms")
    for way, text in (("bn", "--keygen bn, all its checks (aim: 2.3 times EVP_RSA_gen)"),
                      ("classic", "BN_generate_prime_ex, the same checks"),
                      *((name, f"{name} in a loop") for name in loops)):
        say(text, rate(way), cpu(way))
        total = lambda what: sum(s[what] for s in raw) / sum(s[what] for s in slices[way])
        say("  times EVP_RSA_gen", f"{total('wall'):.2f}", f"of processor time {total('cpu'):.2f}")
    for name in loops:
        say(f"  the service against {name}", f"{sum(s['wall'] for s in slices[name]) / sum(s['wall'] for s in ours):.2f}")


# ---------------------------------------------------------------- without primes

def fill_pool():
    out = subprocess.run([*AS_KEYD, RAW, "pool", f"{STATE}/keys/master.key", sql("SELECT uuid FROM provider")[0], str(2 * POOL + 2)],
                         stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    name, master, version, sealed = out[0].split("\t")
    kek = sql("INSERT INTO kek (provider_id, uuid, version, kind, mk_uuid, mk_version, sealed) VALUES "
              f"({PROVIDER}, '{name}', 1, 'pool', '{master}', {version}, '\\x{sealed}') RETURNING id")[0]
    with open(f"{HOUSE}/pool", "w", encoding="ascii") as rows:
        for line in out[1:]:
            key, public, sealed = line.split("\t")
            rows.write(f"{PROVIDER}\t{key}\trsa-sha256\t2048\t\\\\x{public}\t{kek}\t\\\\x{sealed}\n")
    sql(f"\\copy pool_key (provider_id, uuid, algorithm, bits, public_key, kek_id, sealed) FROM '{HOUSE}/pool'", "ANALYZE")


def measure_quick(stream, what, domains, algorithm, at_once, aim, *options):
    """None of these waits for a prime."""
    service = Service(stream, *options)
    service.generate(domains[:1], algorithm, 1)  # the first meets an empty cache
    own, database, (_, cast) = service.processor(), service.database(), stream.spent()
    wall, keys = service.generate(domains[1:], algorithm, at_once)
    time.sleep(0.05)
    cast = (stream.spent()[1] - cast) / 1e9
    count = len(keys)
    say(f"{what}{aim}", f"{count / wall:,.0f}/s",
        f"service {1000 * (service.processor() - own + cast) / count:.2f} ms, "
        f"PostgreSQL {1000 * (service.database() - database) / count:.2f} ms of processor time each")
    service.close()


def measure_floor(count):
    """What nobody can be faster than: a row of one number, durable, in a transaction of its own, one after the other."""
    sql("CREATE TABLE bench_floor (n int)")
    began = time.monotonic()
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", f"{STATE}/run/db", "-U", "senderctl_admin", "senderctl"],
                   input=b"INSERT INTO senderctl.bench_floor VALUES (1);\n" * count, check=True)
    say(f"the bare commit of a row, {count} one by one", f"{count / (time.monotonic() - began):,.0f}/s")


def measure_pool(stream, domains):
    fill_pool()
    middle = POOL + 1
    measure_quick(stream, f"from the pool, {POOL} RSA-2048 keys one by one", domains[:middle], "rsa-sha256", 1,
                  " (aim: 1,000/s)", "--pool", "1")
    measure_floor(POOL)
    keyd = sql("SELECT role('keyd')")[0]
    sql(f"ALTER ROLE {keyd} SET synchronous_commit = off")
    measure_quick(stream, "  the same without waiting for the disk", domains[middle:], "rsa-sha256", 1, "", "--pool", "1")
    sql(f"ALTER ROLE {keyd} RESET synchronous_commit")


def register(count):
    """A provider with so many domains."""
    subprocess.run(["senderctl", "provider", "add", "lms", "--title", "lms", "--hosting-domain", "lms.vendor.example",
                    "--default-sender", "no@lms.vendor.example", "--spf-host", "_spf.lms.vendor.example"],
                   stdout=subprocess.DEVNULL, check=True)
    path = f"{HOUSE}/clients.csv"
    with open(path, "w", encoding="ascii") as out:
        out.write("client,title,sender,mode,site,display_name,logins\n")
        for i in range(count):
            out.write(f"c{i // 20:06d},Client {i // 20},info@d{i}.example,relayed,https://learn.c{i // 20}.example/,,app-{i // 20}\n")
    subprocess.run(["senderctl", "import", path, "--provider", "lms", "--quiet"], check=True)
    sql("VACUUM ANALYZE")
    return (int(sql("SELECT provider_id FROM provider")[0]),
            [int(d) for d in sql("SELECT id FROM domain WHERE mode = 'relayed' ORDER BY id")])


def main():
    global PROVIDER
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    rsa = KEYS * ROUNDS * 2
    PROVIDER, domains = register(rsa + 2 * POOL + ED25519 + 4)
    stream = Stream()
    if rsa > 0:
        measure_rsa(stream, domains[:rsa])
    if ED25519 > 0:
        measure_quick(stream, f"{ED25519} Ed25519 keys, 64 asked for at a time", domains[rsa:rsa + ED25519 + 1],
                      "ed25519-sha256", 64, "", "--pool", "0")
    if POOL > 0:
        measure_pool(stream, domains[rsa + ED25519 + 1:rsa + ED25519 + 1 + 2 * POOL + 2])
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)


main()
