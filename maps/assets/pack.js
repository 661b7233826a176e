/* Read a pack (see maps/packing.py): whole numbers as byte planes, texts as dictionaries. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});

  /** A dictionary of texts that stays bytes until one of them is asked for. */
  class Words {
    constructor(lengths, bytes) {
      this.bytes = bytes;
      this.starts = new Uint32Array(lengths.length + 1);
      for (let i = 0; i < lengths.length; i++) this.starts[i + 1] = this.starts[i] + lengths[i];
      this.decoder = new TextDecoder();
    }
    get size() {
      return this.starts.length - 1;
    }
    word(k) {
      return this.decoder.decode(this.bytes.subarray(this.starts[k], this.starts[k + 1]));
    }
    all() {
      const words = new Array(this.size);
      for (let k = 0; k < words.length; k++) words[k] = this.word(k);
      return words;
    }
  }

  /** A text column: a code a row, and the dictionary. */
  class Text {
    constructor(codes, words) {
      this.codes = codes;
      this.words = words;
    }
    at(row) {
      return this.words.word(this.codes[row]);
    }
  }

  /** The number that stands for a rare one among numbers of `width` bytes. */
  const escapeOf = (width) => Math.pow(256, width) - 1;

  class Pack {
    constructor(bytes) {
      if (String.fromCharCode(bytes[0], bytes[1], bytes[2], bytes[3]) !== "PMAP") {
        throw new Error("not a patrolmap pack");
      }
      const head = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
      const json = new TextDecoder().decode(bytes.subarray(8, 8 + head));
      this.header = JSON.parse(json);
      this.body = bytes.subarray(8 + head);
    }

    /** Return a column as a typed array of `Type`, or of the smallest that holds it. */
    ints(spec, Type) {
      const { n, d, z, rare } = spec;
      const top = rare ? rare.w : spec.w;
      if (top > 3) return this.wide(spec, Type || Float64Array);
      const plain = [Uint8Array, Uint8Array, Uint16Array, Int32Array][top];
      return this.narrow(spec, new (Type || (z || d ? Int32Array : plain))(n));
    }

    /** Undo `ints` of maps/packing.py for numbers of up to three bytes, in one pass: millions of vertices take it. */
    narrow({ at, n, w, d, z, rare }, out) {
      const b = this.body, middle = at + n, high = middle + n;
      const apart = rare ? this.sums(rare, new Float64Array(rare.n)) : null, escape = rare ? escapeOf(w) : -1;
      for (let i = 0, k = 0, step = 0, last = 0; i < n; i++) {
        let v = b[at + i];
        if (w > 1) v |= b[middle + i] << 8;
        if (w > 2) v |= b[high + i] << 16;
        if (v === escape) v = apart[k++];
        if (z) v = (v >>> 1) ^ -(v & 1);
        if (d === 2) v = step += v;
        if (d) v = last += v;
        out[i] = v;
      }
      return out;
    }

    /** Put the rare numbers, which stand apart, where the planes have the greatest number. */
    spread({ n, w, rare }, out) {
      const apart = this.sums(rare, new Float64Array(rare.n)), escape = escapeOf(w);
      for (let i = 0, k = 0; i < n; i++) if (out[i] === escape) out[i] = apart[k++];
    }

    /** Join the byte planes of numbers too wide for 32-bit arithmetic. */
    sums({ at, n, w }, out) {
      const b = this.body;
      for (let i = 0; i < n; i++) {
        let v = 0;
        for (let p = w - 1; p >= 0; p--) v = v * 256 + b[at + p * n + i];
        out[i] = v;
      }
      return out;
    }

    wide(spec, Type) {
      const { n, d, z } = spec;
      const all = this.sums(spec, new Float64Array(n));
      if (spec.rare) this.spread(spec, all);
      const out = Type === Float64Array ? all : new Type(n);
      for (let i = 0, step = 0, last = 0; i < n; i++) {
        let v = all[i];
        if (z) v = v % 2 ? -(v + 1) / 2 : v / 2;
        if (d === 2) v = step += v;
        if (d) v = last += v;
        out[i] = v;
      }
      return out;
    }

    words(spec) {
      const { at, n } = spec.bytes;
      return new Words(this.ints(spec.lengths), this.body.slice(at, at + n));
    }

    text(spec) {
      return new Text(this.ints(spec.codes), this.words(spec.words));
    }
  }

  PM.Pack = Pack;
})(self);
