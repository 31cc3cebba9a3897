"""Run a command with no network but this machine's own: ``python tests/offline.py COMMAND...``.

On Linux in a network namespace of its own, where nothing but loopback exists for any process;
elsewhere every Python process is stopped from connecting or looking a name up.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1

GUARD = """
import socket

def _refuse(name):
    original = getattr(socket, name)
    def guarded(host, *args, **kwargs):
        if host not in ("localhost", "127.0.0.1", "::1", "", None):
            raise OSError(f"the network is off: {host}")
        return original(host, *args, **kwargs)
    setattr(socket, name, guarded)

for name in ("getaddrinfo", "gethostbyname"):
    _refuse(name)
"""


def own_namespace() -> bool:
    """Leave the machine's network for an empty one; False where the system has no such thing."""
    if not sys.platform.startswith("linux"):
        return False
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return False
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))
    return True


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        if not own_namespace():
            Path(folder, "sitecustomize.py").write_text(GUARD, encoding="utf-8")
            environment["PYTHONPATH"] = folder
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
