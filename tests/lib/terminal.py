"""terminal -- run a program on a terminal of its own, as a person sees it.

    terminal.py COLUMNS SCREENFILE [--interrupt-at TEXT] COMMAND...

Standard error is the terminal (and standard input); standard output goes where ours goes.  What was
written to the terminal stands in SCREENFILE as it came.  With --interrupt-at, Ctrl-C is typed once,
as soon as the terminal shows TEXT.  Ends with the program's status, 128 and the signal as shells do.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios


def child(end, command):
    os.setsid()
    fcntl.ioctl(end, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)    # a shell in the background ignores it
    os.dup2(end, 0)
    os.dup2(end, 2)
    os.execvp(command[0], command)


def main(columns, screen, *command):
    command = list(command)
    wanted = None
    if command[0] == '--interrupt-at':
        wanted, command = command[1].encode(), command[2:]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(columns), 0, 0))
    process = os.fork()
    if process == 0:
        os.close(ours)
        child(theirs, command)
    os.close(theirs)
    seen = b''
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:     # the last one has closed it
            part = b''
        if not part:
            break
        seen += part
        if wanted is not None and wanted in seen:
            os.write(ours, b'\x03')
            wanted = None
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with open(screen, 'wb') as file:
        file.write(seen)
    return status if status >= 0 else 128 - status


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
