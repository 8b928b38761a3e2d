"""world -- a small internet of its own: a network and process namespace with hosts, names and files.

tests/daemon/inside.sh gives us the namespaces: nothing that starts here can reach the real network, port
53 and 25 are ours, the addresses are those reserved for examples, and everything ends with the script.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import tap


class World:
    def __init__(self):
        # OpenDKIM takes no key below a folder that others may write, such as /tmp: a /mnt of our own.
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt")
        self.base = "/mnt/test"
        os.mkdir(self.base, 0o755)
        self.children = {}
        run("ip", "link", "set", "lo", "up")
        os.makedirs(self.path("log"))
        self.take_syslog()

    def take_syslog(self):
        """A /dev of our own whose log socket ends in a file: OpenDKIM speaks to syslog only."""
        place = self.folder("dev")
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", place)
        for node in ("null", "zero", "full", "random", "urandom", "tty"):
            open(os.path.join(place, node), "w").close()
            run("mount", "--bind", "/dev/" + node, os.path.join(place, node))
        for link, to in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
                         ("stderr", "/proc/self/fd/2")):
            os.symlink(to, os.path.join(place, link))
        os.mkdir(os.path.join(place, "shm"), 0o1777)
        os.chmod(os.path.join(place, "shm"), 0o1777)
        run("mount", "--rbind", place, "/dev")
        self.syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.syslog.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        threading.Thread(target=self.keep_syslog, daemon=True).start()

    def keep_syslog(self):
        with open(self.path("log", "syslog"), "ab", buffering=0) as log:
            while True:
                log.write(self.syslog.recv(65536).rstrip(b"\0\n") + b"\n")

    def logs(self):
        """Everything that any server has logged so far."""
        text = ""
        for name in sorted(os.listdir(self.path("log"))):
            with open(self.path("log", name), errors="replace") as log:
                text += log.read()
        return text

    def path(self, *parts):
        return os.path.join(self.base, *parts)

    def folder(self, *parts, mode=0o755, owner=None):
        path = self.path(*parts)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        if owner:
            shutil.chown(path, owner, owner)
        return path

    def write(self, path, text, mode=0o644, owner=None):
        path = self.path(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)
        os.chmod(path, mode)
        if owner:
            shutil.chown(path, owner, owner)
        return path

    def host(self, *addresses):
        """Give this machine the addresses of one more host."""
        for address in addresses:
            run("ip", "addr", "add", address + ("/128" if ":" in address else "/32"), "dev", "lo")

    def spawn(self, name, *argv, **more):
        log = open(self.path("log", name), "ab")
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        self.children[name] = child
        return child

    def stop(self, name):
        child = self.children.pop(name, None)
        if child and child.poll() is None:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def end(self, keep=False):
        # The namespace ends with us, and whoever is left with it.
        for child in self.children.values():
            child.kill()
        if keep:
            run("umount", "-l", self.path("dev"), check=False)
            kept = tempfile.mkdtemp(prefix="senderctl-daemon.", dir="/tmp")
            run("cp", "-a", self.base, kept, check=False)
            return kept
        return None


def run(*argv, check=True, text=None, **more):
    """Run a program to its end; its output as text.  A failure carries both streams."""
    done = subprocess.run(argv, input=text, capture_output=True, text=True, **more)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def wait_for(what, holds, seconds=15.0, every=0.05):
    """Wait until holds() is true; its value."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds} s for {what}")
        time.sleep(every)


def play(story):
    """Tell a story in a fresh world; a world that went wrong, or SENDERCTL_KEEP, leaves its files behind."""
    world = World()
    keep = bool(os.environ.get("SENDERCTL_KEEP"))
    try:
        story(world)
    except Exception:
        keep = True
        raise
    finally:
        kept = world.end(keep)
        if kept:
            tap.note(f"kept {kept}")
