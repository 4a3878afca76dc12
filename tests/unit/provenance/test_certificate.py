from __future__ import annotations

import getpass
import socket
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from faceswap_desktop.domain.signing import SigningAlgorithm
from faceswap_desktop.provenance.certificate import BACKDATED, VALID_FOR, make_identity
from faceswap_desktop.provenance.fitness import check_identity, facts_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_an_installation_s_certificate_has_the_profile() -> None:
    made = make_identity(NOW)
    leaf, root = x509.load_pem_x509_certificates(made.chain_pem)
    assert x509.load_pem_x509_certificate(made.root_pem) == root
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert made.algorithm is SigningAlgorithm.ES256
    key = serialization.load_pem_private_key(made.key_pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == leaf.public_key()
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    purposes = list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert purposes == [ExtendedKeyUsageOID.EMAIL_PROTECTION]
    above = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == above
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(True, 0)


def test_it_lasts_about_ten_years_from_a_day_ago() -> None:
    facts = facts_of(make_identity(NOW).chain_pem)
    assert facts.not_before == (NOW - BACKDATED).timestamp()
    assert facts.not_after == (NOW - BACKDATED + VALID_FOR).timestamp()
    assert timedelta(days=3600) < VALID_FOR < timedelta(days=3700)


def test_it_names_neither_the_computer_nor_the_user() -> None:
    made = make_identity()
    told = "".join(
        one.subject.rfc4514_string() + one.issuer.rfc4514_string()
        for one in x509.load_pem_x509_certificates(made.chain_pem)
    )
    assert facts_of(made.chain_pem).subject == "Faceswap Desktop, a local certificate"
    for private in (socket.gethostname(), getpass.getuser()):
        assert private not in told.replace("Faceswap Desktop, a local certificate", "")


def test_no_two_installations_are_alike() -> None:
    first, second = make_identity(NOW), make_identity(NOW)
    assert first.root_pem != second.root_pem
    assert facts_of(first.chain_pem).sha256 != facts_of(second.chain_pem).sha256


def test_the_key_is_never_shown() -> None:
    made = make_identity()
    secret = made.key_pem.decode().splitlines()[1]
    assert secret not in repr(made)
    assert "key_pem" not in repr(made)


def test_it_stands_its_own_checks() -> None:
    made = make_identity()
    assert check_identity(made.chain_pem, made.key_pem).algorithm is SigningAlgorithm.ES256
