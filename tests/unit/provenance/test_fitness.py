from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from faceswap_desktop.domain.errors import SignerError
from faceswap_desktop.domain.signing import RemoteIdentity, SigningAlgorithm
from faceswap_desktop.provenance.credentials import try_identity
from faceswap_desktop.provenance.fitness import C2PA_SIGNING, check_identity, check_remote_identity
from tests.certificates import Authority, key_of, p256, pem_of, usage

ROOT = Authority()


def refused(chain: bytes, key: bytes, passphrase: str = "") -> SignerError:
    with pytest.raises(SignerError) as caught:
        check_identity(chain, key, passphrase)
    return caught.value


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("P-256", SigningAlgorithm.ES256),
        ("P-384", SigningAlgorithm.ES384),
        ("P-521", SigningAlgorithm.ES512),
        ("Ed25519", SigningAlgorithm.ED25519),
        ("RSA", SigningAlgorithm.PS256),
    ],
)
def test_each_kind_of_key_signs(name: str, algorithm: SigningAlgorithm) -> None:
    key = key_of(name)
    made = check_identity(ROOT.issue(key) + ROOT.pem, pem_of(key))
    assert made.algorithm is algorithm
    try_identity(made)
    try_identity(check_identity(ROOT.issue(key), pem_of(key)))  # the root may be left out


def test_a_certificate_for_content_credentials_alone_will_do() -> None:
    key = p256()
    try_identity(check_identity(ROOT.issue(key, purposes=(C2PA_SIGNING,)) + ROOT.pem, pem_of(key)))


def test_a_certificate_and_its_key_may_lie_in_one_file() -> None:
    key = p256()
    both = ROOT.issue(key) + pem_of(key) + ROOT.pem
    made = check_identity(both, both)
    assert b"PRIVATE" not in made.chain_pem
    assert b"CERTIFICATE" not in made.key_pem


EKU = ExtendedKeyUsageOID
UNFIT = {
    "expired": ({"days": (-30, -2)}, "expired on"),
    "not yet": ({"days": (2, 30)}, "not valid before"),
    "no purpose": ({"purposes": None}, "does not say what it is for"),
    "any purpose": ({"purposes": (EKU.ANY_EXTENDED_KEY_USAGE,)}, "any purpose"),
    "server": ({"purposes": (EKU.SERVER_AUTH,)}, "not for signing documents or e-mail"),
    "programs": ({"purposes": (EKU.CODE_SIGNING,)}, "not for signing documents or e-mail"),
    "time stamps": ({"purposes": (EKU.EMAIL_PROTECTION, EKU.TIME_STAMPING)}, "time stamps"),
    "no issuer's key": ({"has_authority_key": False}, "authority key identifier"),
    "no key usage": ({"key_usage": None}, "no key usage"),
    "wrong key usage": ({"key_usage": usage(signs=False, issues=False)}, "not for digital signatures"),
    "issuing key usage": ({"key_usage": usage(signs=True, issues=True)}, "issues others"),
    "authority": ({"is_authority": True}, "issues others"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_each_unfit_certificate_is_told_in_words(case: str) -> None:
    changes, words = UNFIT[case]
    key = p256()
    error = refused(ROOT.issue(key, **changes) + ROOT.pem, pem_of(key))  # type: ignore[arg-type]
    assert error.kind == "certificate"
    assert words in str(error)
    assert error.hint is not None


@pytest.mark.parametrize(
    ("name", "words"), [("RSA-1024", "1024 bits"), ("DSA", "of this kind"), ("secp256k1", "of this kind")]
)
def test_unknown_and_weak_keys_are_told(name: str, words: str) -> None:
    key = key_of(name)
    assert words in str(refused(ROOT.issue(key), pem_of(key)))


def test_a_key_of_another_certificate_is_told() -> None:
    assert "does not belong" in str(refused(ROOT.issue(p256()) + ROOT.pem, pem_of(p256())))


def test_an_encrypted_key_wants_its_passphrase() -> None:
    key = p256()
    chain, hidden = ROOT.issue(key), pem_of(key, "pássword".encode())
    for passphrase, words in (("", "encrypted"), ("wrong", "wrong")):
        error = refused(chain, hidden, passphrase)
        assert error.kind == "passphrase"
        assert words in str(error)
    assert b"ENCRYPTED" not in check_identity(chain, hidden, "pássword").key_pem
    # A passphrase that nobody needs does no harm.
    assert check_identity(chain, pem_of(key), "pássword").key_pem == pem_of(key)


def test_a_certificate_that_signed_itself_is_told() -> None:
    key = p256()
    assert "signed by itself" in str(refused(Authority(key).pem, pem_of(key)))


def test_a_chain_in_the_wrong_order_is_told() -> None:
    key = p256()
    leaf = ROOT.issue(key)
    assert "has to come first" in str(refused(ROOT.pem + leaf, pem_of(key)))
    assert "are no chain" in str(refused(leaf + Authority(common_name="Other").pem, pem_of(key)))
    # The same name with another key is no issuer either.
    assert "are no chain" in str(refused(leaf + Authority().pem, pem_of(key)))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x30\x82\x01\x0a", b"\xff" * 100, pem_of(p256())])
def test_what_is_no_certificate_is_told(content: bytes) -> None:
    error = refused(content, pem_of(p256()))
    assert error.kind == "certificate"
    assert "no certificate in PEM format" in str(error)


def test_damaged_and_endless_files_are_told() -> None:
    key = p256()
    chain = ROOT.issue(key)
    broken = chain[:100] + b"AAAA" + chain[104:]
    assert "damaged" in str(refused(broken, pem_of(key))) or "not" in str(refused(broken, pem_of(key)))
    assert "far too long" in str(refused(chain + b"\n" * (1 << 20), pem_of(key)))
    assert "at most" in str(refused(chain * 9, pem_of(key)))
    assert "no private key" in str(refused(chain, b"hello"))
    assert "no private key" in str(refused(chain, chain))
    assert "cannot be read" in str(refused(chain, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))


def test_a_certificate_signed_with_a_broken_digest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody issues those any more, and the library does not either; so its answer is put in the place of one.
    key = p256()
    chain = ROOT.issue(key)
    monkeypatch.setattr("faceswap_desktop.provenance.fitness._DIGESTS", (hashes.SHA384,))
    assert "which is broken" in str(refused(chain, pem_of(key)))


def test_a_remote_signer_s_certificate_is_checked_without_its_key() -> None:
    key = key_of("P-384")
    made = check_remote_identity(ROOT.issue(key) + ROOT.pem)
    assert isinstance(made, RemoteIdentity)
    assert made.algorithm is SigningAlgorithm.ES384
    assert len(x509.load_pem_x509_certificates(made.chain_pem)) == 2
    with pytest.raises(SignerError, match="expired"):
        check_remote_identity(ROOT.issue(key, days=(-9, -3)))
