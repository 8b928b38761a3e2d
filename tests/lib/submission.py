"""A customer's submission server, good or bad in one way.

    submission.py PORTFILE CERT KEY [MODE [ADDRESS]]

It goes as far as a probe does, and takes a mail.  Every command it got is a line of PORTFILE.said
(what was sent as a password is not written down), every mail stands in PORTFILE.mail.  The one
right password is in $SUBMISSION_PASSWORD.  Modes, all of TLS 1.2 or better unless they say else:

    good implicit            STARTTLS, or TLS from the first octet
    old                      nothing better than TLS 1.1
    plain noauth             no STARTTLS; no AUTH
    mechanisms loginonly     AUTH by what we don't speak; by LOGIN alone
    silent trickle endless   says nothing; one octet at a time; lines without end
    hangup                   greets nobody, and ends the conversation
    http busy reject         another protocol; 421; 554
    early                    more behind the answer to STARTTLS
    nostart                  offers STARTTLS and refuses it
    denied away echo         530, 454, and a 535 that repeats what was sent
    refuse late grey         550 for press@..., the same at RCPT TO, 451 for every sender
    norcpt                   takes no recipient
"""
import base64
import os
import socket
import ssl
import sys
import threading
import time


class Talk:
    def __init__(self, connection, mode, context, place):
        self.connection, self.mode, self.context, self.place = connection, mode, context, place
        self.lines = None
        self.secure = False
        self.sender = ''

    def say(self, *lines):
        for line in lines:
            self.lines.write(line.encode() + b'\r\n')

    def note(self, text):
        with open(self.place + '.said', 'a', encoding='utf-8') as file:
            file.write(text + '\n')

    def hear(self):
        return self.lines.readline().rstrip(b'\r\n').decode(errors='replace')

    def encrypt(self):
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.lines = self.connection.makefile('rwb', buffering=0)
        self.secure = True

    def offer(self):
        answer = ['submission.acme.example']
        if not self.secure and self.mode != 'plain':
            answer.append('STARTTLS')
        if self.secure and self.mode != 'noauth':
            answer.append('AUTH ' + {'mechanisms': 'GSSAPI XOAUTH2', 'loginonly': 'LOGIN'}.get(self.mode, 'PLAIN LOGIN'))
        self.say(*('250-' + each for each in answer[:-1]), '250 ' + answer[-1])

    def authenticate(self, line):
        words = line.split(' ')
        if words[1] == 'PLAIN':
            sent = words[2]
            user, password = base64.b64decode(sent).decode().split('\0')[1:]
        else:
            self.say('334 VXNlcm5hbWU6')
            user = base64.b64decode(self.hear()).decode()
            self.say('334 UGFzc3dvcmQ6')
            sent = self.hear()
            password = base64.b64decode(sent).decode()
        self.note('AUTH %s %s' % (words[1], user))
        if self.mode == 'denied':
            self.say('530 5.7.0 from this network only')
        elif self.mode == 'away':
            self.say('454 4.7.0 the directory is away')
        elif self.mode == 'echo':
            self.say('535-5.7.8 you said ' + sent, '535 5.7.8 which is ' + password)
        elif user == 'vendor' and password == os.environ.get('SUBMISSION_PASSWORD'):
            self.say('235 2.7.0 welcome')
        else:
            self.say('535 5.7.8 wrong user or password')

    def take_mail(self):
        self.say('354 go ahead')
        text = []
        while (line := self.hear()) != '.':
            text.append(line)
        with open(self.place + '.mail', 'a', encoding='utf-8') as file:
            file.write('\n'.join(text) + '\n')
        self.say('250 2.0.0 taken')

    def obey(self, line):
        word = line.upper()
        if not word.startswith('AUTH'):
            self.note(line)
        if word.startswith('MAIL'):
            self.sender = word.partition('<')[2].rstrip('>')
        if word.startswith('EHLO'):
            self.offer()
        elif word == 'STARTTLS':
            if self.mode == 'nostart':
                self.say('501 5.5.1 not today')
                return
            self.lines.write(b'220 go ahead\r\n' + (b'250 injected\r\n' if self.mode == 'early' else b''))
            self.encrypt()
        elif word.startswith('AUTH '):
            self.authenticate(line)
        elif word.startswith('MAIL') and self.mode == 'grey':
            self.say('451 4.7.1 greylisted')
        elif word.startswith('MAIL') and self.mode == 'refuse' and 'PRESS@' in word:
            self.say('550-5.7.1 not yours', '550 5.7.1 ask the postmaster')
        elif word.startswith('RCPT') and self.mode == 'late' and self.sender == 'PRESS@ACME.EXAMPLE':
            self.say('553 5.7.1 <press@acme.example>: Sender address rejected: not owned by user vendor')
        elif word.startswith('RCPT') and self.mode == 'norcpt':
            self.say('550 5.1.1 nobody of that name')
        elif word.startswith(('MAIL', 'RCPT', 'RSET')):
            self.say('250 2.0.0 fine')
        elif word == 'DATA':
            self.take_mail()
        else:
            self.say('502 no')

    def run(self):
        self.connection.settimeout(40)
        if self.mode == 'silent':
            self.connection.recv(1)
            return
        if self.mode == 'hangup':
            return
        if self.mode == 'implicit':
            self.encrypt()
        else:
            self.lines = self.connection.makefile('rwb', buffering=0)
        if self.mode == 'endless':
            while True:
                self.say(*['220-' + 'x' * 1000] * 50)
        if self.mode == 'trickle':
            for octet in b'220 ' + b'x' * 1000:
                self.lines.write(bytes([octet]))
                time.sleep(0.5)
        greeting = {'http': 'HTTP/1.1 400 Bad Request', 'busy': '421 4.3.2 too many of you',
                    'reject': '554 5.7.1 \x1b[31mgo away\x07'}
        self.say(greeting.get(self.mode, '220 submission.acme.example ESMTP'))
        while (line := self.hear()) and line.upper() != 'QUIT':
            self.obey(line)


def serve(connection, *rest):
    try:
        Talk(connection, *rest).run()
    except (OSError, ssl.SSLError, ValueError, IndexError):
        pass
    finally:
        connection.close()


def main(port_file, certificate, key, mode='good', address='127.0.0.1'):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if mode == 'old':
        context.set_ciphers('ALL:@SECLEVEL=0')
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    listener = socket.create_server((address, 0), family=family, backlog=128)
    with open(port_file + '.new', 'w', encoding='utf-8') as file:
        file.write('%d\n' % listener.getsockname()[1])
    os.replace(port_file + '.new', port_file)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, mode, context, port_file), daemon=True).start()


if __name__ == '__main__':
    main(*sys.argv[1:])
