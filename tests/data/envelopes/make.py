#!/usr/bin/python3
"""A second implementation of the SKE envelope (keys/envelope.h), to write the
corpus beside it: good.tab (must open) and bad.tab (must not).

Columns: name, key, kek id, kek version, kind, context, plain, sealed; bytes in
hex.  All keys are made of a word; nothing here was ever secret.  Run it again
with --check to compare with what is committed.
"""
import hashlib
import os
import struct
import sys

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

HERE = os.path.dirname(os.path.abspath(__file__))


def word(text, size):
    return hashlib.shake_256(b"senderctl test " + text.encode()).digest(size)


def tlv(*fields):
    return b"".join(struct.pack(">BI", tag, len(value)) + value for tag, value in fields)


def header(kek_id, version, kind, nonce, magic=b"SKE\x01", suite=1, zero=b"\0\0"):
    return magic + bytes([suite, kind]) + zero + kek_id + struct.pack(">I", version) + nonce


def seal(key, kek_id, version, kind, context, plain, nonce, **odd):
    front = header(kek_id, version, kind, nonce, **odd)
    okm = hashlib.blake2b(b"senderctl/ske/v1" + front + context, key=key, digest_size=64).digest()
    front += okm[32:]
    return front + encrypt(plain, front, nonce, okm[:32])


def dkim(domain="acme.example", selector="s202611a", provider="p", client="c", alg=1, uuid="k", ver=1, spki="spki"):
    return tlv((1, word(provider, 16)), (2, word(client, 16)), (3, domain.encode()), (4, selector.encode()),
               (5, bytes([alg])), (6, word(uuid, 16)), (7, struct.pack(">I", ver)), (8, word(spki, 32)))


def rows():
    key, kek, nonce = word("kek", 32), word("kek id", 16), word("nonce", 24)
    plain = word("plain", 1218)
    ctx = dkim()
    base = seal(key, kek, 1, 1, ctx, plain, nonce)
    good, bad = [], []

    def add(where, name, sealed, key=key, kek=kek, ver=1, kind=1, ctx=ctx, plain=plain):
        where.append("\t".join([name, key.hex(), kek.hex(), str(ver), str(kind), ctx.hex(), plain.hex(), sealed.hex()]))

    add(good, "dkim", base)
    add(good, "empty", seal(key, kek, 1, 1, ctx, b"", nonce), plain=b"")
    add(good, "one byte", seal(key, kek, 1, 1, ctx, b"x", nonce), plain=b"x")
    add(good, "no context", seal(key, kek, 1, 1, b"", plain, nonce), ctx=b"")
    for kind in (2, 3, 4, 5):
        add(good, f"kind {kind}", seal(key, kek, 1, kind, ctx, plain[:40], nonce), kind=kind, plain=plain[:40])
    add(good, "last version", seal(key, kek, 0xffffffff, 1, ctx, plain[:40], nonce), ver=0xffffffff, plain=plain[:40])

    add(bad, "another key", base, key=word("other", 32))
    add(bad, "another kek id in the row", base, kek=word("other", 16))
    add(bad, "another version in the row", base, ver=2)
    add(bad, "another kind in the row", base, kind=3)
    for name, odd in [("provider", dict(provider="q")), ("client", dict(client="d")), ("domain", dict(domain="acme.test")),
                      ("selector", dict(selector="s202611b")), ("algorithm", dict(alg=2)), ("uuid", dict(uuid="l")),
                      ("key version", dict(ver=2)), ("public half", dict(spki="other"))]:
        add(bad, f"another {name}", base, ctx=dkim(**odd))
    # the same letters, cut elsewhere: only the lengths keep them apart
    add(bad, "border of domain and selector",
        seal(key, kek, 1, 1, dkim(domain="acme.com", selector="s2026a"), plain, nonce),
        ctx=dkim(domain="acme.coms", selector="2026a"))
    add(bad, "context cut", base, ctx=ctx[:-1])
    add(bad, "context longer", base, ctx=ctx + b"\0")
    for name, odd in [("format 2", dict(magic=b"SKE\x02")), ("another magic", dict(magic=b"SKF\x01")),
                      ("suite 0", dict(suite=0)), ("suite 2", dict(suite=2)), ("reserved 1", dict(zero=b"\1\0")),
                      ("reserved 2", dict(zero=b"\0\1"))]:
        add(bad, f"{name}, well sealed", seal(key, kek, 1, 1, ctx, plain, nonce, **odd))
    add(bad, "commitment of another context", base[:52] + seal(key, kek, 1, 1, dkim(alg=2), plain, nonce)[52:84] + base[84:])
    add(bad, "body of another envelope", base[:84] + seal(key, kek, 1, 1, ctx, word("x", 1218), word("n", 24))[84:])
    add(bad, "nonce of another envelope", base[:28] + word("n", 24) + base[52:])
    add(bad, "tail doubled", base + base[-16:])
    for size in (0, 3, 4, 52, 84, 99, 100, len(base) - 1):
        add(bad, f"cut to {size}", base[:size])
    return {"good.tab": good, "bad.tab": bad}


def main():
    different = False
    for name, lines in rows().items():
        path = os.path.join(HERE, name)
        text = "\n".join(lines) + "\n"
        if "--check" in sys.argv:
            different |= open(path).read() != text
        else:
            open(path, "w").write(text)
    sys.exit("the committed corpus is not what this program writes" if different else 0)


main()
