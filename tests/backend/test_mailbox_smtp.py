"""The mailbox as mail programs meet it: a real listener, smtplib, and senders who mean no good."""

from __future__ import annotations

import ast
import logging
import smtplib
import socket
import threading
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from backend.mailbox.smtp import LARGEST_MAIL, MOST_CONNECTIONS, MOST_RECIPIENTS, PortTaken, listening
from tests.support.backend_server import RunningBackend, running_mailbox, start_process
from tests.support.console_browser import Agent

SAM, KIM = "sam@agency.example", "kim@agency.example"


@pytest.fixture
def port(backend: RunningBackend) -> Iterator[int]:
    with running_mailbox(backend) as number:
        yield number


def message(text: str = "Your code is 123456.\n", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    for name, value in {"Subject": "Your code", "From": "HMIS Account Help <help@hmis.example>"}.items():
        mail[name] = value
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def send(port: int, mail: EmailMessage | bytes, *to: str, sender: str = "help@hmis.example") -> None:
    content = mail if isinstance(mail, bytes) else mail.as_bytes(policy=policy.SMTP)
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail(sender, list(to), content)


def talk(port: int, *lines: bytes) -> list[bytes]:
    """Lines as they are, and the first line of each answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        stream = connection.makefile("rwb")
        answers = [stream.readline()]
        for line in lines:
            stream.write(line + b"\r\n")
            stream.flush()
            answers.append(stream.readline())
            while answers[-1][3:4] == b"-":
                answers[-1] = stream.readline()
        return answers


def test_what_arrives_is_in_the_mailbox(any_backend: RunningBackend) -> None:
    mail = message("Grüße\nund mehr\n", To=SAM)
    mail.add_alternative("<p>the other one</p>", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    with running_mailbox(any_backend) as port:
        send(port, mail, SAM, KIM)
    [second, first] = any_backend.mails()
    assert (first.to, second.to) == (SAM, KIM)
    assert (first.subject, first.text) == ("Your code", "Grüße\nund mehr")
    assert first.sender == "HMIS Account Help <help@hmis.example>"
    with Agent(any_backend) as agent:
        page = agent.open("mail?to=your+code")
        assert "Grüße" in page.text and "From HMIS Account Help" in page.text


def test_the_envelope_decides_not_the_header(backend: RunningBackend, port: int) -> None:
    send(port, message(To="somebody.else@agency.example", Bcc=KIM), SAM)
    assert [mail.to for mail in backend.mails()] == [SAM]


def test_addresses_in_other_scripts(backend: RunningBackend, port: int) -> None:
    mail = message()
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.send_message(mail, to_addrs=["jörg@agency.example"], from_addr="help@hmis.example")
    assert [mail.to for mail in backend.mails()] == ["jörg@agency.example"]


def test_the_same_mail_again_is_kept_once(backend: RunningBackend, port: int) -> None:
    mail = message(Message_ID="<1@hmis.example>")
    for _ in range(3):
        send(port, mail, SAM)
    send(port, message(Message_ID="<2@hmis.example>"), SAM)
    assert len(backend.mails()) == 2
    for _ in range(2):
        send(port, message(), KIM)
    assert len(backend.mails(KIM)) == 2


def test_nobody_is_relayed_to(backend: RunningBackend, port: int) -> None:
    """Any recipient is taken and ends here: no part of the sandbox can send mail."""
    send(port, message(), "postmaster@far.example")
    assert [mail.to for mail in backend.mails()] == ["postmaster@far.example"]
    for path in (Path(__file__).parents[2] / "backend").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"smtplib", "aiosmtplib"}, path
            assert not any(name.startswith("aiosmtpd.handlers") for name in names), path


REFUSED = [
    ([b"MAIL FROM:<a@b.example>"], b"503"),
    ([b"EHLO x", b"RCPT TO:<a@b.example>"], b"503"),
    ([b"EHLO x", b"MAIL FROM:<a@b.example>", b"DATA"], b"503"),
    ([b"EHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<nobody>"], b"553"),
    ([b"EHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<>"], b"5"),
    ([b"EHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:" + b"a" * 400 + b"@b.example"], b"5"),
    ([b"EHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<a\x00b@c.example>"], b"5"),
    ([b"EHLO x", b"MAIL FROM:<a@b.example> SIZE=99999999"], b"552"),
    ([b"EHLO x", b"AUTH LOGIN"], b"5"),
    ([b"EHLO x", b"STARTTLS"], b"454"),
    ([b"EHLO x", b"\xff\xfe\xfd"], b"500"),
    ([b"x" * 5000], b"500"),
    ([b""], b"500"),
]


@pytest.mark.parametrize(("lines", "answer"), REFUSED)
def test_what_is_no_mail_is_refused(
    backend: RunningBackend, port: int, lines: list[bytes], answer: bytes
) -> None:
    assert talk(port, *lines)[-1].startswith(answer)
    send(port, message(), SAM)
    assert len(backend.mails()) == 1


def test_too_large(backend: RunningBackend, port: int) -> None:
    large = b"Subject: Large\r\n\r\n" + (b"x" * 70 + b"\r\n") * (LARGEST_MAIL // 72 + 10)
    with pytest.raises(smtplib.SMTPException) as refused:
        send(port, large, SAM)
    assert "552" in str(refused.value)
    send(port, message("x" * 900_000), KIM)
    send(port, b"Subject: One line\r\n\r\n" + b"y" * 20_000 + b"\r\n", KIM)
    assert [mail.to for mail in backend.mails()] == [KIM, KIM]


def test_too_many_recipients(backend: RunningBackend, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        everybody = [f"person{number}@agency.example" for number in range(MOST_RECIPIENTS + 5)]
        refused = client.sendmail("help@hmis.example", everybody, message().as_bytes())
    assert len(refused) == 5 and all(code == 452 for code, _ in refused.values())
    assert len(backend.mails()) == MOST_RECIPIENTS


def test_a_line_that_never_ends(backend: RunningBackend, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        stream = connection.makefile("rwb")
        for line in (b"EHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<c@d.example>", b"DATA"):
            stream.write(line + b"\r\n")
        with pytest.raises(OSError):
            while True:
                stream.write(b"x" * 65536)
                stream.flush()
    send(port, message(), SAM)
    assert [mail.to for mail in backend.mails()] == [SAM]


def test_many_connections_leave_room_again(backend: RunningBackend, port: int) -> None:
    held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(MOST_CONNECTIONS)]
    for connection in held:
        assert connection.recv(200).startswith(b"220")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one_more:
        assert b"421" in one_more.recv(200)
    for connection in held:
        connection.close()
    while b"421" in talk(port)[0]:
        pass
    send(port, message(), SAM)
    assert len(backend.mails()) == 1


def test_senders_side_by_side(backend: RunningBackend, port: int) -> None:
    problems: list[BaseException] = []

    def run(number: int) -> None:
        try:
            for turn in range(5):
                send(port, message(f"{number}-{turn}"), SAM)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert {mail.text for mail in backend.mails()} == {f"{a}-{b}" for a in range(8) for b in range(5)}


def test_a_connection_that_is_cut_within_a_mail_keeps_nothing(backend: RunningBackend, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(
            b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
            b"DATA\r\nSubject: Half\r\n\r\nhalf a"
        )
    send(port, message(), SAM)
    assert [mail.subject for mail in backend.mails()] == ["Your code"]


def test_a_database_that_is_down_is_told_to_the_sender(
    backend: RunningBackend, port: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with backend.world.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE backend_mail RENAME TO away")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(port, message(), SAM)
    assert refused.value.smtp_code == 451 and b"sam" not in refused.value.smtp_error.lower()
    assert "a mail was not kept" in caplog.text and "sam@" not in caplog.text
    with backend.world.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO backend_mail")
    send(port, message(), SAM)
    assert len(backend.mails()) == 1


def test_no_address_and_no_word_reaches_the_log(
    backend: RunningBackend, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    send(port, message("the secret code"), SAM, "kim@localhost")
    talk(port, b"EHLO x", b"sam@localhost wants in", b"VRFY kim@localhost", b"MAIL FROM:<lee@localhost>")
    said = [record.getMessage() for record in caplog.records if record.name.startswith(("backend", "mail"))]
    assert any("kept a mail" in line for line in said)
    for word in ("sam", "kim", "lee@", "secret", "Your code"):
        assert not any(word in line for line in said), word


def test_a_port_that_is_taken(backend: RunningBackend, port: int) -> None:
    with pytest.raises(PortTaken), listening(backend.world, port):
        pass


def test_it_stops_while_somebody_is_connected(backend: RunningBackend) -> None:
    with running_mailbox(backend) as port:
        idle = socket.create_connection(("127.0.0.1", port), timeout=20)
        assert idle.recv(200).startswith(b"220")
    assert idle.recv(200) == b""
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)


def test_the_process_listens_and_stops(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sandbox = start_process(tmp_path, MAILBOX_PORT=str(port))
    send(port, message(), SAM)
    assert sandbox.stop() == 0
    log = sandbox.log.read_text()
    assert "kept a mail" in log and "sam" not in log and "hmis.example" not in log
