"""What others take for a part of a check: one SPF evaluation, or one DKIM key."""
import shutil
import subprocess
import time

from check_zone import cpu_of_children, domain

ADDRESS = "192.0.2.25"
HELO = "mx1.bench.example"


def say(name, what, seconds, cpu, good, count):
    print(f"  {name} ({what}): {seconds / count * 1e3:.2f} ms, {cpu / count * 1e3:.2f} ms of CPU"
          + ("" if good == count else f"; only {good} of {count} are good"), flush=True)


def pyspf(port, count):
    try:
        import dns.resolver
        import spf
    except ImportError as error:
        print(f"  pyspf: skipped, {error}")
        return
    dns.resolver.default_resolver = dns.resolver.Resolver(configure=False)
    dns.resolver.default_resolver.nameservers = ["127.0.0.1"]
    dns.resolver.default_resolver.port = port
    began, used = time.perf_counter(), time.process_time()
    good = sum(spf.check2(ADDRESS, f"postmaster@{domain(n)}", HELO)[0] == "pass" for n in range(count))
    say("pyspf", "SPF, in process", time.perf_counter() - began, time.process_time() - used, good, count)


def program(name, what, command, is_good, count):
    """One process for each domain."""
    if not shutil.which(command(0)[0]):
        print(f"  {name}: skipped, it is not installed")
        return
    good, began, used = 0, time.perf_counter(), cpu_of_children()
    for n in range(count):
        run = subprocess.run(command(n), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, text=True)
        good += is_good(run)
    say(name, what, time.perf_counter() - began, cpu_of_children() - used, good, count)


def run(folder, port, count):
    pyspf(port, count)
    if port != 53:
        print("  opendkim-testkey, spfquery: skipped, they ask port 53 only and no network of our own is permitted")
        return
    # the configuration of the system has a trust anchor, and no root is here
    with open(f"{folder}/opendkim.conf", "w", encoding="ascii") as conf:
        conf.write("Nameservers 127.0.0.1\n")
    program("opendkim-testkey", "one DKIM key, a process each",
            lambda n: ["opendkim-testkey", "-x", f"{folder}/opendkim.conf", "-d", domain(n), "-s", "s1",
                       "-k", f"{folder}/key.pem"],
            lambda run: run.returncode == 0, count)
    program("spfquery of libspf2", "SPF, a process each",
            lambda n: ["spfquery.libspf2", "-ip", ADDRESS, "-sender", f"postmaster@{domain(n)}", "-helo", HELO],
            lambda run: run.stdout.startswith("pass"), count)
    program("spfquery of Mail::SPF", "SPF, a process each",
            lambda n: ["spfquery.mail-spf-perl", "--ip", ADDRESS, "--id", f"postmaster@{domain(n)}", "--helo-id", HELO],
            lambda run: run.stdout.startswith("pass"), min(count, 50))
