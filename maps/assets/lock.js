/* Open a locked pack (see maps/lock.py) with the browser's own cryptography. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  const HEAD = 36;
  /** Return the plain pack, or null for a wrong password. */
  PM.unlock = async function (locked, password) {
    const subtle = root.crypto.subtle;
    const iterations = new DataView(locked.buffer, locked.byteOffset).getUint32(4, true);
    const salt = locked.subarray(8, 24), iv = locked.subarray(24, HEAD);
    const words = new TextEncoder().encode(password);
    const base = await subtle.importKey("raw", words, "PBKDF2", false, ["deriveKey"]);
    const key = await subtle.deriveKey(
      { name: "PBKDF2", hash: "SHA-256", salt, iterations }, base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    try {
      const how = { name: "AES-GCM", iv, additionalData: locked.subarray(0, HEAD) };
      return new Uint8Array(await subtle.decrypt(how, key, locked.subarray(HEAD)));
    } catch (error) {
      if (error.name === "OperationError") return null;
      throw error;
    }
  };
})(self);
