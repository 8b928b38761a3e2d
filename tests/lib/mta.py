"""mta -- real mail servers in private folders: Postfix with its tables, OpenDKIM, a customer's own server."""

import os
import signal
import smtplib
import ssl
import subprocess

from world import run, wait_for

MASTER = """{services}
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""

MAIN = """compatibility_level = 3.6
config_directory = {conf}
queue_directory = {queue}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
multi_instance_name =
maillog_file = {log}
maillog_file_prefixes = {base}
myhostname = {name}
mydestination =
local_recipient_maps =
local_transport = error:no local mail
mynetworks =
inet_interfaces = {address}
inet_protocols = ipv4
smtp_bind_address = {address}
smtp_helo_name = {name}
append_dot_mydomain = no
alias_maps =
alias_database =
biff = no
default_database_type = cdb
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
smtp_tls_loglevel = 1
smtpd_tls_received_header = yes
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_authenticated_header = yes
smtpd_sasl_local_domain =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
minimal_backoff_time = 2s
maximal_backoff_time = 3s
queue_run_delay = 2s
"""

SASL = """pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {db}
mech_list: PLAIN LOGIN
"""


BOOKS = """[ca]
default_ca = c
[c]
database = {books}.index
new_certs_dir = {place}
default_md = sha256
policy = p
rand_serial = yes
[p]
commonName = supplied
[x]
{extra}"""


class Authority:
    """A certificate authority of the test; with a host, a certificate of that host which is signed by itself."""

    def __init__(self, world, name, host=None):
        self.world, self.name, self.issued = world, name, 0
        self.key, self.cert = world.path("ca", name + ".key"), world.path("ca", name + ".pem")
        world.folder("ca")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", self.key, "-out", self.cert, "-days", "30", "-subj", f"/CN={host or name + ' test authority'}",
            *(["-addext", f"subjectAltName=DNS:{host}"] if host else []))

    def files(self):
        return self.key, self.cert

    def issue(self, host, days=30, between=None, usage=None):
        """A key and a certificate for the host, from now on, or between two moments."""
        self.issued += 1
        name = f"{self.name}-{self.issued}-{host}"
        key, cert, request = (self.world.path("ca", name + ending) for ending in (".key", ".pem", ".csr"))
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key, "-out", request, "-subj", f"/CN={host}")
        extra = f"subjectAltName=DNS:{host}\n" + (f"extendedKeyUsage={usage}\n" if usage else "")
        if not between:
            run("openssl", "x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self.key, "-CAcreateserial",
                "-days", str(days), "-extfile", self.world.write(f"ca/{name}.ext", extra), "-out", cert)
            return key, cert
        books = self.world.path("ca", name)
        self.world.write(books + ".index", "")
        conf = self.world.write(books + ".conf", BOOKS.format(books=books, place=self.world.path("ca"), extra=extra))
        run("openssl", "ca", "-batch", "-notext", "-config", conf, "-extensions", "x", "-cert", self.cert, "-keyfile", self.key,
            "-startdate", between[0], "-enddate", between[1], "-in", request, "-out", cert)
        return key, cert


class Postfix:
    """One Postfix with submission on port 587 of its own address."""

    def __init__(self, world, name, address, authority, users):
        self.world, self.name, self.address = world, name, address
        self.ca = authority.cert
        key, cert = authority.issue(name)
        place = "postfix-" + name
        self.conf = world.folder(place, "etc")
        world.folder(place, "queue")
        world.folder(place, "data", owner="postfix")
        self.log = world.path("log", place)
        self.main = MAIN.format(conf=self.conf, queue=world.path(place, "queue"), data=world.path(place, "data"),
                                base=world.base, log=self.log, name=name, address=address, cert=cert, key=key)
        self.master = MASTER.format(services=f"{address}:587 inet n - n - - smtpd")
        database = world.path(place, "sasldb2")
        for user, password in users.items():
            run("saslpasswd2", "-p", "-c", "-f", database, "-u", name, user, text=password)
        os.chmod(database, 0o644)
        world.write(f"{place}/etc/sasl/smtpd.conf", SASL.format(db=database))
        self.write()

    def write(self, main="", master=""):
        """The configuration, with more lines at the end of both files."""
        self.world.write(os.path.join(self.conf, "main.cf"), self.main + main)
        self.world.write(os.path.join(self.conf, "master.cf"), self.master + master)

    def start(self):
        run("postfix", "-c", self.conf, "check")
        self.world.spawn("postfix-" + self.name, "/usr/lib/postfix/sbin/master", "-c", self.conf, "-d",
                         env={"MAIL_CONFIG": self.conf, "MAIL_LOGTAG": "postfix", "PATH": os.environ["PATH"]})
        wait_for(self.name, self.answers)

    def answers(self):
        try:
            smtplib.SMTP(self.address, 587, timeout=2).quit()
            return True
        except OSError:
            return False

    def stop(self):
        self.world.stop("postfix-" + self.name)

    def reload(self):
        run("postfix", "-c", self.conf, "reload")

    def queue(self):
        return run("postqueue", "-c", self.conf, "-j").stdout.splitlines()

    def log_text(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def submit(self, login, password, sender, token, header_from=None, to="reader@receiver.example", extra=""):
        """Send one mail as a client's application would; the refusal as (code, text), or None."""
        context = ssl.create_default_context(cafile=self.ca)
        context.check_hostname = False
        text = (f"From: {header_from or sender}\r\nTo: {to}\r\nSubject: {token}\r\n"
                f"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{token}@test.example>\r\n{extra}\r\n"
                f"Dear reader, this is {token}.\r\n")
        try:
            with smtplib.SMTP(self.address, 587, local_hostname="app.example", timeout=60) as client:
                client.starttls(context=context)
                if login:
                    client.login(login, password)
                client.sendmail(sender, [to], text)
        except smtplib.SMTPResponseException as refusal:
            return refusal.smtp_code, refusal.smtp_error.decode(errors="replace")
        except smtplib.SMTPRecipientsRefused as refusal:
            return next(iter(refusal.recipients.values()))[0], str(refusal)
        return None


class OpenDKIM:
    def __init__(self, world, name, conf, socket):
        self.world, self.name, self.conf, self.socket = world, "opendkim-" + name, conf, socket
        self.pid_file = os.path.join(world.folder("run-" + self.name, owner="opendkim"), "pid")

    def start(self):
        # The test has two relays on one machine, so the sockets are named here and not in the file.
        self.world.spawn(self.name, "opendkim", "-f", "-l", "-x", self.conf, "-p", self.socket, "-P", self.pid_file)
        wait_for(self.name, lambda: os.path.exists(self.pid_file) and self.listens())

    def listens(self):
        _, port, address = self.socket.replace("@", ":").split(":")
        found = subprocess.run(["ss", "-Hltn", f"src {address}:{port}"], capture_output=True, text=True)
        return found.stdout.strip()

    def reload(self):
        os.kill(self.world.children[self.name].pid, signal.SIGUSR1)

    def stop(self):
        self.world.stop(self.name)
