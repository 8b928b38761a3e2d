"""desk -- the program as a person uses it: commands in, answers and exit statuses out."""

import json
import os
import subprocess
import time

import tap


class Desk:
    def __init__(self, world, build):
        self.world, self.program = world, os.path.join(build, "senderctl")
        self.conf = world.path("senderctl.conf")
        self.temporary = world.path("tmp")
        os.makedirs(self.temporary, exist_ok=True)
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": world.base,
                            "TMPDIR": self.temporary,
                            "SENDERCTL_STATE": world.path("state"), "SENDERCTL_CONFIG": self.conf}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def run(self, *words, conf=None, text=None):
        """Run a command; (status, stdout, stderr)."""
        environment = dict(self.environment, **({"SENDERCTL_CONFIG": conf} if conf else {}))
        begun = time.monotonic()
        done = subprocess.run([self.program, *words], input=text, capture_output=True, text=True, env=environment)
        with open(self.world.path("log", "commands"), "a") as log:
            log.write(f"$ senderctl {' '.join(words)}\n{done.stdout}{done.stderr}"
                      f"= {done.returncode} after {time.monotonic() - begun:.1f} s\n")
        return done.returncode, done.stdout, done.stderr

    def do(self, *words, status=0, conf=None, text=None):
        """A command that must end with this status, as a thought of the test; its standard output."""
        got, out, complaint = self.run(*words, conf=conf, text=text)
        tap.ok(got == status, "senderctl " + " ".join(words) + (f" ends with {status}" if status else ""),
               f"status {got}\n{out}{complaint}")
        return out

    def ask(self, *words, status=(0,), conf=None):
        """A command's JSON answer; any of these statuses will do."""
        got, out, complaint = self.run("--json", *words, conf=conf)
        if got not in status:
            tap.ok(False, "senderctl --json " + " ".join(words), f"status {got}\n{out}{complaint}")
        return json.loads(out)
