"""nginx as a place for objects: PUT, GET and HEAD as S3 has them, without a check of who asks.

It takes what comes as fast as the machine does: a client that copies to it is measured, not the server.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUCKET = "wire"
_CONF = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/objects;
        location = /{bucket} {{ return 200; }}
        location / {{ dav_methods PUT DELETE; create_full_put_path on; error_page 404 @missing; }}
        location @missing {{
            default_type application/xml;
            return 404 "<Error><Code>NoSuchKey</Code></Error>";
        }}
    }}
}}
"""


def missing() -> str | None:
    """Why there can be no such server here, if so."""
    return None if _program() else "nginx is missing: apt-get install nginx-light"


@contextmanager
def object_server(folder: Path) -> Iterator[str]:
    """The address of a server that keeps its objects below ``folder``."""
    program = _program()
    if program is None:
        raise SystemExit(missing())
    (folder / "objects" / BUCKET).mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "nginx.conf").write_text(_CONF.format(folder=folder, port=port, bucket=BUCKET))
    with subprocess.Popen([program, "-c", folder / "nginx.conf", "-e", folder / "error.log"]) as process:
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _program() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("nginx did not start")
