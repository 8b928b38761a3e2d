"""A customer's submission server that goes as far as a probe does: EHLO, TLS, AUTH on offer.

    submission.py PORTFILE CERT KEY [MODE]     MODE: good, old (TLS 1.1), plain (no STARTTLS),
                                               silent, noauth, implicit
"""
import os
import socket
import ssl
import sys
import threading


def serve(connection, mode, context):
    connection.settimeout(20)
    try:
        if mode == 'silent':
            connection.recv(1)
            return
        if mode == 'implicit':
            connection = context.wrap_socket(connection, server_side=True)
        lines = connection.makefile('rwb', buffering=0)
        lines.write(b'220 submission.acme.example ESMTP\r\n')
        secure = mode == 'implicit'
        while True:
            line = lines.readline()
            word = line.strip().upper()
            if not line or word == b'QUIT':
                return
            if word.startswith(b'EHLO'):
                answer = [b'submission.acme.example']
                if not secure and mode != 'plain':
                    answer.append(b'STARTTLS')
                if secure and mode != 'noauth':
                    answer.append(b'AUTH PLAIN LOGIN')
                for each in answer[:-1]:
                    lines.write(b'250-' + each + b'\r\n')
                lines.write(b'250 ' + answer[-1] + b'\r\n')
            elif word == b'STARTTLS':
                lines.write(b'220 go ahead\r\n')
                connection = context.wrap_socket(connection, server_side=True)
                lines = connection.makefile('rwb', buffering=0)
                secure = True
            else:
                lines.write(b'502 no\r\n')
    except (OSError, ssl.SSLError):
        pass
    finally:
        connection.close()


def main(port_file, certificate, key, mode='good'):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if mode == 'old':
        context.set_ciphers('ALL:@SECLEVEL=0')
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    listener = socket.create_server(('127.0.0.1', 0))
    with open(port_file + '.new', 'w', encoding='utf-8') as file:
        file.write('%d\n' % listener.getsockname()[1])
    os.replace(port_file + '.new', port_file)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, mode, context), daemon=True).start()


if __name__ == '__main__':
    main(*sys.argv[1:])
