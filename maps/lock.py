"""Lock a pack with a password: nothing can be read without it, and it cannot be reset."""

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

MAGIC = b"PME1"
ITERATIONS = 600_000
SHORTEST = 10


def lock(pack: bytes, password: str) -> bytes:
    """Return `pack` encrypted: magic, iterations (4 bytes), salt (16), nonce (12), AES-256-GCM.

    All before the ciphertext is authenticated with it. Salt and nonce are made from the content and
    the password, so that the same run gives the same bytes: they differ for any other content or
    password, which is all that GCM asks of a nonce. A password of fewer than 10 characters is
    refused with `ValueError`: a leaked file can be guessed at for ever.
    """
    if len(password) < SHORTEST:
        msg = f"wanted a password of at least {SHORTEST} characters, got {len(password)}"
        raise ValueError(msg)
    seed = hmac.new(password.encode(), hashlib.sha256(pack).digest(), hashlib.sha512).digest()
    salt, nonce = seed[:16], seed[16:28]
    head = MAGIC + ITERATIONS.to_bytes(4, "little") + salt + nonce
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=ITERATIONS)
    return head + AESGCM(kdf.derive(password.encode())).encrypt(nonce, pack, head)
