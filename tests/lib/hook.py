"""hook -- a webhook's receiver: keeps what it was sent, and judges the signature.

    hook.py FOLDER [CERT KEY]     serves, by HTTPS; FOLDER/port, and FOLDER/1.json, 2.json, ... appear
    hook.py --verify FOLDER KEY   says for each notice: "good ID CHANGE DOMAIN", or what is wrong

A file FOLDER/status with a number in it is what is answered instead of 204.
"""
import base64
import http.server
import json
import os
import re
import ssl
import sys

DOMAIN = b"senderctl/notice/v1\n"


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 204
        if os.path.exists(os.path.join(self.server.folder, "status")):
            with open(os.path.join(self.server.folder, "status"), encoding="ascii") as file:
                status = int(file.read())
        if status == 204:
            self.server.count += 1
            path = os.path.join(self.server.folder, "%d.json" % self.server.count)
            with open(path + ".new", "w", encoding="utf-8") as file:
                json.dump({"signature": self.headers["Senderctl-Signature"],
                           "type": self.headers["Content-Type"],
                           "body": base64.b64encode(body).decode()}, file)
            os.replace(path + ".new", path)
        self.send_response(status)
        if status in (301, 302, 307):
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


def serve(folder, certificate=None, key=None):
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.folder, server.count = folder, 0
    with open(os.path.join(folder, "port.new"), "w", encoding="ascii") as file:
        file.write(str(server.server_port))
    os.replace(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
    server.serve_forever()


def public_half(text):
    """"sks1:" and the 32 octets of an Ed25519 key, in base64."""
    return base64.b64decode(text.split(":")[1])


def verify(folder, key):
    from nacl.signing import VerifyKey
    for name in sorted((n for n in os.listdir(folder) if re.fullmatch(r"\d+\.json", n)),
                       key=lambda n: int(n.split(".")[0])):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            one = json.load(file)
        said = re.fullmatch(r"ed25519=(\S+); key=(\S+)", one["signature"])
        body = base64.b64decode(one["body"])
        try:
            assert said.group(2) == key, "another key"
            assert one["type"] == "application/json", one["type"]
            VerifyKey(public_half(key)).verify(DOMAIN + body, base64.b64decode(said.group(1)))
            notice = json.loads(body)
            print("good", notice["id"], notice["change"], notice["domain"])
        except Exception as why:            # whatever is wrong, it is told
            print("bad", name, repr(why))


if __name__ == "__main__":
    if sys.argv[1] == "--verify":
        verify(*sys.argv[2:])
    else:
        serve(*sys.argv[1:])
