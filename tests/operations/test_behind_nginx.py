"""Stand behind deploy/nginx.conf with the settings of deploy/gridsight.env.example: links, cookies, writes, limits."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import json
import re
import shutil
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.main import create_app
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.settings import Settings
from geo.storage.geopackage.store import open_store
from tests.needs import absent
from tests.postgres import wait_until
from tests.processes import Processes
from tests.serving import serving

with warnings.catch_warnings():
    # Starlette warns of httpx, which it still uses; its successor is not on every index yet.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
NAME = "gridsight.example"
WRONG = f"gs_{'a' * 12}_{'A' * 43}"


def as_shipped() -> dict[str, str]:
    """Return the settings of the example that concern the proxy."""
    text = (DEPLOY / "gridsight.env.example").read_text(encoding="utf-8")
    given = dict(re.findall(r"(?m)^GRIDSIGHT_([A-Z_]+)=(.*)$", text))
    return {name.lower(): value for name, value in given.items() if name in ("PUBLIC_URL", "FORWARDED_FROM")}


def sent_on(host: str, scheme: str = "https") -> dict[str, str]:
    """Return the headers that nginx sends on of itself, as its file says."""
    values = {"$http_host": host, "$scheme": scheme, "$remote_addr": "10.1.2.3", "$request_id": "a" * 32, '""': ""}
    told = re.findall(r"(?m)^\s*proxy_set_header (\S+) (\S+);$", NGINX)
    return {name: values[value] for name, value in told if values[value]}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.gpkg"
    open_store(path).close()
    return path


def key_of(workspace: Path, role: str = "planner") -> str:
    return ApiKeys(FileKeyStore.for_workspace(workspace)).create(role, role, by="test")[0]


def hrefs(value: object) -> Iterator[str]:
    """Yield every link of a JSON document."""
    if isinstance(value, dict):
        yield from (one for name, one in value.items() if name in ("href", "url", "$id") and isinstance(one, str))
        for one in value.values():
            yield from hrefs(one)
    elif isinstance(value, list):
        for one in value:
            yield from hrefs(one)


#: A document of each kind that holds links.
LINKED = (
    "/ogc", "/ogc/api", "/ogc/collections", "/ogc/collections/cameras/items?limit=1",
    "/ogc/collections/grids/queryables", "/ogc/processes", "/ogc/processes/analyze", "/ogc/jobs",
    "/ogc/tileMatrixSets", "/ogc/collections/grids/tiles",
)  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "host", "root"),
    [
        (as_shipped(), NAME, f"https://{NAME}/"),
        (as_shipped(), f"{NAME}:443", f"https://{NAME}/"),
        (as_shipped(), "127.0.0.1:8000", f"https://{NAME}/"),  # a proxy that passes its own address on
        ({"forwarded_from": "127.0.0.1", "allowed_hosts": NAME}, f"{NAME}:8443", f"https://{NAME}:8443/"),
        ({"identity_from": "127.0.0.1", "allowed_hosts": NAME}, NAME, f"https://{NAME}/"),
        ({"proxy_addresses": "127.0.0.1", "allowed_hosts": NAME}, NAME, f"https://{NAME}/"),
        ({"allowed_hosts": NAME}, NAME, f"http://{NAME}/"),  # nobody is believed
        ({"forwarded_from": "10.9.9.9", "allowed_hosts": NAME}, NAME, f"http://{NAME}/"),
    ],
)
def test_every_link_and_cookie_is_as_users_reach_it(workspace: Path, settings: dict, host: str, root: str) -> None:
    key = key_of(workspace)
    app = create_app(Settings(workspace=workspace, **settings))
    with TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5), follow_redirects=False) as client:
        headers = {**sent_on(host), "X-API-Key": key}
        for path in LINKED:
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, (path, answer.text)
            links = [one for one in hrefs(answer.json()) if "/ogc" in one and "opengis.net" not in one]
            assert all(one.startswith(root) for one in links), (path, links)
            assert links or path == "/ogc/tileMatrixSets", path
        made = client.post(
            "/ogc/processes/analyze/execution", json={"inputs": {}}, headers={**headers, "Prefer": "respond-async"}
        )
        assert made.headers["location"].startswith(root)
        assert all(one.startswith(root) for one in hrefs(made.json()))
        origin = root.rstrip("/")
        signed_in = client.post("/login", data={"key": key}, headers={**sent_on(host), "Origin": origin})
        assert signed_in.status_code == 303, signed_in.text
        cookie = signed_in.headers["set-cookie"]
        assert cookie.startswith("__Host-gridsight_session=") == root.startswith("https"), cookie
        assert ("; Secure" in cookie) == root.startswith("https")
        assert "Path=/" in cookie
        assert "domain" not in cookie.lower()


def test_a_page_on_another_port_may_write_where_the_proxy_drops_the_port(workspace: Path) -> None:
    key = key_of(workspace)
    settings = Settings(workspace=workspace, forwarded_from="127.0.0.1", allowed_hosts=NAME)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5)) as client:

        def status(**headers: str) -> int:
            answer = client.post(
                "/login", data={"key": key}, headers={"X-Forwarded-Proto": "https", **headers}, follow_redirects=False
            )
            return answer.status_code

        own = {"Host": NAME, "Origin": f"https://{NAME}:8443"}
        assert status(**own, **{"Sec-Fetch-Site": "same-origin"}) == 303
        assert status(**own) == 403  # nobody has compared the ports
        assert status(**own, **{"X-Forwarded-Host": f"{NAME}:8443"}) == 303
        assert status(**own, **{"Sec-Fetch-Site": "same-site"}) == 403
        foreign = {"Host": NAME, "Origin": "https://evil.example"}
        assert status(**foreign, **{"Sec-Fetch-Site": "same-origin"}) == 403
        assert status(**foreign, **{"X-Forwarded-Host": "evil.example"}) == 403


@contextlib.contextmanager
def nginx(processes: Processes, folder: Path, upstream: str) -> Iterator[int]:
    """Run nginx with the shipped file, its ports, paths and upstream replaced; give the port of TLS."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        absent("nginx is not installed")
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, plain = one.getsockname()[1], other.getsockname()[1]
    certify(folder)
    text = NGINX.replace("127.0.0.1:8000", upstream).replace("/etc/gridsight/tls", str(folder))
    text = text.replace("/var/log/nginx/gridsight.log", str(folder / "access.log"))
    text = re.sub(r"(?m)^\s*listen \[::\].*$", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
    temporary = "".join(
        f"{name}_temp_path {folder / name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder / 'nginx.pid'};\nerror_log {folder / 'error.log'};\ndaemon off;\nmaster_process off;\n"
        f"events {{}}\nhttp {{\n{temporary}{text}}}\n",
        encoding="utf-8",
    )
    running = processes.start(program, "-c", folder / "nginx.conf", "-p", folder)
    try:
        wait_until(lambda: answers(port), seconds=20, every=0.05)
        yield port
    finally:
        running.terminate()
        running.wait(20)


def answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def certify(folder: Path) -> None:
    """Write a key and a certificate for the name of the example, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(tz=datetime.UTC)
    cert = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)


class Browser(contextlib.AbstractContextManager["Browser"]):
    """Ask through TLS, as one connection of a browser does."""

    def __init__(self, port: int) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._made = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)

    def __exit__(self, *_: object) -> None:
        self._made.close()

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], str]:
        self._made.request(method, path, body, headers)
        answer = self._made.getresponse()
        return answer.status, answer.headers, answer.read().decode()


@pytest.mark.parametrize("is_shipped", [True, False], ids=["settings as shipped", "another port, no public URL"])
def test_through_the_proxy_itself(processes: Processes, tmp_path: Path, workspace: Path, is_shipped: bool) -> None:
    key = key_of(workspace)
    settings = as_shipped() if is_shipped else {"forwarded_from": "127.0.0.1", "allowed_hosts": NAME}
    with serving(create_app(Settings(workspace=workspace, **settings))) as url:
        folder = tmp_path / "nginx"
        folder.mkdir()
        with nginx(processes, folder, url.removeprefix("http://")) as port, Browser(port) as browser:
            host = NAME if is_shipped else f"{NAME}:{port}"
            status, _, text = browser.ask("GET", "/ogc/processes", Host=host, **{"X-API-Key": key})
            links = list(hrefs(json.loads(text)))
            assert status == 200
            assert links
            assert all(one.startswith(f"https://{host}/ogc") for one in links)
            form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{host}"}
            status, headers, _ = browser.ask("POST", "/login", f"key={key}", Host=host, **form)
            assert status == 303
            assert headers["set-cookie"].startswith("__Host-gridsight_session=")
            assert "; Secure" in headers["set-cookie"]
            # What a caller says of itself is struck out on the way.
            claimed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Gridsight-User": "root"}
            status, _, text = browser.ask("GET", "/ogc", Host=host, **{"X-API-Key": key}, **claimed)
            assert (status, "evil" in text, "http://gridsight" in text) == (200, False, False)
            claimed = {"X-Gridsight-User": "root", "X-Gridsight-Role": "admin"}
            assert browser.ask("GET", "/metrics", Host=host, **claimed)[0] == 404
            assert browser.ask("GET", "/runs/x/gaps", Host=host, **claimed)[0] == 401


def test_bad_keys_from_the_same_address_stop_no_good_one(processes: Processes, tmp_path: Path, workspace: Path) -> None:
    key = key_of(workspace)
    app = create_app(Settings(workspace=workspace, **as_shipped()))
    folder = tmp_path / "nginx"
    folder.mkdir()
    refused: list[int] = []

    def guess(port: int, thread: int) -> None:
        with Browser(port) as browser:
            for number in range(150):
                wrong = f"gs_{'a' * 12}_{f'{thread}x{number}':A<43}"
                refused.append(browser.ask("GET", "/ogc/jobs", Host=NAME, **{"X-API-Key": wrong})[0])

    with (
        serving(app) as url,
        nginx(processes, folder, url.removeprefix("http://")) as port,
        Browser(port) as browser,
    ):
        threads = [threading.Thread(target=guess, args=(port, number)) for number in range(4)]
        for one in threads:
            one.start()
        seen = [browser.ask("GET", "/ogc/jobs", Host=NAME, **{"X-API-Key": key})[0] for _ in range(40)]
        for one in threads:
            one.join()
        seen += [browser.ask("GET", "/ogc/jobs", Host=NAME, **{"X-API-Key": key})[0] for _ in range(5)]
    assert seen == [200] * 45
    assert len(refused) == 600
    assert set(refused) == {401, 429}
    assert refused.count(401) <= 100
