"""A web server that answers every request in one way.

    website.py PORTFILE CERT KEY MODE [LOCATION]      CERT "-": without encryption

Modes: a status ("200", "302", "404", "503", ...; with LOCATION it is sent), or silent, ssh (another
protocol), endless (headers without end), hangup.
"""
import os
import socket
import ssl
import sys
import threading


def answer(connection, context, mode, location):
    connection.settimeout(40)
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        request = b''
        while mode != 'ssh' and b'\r\n\r\n' not in request:
            request += connection.recv(4096) or sys.exit()
            if request.startswith(b'\x16'):
                connection.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
                return
        if mode == 'silent':
            connection.recv(1)
        elif mode == 'ssh':
            connection.sendall(b'SSH-2.0-OpenSSH_9.2\r\n')
        elif mode == 'endless':
            connection.sendall(b'HTTP/1.1 302 Found\r\n')
            while True:
                connection.sendall(b'X-Header: ' + b'x' * 1000 + b'\r\n')
        elif mode != 'hangup':
            more = b'Location: %s\r\n' % location.encode() if location else b''
            connection.sendall(b'HTTP/1.1 %s Words\r\nServer: test\r\n%s\r\nbody' % (mode.encode(), more))
    except (OSError, ssl.SSLError):
        pass
    finally:
        connection.close()


def main(port_file, certificate, key, mode, location=''):
    context = None
    if certificate != '-':
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    listener = socket.create_server(('127.0.0.1', 0), backlog=256)
    with open(port_file + '.new', 'w', encoding='utf-8') as file:
        file.write('%d\n' % listener.getsockname()[1])
    os.replace(port_file + '.new', port_file)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection, context, mode, location), daemon=True).start()


if __name__ == '__main__':
    main(*sys.argv[1:])
