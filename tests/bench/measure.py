"""What make bench measures; bench.sh gives it a house.

Every ratio compares two ways in one run, taking turns; a figure is the median
of its rounds.  The yardstick of the import is COPY, as a superuser and without
row-level security, of the very rows that the import leaves, into the same
tables with the same constraints.
"""
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time

HOUSE = sys.argv[1]
CLIENTS = int(os.environ.get("BENCH_CLIENTS", "2000"))
SENDERS = int(os.environ.get("BENCH_SENDERS", "10"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
STATE = os.environ["SENDERCTL_STATE"]
SOURCES = os.environ["top_srcdir"]


def timed(*command, stdin=None):
    """Seconds of wall time, seconds of its own CPU, its peak memory in MB, its output."""
    begin = time.monotonic()
    child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE)
    output = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    took = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    # senderctl ends with 1 when something is missing, as it is here
    if child.returncode not in ((0, 1) if command[0] == "senderctl" else (0,)):
        sys.exit(f"bench: {' '.join(command)} ended with {child.returncode}")
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def psql(*words, user="senderctl_admin"):
    return ("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", f"{STATE}/run/db", "-U", user,
            "senderctl", "-c", "SET search_path = senderctl") + words


def middle(values):
    return statistics.median(values)


def say(what, figure, against=""):
    print(f"{what:<58} {figure:>12}  {against}", flush=True)


# ---------------------------------------------------------------- import

def write_csv(path):
    with open(path, "w", encoding="ascii") as out:
        out.write("client,title,sender,mode,site,display_name,logins\n")
        for c in range(CLIENTS):
            name = f"c{c:06d}"
            out.write(f"{name},Client {c} Ltd,,,https://learn.{name}.example/,,app-{name}\n")
            for s in range(SENDERS):
                out.write(f"{name},,s{s:02d}@{name}.example,relayed,https://learn.{name}.example/,"
                          f"Sender {s} of client {c},\n")


TABLES = {
    "client": "provider_id, id, name, title",
    "site": "provider_id, id, client_id, host, url",
    "login": "provider_id, id, client_id, name",
    "domain": "provider_id, id, name, client_id, mode",
    "domain_client": "provider_id, domain, client_id",
    "sender": "provider_id, id, client_id, address, site_id, display_name",
}


def write_tables(provider, folder):
    """The rows that the import makes, as COPY reads them; ids of their own range."""
    base = 10**12 * provider
    with open(f"{folder}/client", "w") as client, open(f"{folder}/site", "w") as site, \
            open(f"{folder}/login", "w") as login, open(f"{folder}/domain", "w") as domain, \
            open(f"{folder}/domain_client", "w") as owner, open(f"{folder}/sender", "w") as sender:
        for c in range(CLIENTS):
            name, of = f"c{c:06d}", base + c
            client.write(f"{provider}\t{of}\t{name}\tClient {c} Ltd\n")
            site.write(f"{provider}\t{of}\t{of}\tlearn.{name}.example\thttps://learn.{name}.example/\n")
            login.write(f"{provider}\t{of}\t{of}\tapp-{name}\n")
            domain.write(f"{provider}\t{of}\t{name}.example\t{of}\trelayed\n")
            owner.write(f"{provider}\t{name}.example\t{of}\n")
            for s in range(SENDERS):
                sender.write(f"{provider}\t{base + c * SENDERS + s}\t{of}\ts{s:02d}@{name}.example\t{of}\t"
                             f"Sender {s} of client {c}\n")


def add_provider(name):
    path = f"{HOUSE}/{name}.json"
    with open(path, "w") as out:
        json.dump({"providers": [{
            "name": name, "title": name, "hosting_domain": f"{name}.vendor.example",
            "default_sender": f"noreply@{name}.vendor.example", "spf_host": f"_spf.{name}.vendor.example",
            "relays": [{"name": f"mx-{name}", "helo": f"mx.{name}.vendor.example", "addresses": ["192.0.2.1"]}]}]}, out)
    timed("senderctl", "import", path, "--quiet")
    return int(timed(*psql("-c", f"SELECT provider_id FROM provider WHERE name = '{name}'"))[3])


def measure_import():
    path = f"{HOUSE}/clients.csv"
    write_csv(path)
    size = os.path.getsize(path) / 1e6
    ours, theirs, memory, again = [], [], [], []
    for turn in range(ROUNDS):
        add_provider(f"p{turn}")
        took, _, rss, _ = timed("senderctl", "import", path, "--provider", f"p{turn}", "--quiet")
        ours.append(took)
        memory.append(rss)
        folder = f"{HOUSE}/copy{turn}"
        os.mkdir(folder)
        write_tables(add_provider(f"q{turn}"), folder)
        words = ["-c", "BEGIN"]
        for table, columns in TABLES.items():
            words += ["-c", f"\\copy {table} ({columns}) FROM '{folder}/{table}'"]
        theirs.append(timed(*psql(*words, "-c", "COMMIT"))[0])
        again.append(timed("senderctl", "import", path, "--provider", f"p{turn}", "--quiet")[0])
        for table in TABLES:
            os.unlink(f"{folder}/{table}")
    rows = CLIENTS * SENDERS
    say(f"import: {CLIENTS} clients, {rows} senders, {size:.0f} MB of CSV", f"{middle(ours):.2f} s",
        f"{rows / middle(ours):,.0f} senders/s, {max(memory):.0f} MB")
    say("  bare COPY of the same rows, same constraints", f"{middle(theirs):.2f} s",
        f"{rows / middle(theirs):,.0f} senders/s")
    say("  ratio of the speeds (aim: 0.5 or more)", f"{middle(theirs) / middle(ours):.2f}",
        "rounds " + " ".join(f"{b / a:.2f}" for a, b in zip(ours, theirs)))
    say("  the same file again, which changes nothing", f"{middle(again):.2f} s")


# ---------------------------------------------------------------- export

def statement(name, *values):
    lines = [line.split("--")[0] for line in open(f"{SOURCES}/sql/query/{name}.sql", encoding="utf-8")]
    text = " ".join("".join(lines).split()).rstrip(";")
    for number, value in enumerate(values, 1):
        text = text.replace(f"${number}", value)
    return text


def measure_export():
    timed(*psql("-c", "ANALYZE"))
    provider = timed(*psql("-c", "SELECT provider_id FROM provider WHERE name = 'p0'"))[3].strip()
    user = subprocess.run(("id", "-un"), stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    # the rows that the tables are made of: sender_login, and OpenDKIM's
    words = []
    for name in ("export_senders", "export_envelopes", "export_logins"):
        words += ["-c", f"\\copy ({statement(name, provider, 'true')}) TO '{HOUSE}/{name}.tsv'"]
    ours, theirs, memory, count = [], [], [], 0
    for _ in range(max(ROUNDS, 3)):
        took, _, rss, output = timed("senderctl", "export", "p0/mx-p0", "--include-unverified", "--json")
        count = json.loads(output)["senders"]
        ours.append(took)
        memory.append(rss)
        theirs.append(timed(*psql(*words, user=user))[0])
    say(f"export: {count} senders to Postfix and OpenDKIM tables", f"{middle(ours):.2f} s",
        f"{count / middle(ours):,.0f} senders/s, {max(memory):.0f} MB (aim: below 64)")
    say("  psql \\copy of the rows of these tables", f"{middle(theirs):.2f} s",
        f"{count / middle(theirs):,.0f} senders/s")
    say("  ratio of the times (aim: 1.3 or less)", f"{middle(ours) / middle(theirs):.2f}",
        "rounds " + " ".join(f"{a / b:.2f}" for a, b in zip(ours, theirs)))


# ---------------------------------------------------------------- one command, and up

def measure_commands():
    for words in (("version",), ("db", "status"), ("record", "list", "p0/c000001"), ("status", "p0/c000001")):
        try:
            took = [timed("senderctl", *words)[0] for _ in range(15)]
        except SystemExit:
            continue
        say(f"senderctl {' '.join(words)} (aim: below 50 ms)", f"{middle(took) * 1000:.0f} ms",
            f"fastest {min(took) * 1000:.0f} ms")


def measure_up():
    took, again, down = [], [], []
    for turn in range(max(ROUNDS, 3)):
        os.environ["SENDERCTL_STATE"] = f"{HOUSE}/up{turn}"
        took.append(timed("senderctl", "up", "--quiet")[0])
        again.append(timed("senderctl", "up", "--quiet")[0])
        down.append(timed("senderctl", "down", "--quiet")[0])
    os.environ["SENDERCTL_STATE"] = STATE
    say("up: from nothing to usable", f"{middle(took):.2f} s", f"fastest {min(took):.2f} s")
    say("up, when everything runs", f"{middle(again) * 1000:.0f} ms")
    say("down", f"{middle(down) * 1000:.0f} ms")


def main():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    version = timed(*psql("-c", "SHOW server_version"))[3].split()[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"machine: {os.cpu_count()} x {model}, {memory:.0f} GB; {platform.system()} {platform.release()}; "
          f"PostgreSQL {version}, durable, default settings; load {os.getloadavg()[0]:.1f}")
    measure_up()
    measure_import()
    measure_export()
    measure_commands()
    print(f"own peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


main()
