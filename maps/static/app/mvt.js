// Read vector tiles (MVT 2.1): the features of a tile with their values and rings in units of the tile.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const text = new TextDecoder();

  // A reader of protocol buffers over a part of a tile.
  function Reader(view, start, end) {
    this.view = view;
    this.at = start;
    this.end = end;
  }

  Reader.prototype.varint = function () {
    const bytes = this.view;
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[this.at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  };

  Reader.prototype.part = function () {
    const length = this.varint();
    const part = new Reader(this.view, this.at, this.at + length);
    this.at += length;
    return part;
  };

  Reader.prototype.text = function () {
    const part = this.part();
    return text.decode(this.view.subarray(part.at, part.end));
  };

  // Call the listener with the number of each field; one that it does not read is passed over.
  Reader.prototype.fields = function (listener) {
    while (this.at < this.end) {
      const head = this.varint();
      const before = this.at;
      listener(head >> 3, this);
      if (this.at !== before) continue;
      const wire = head & 7;
      if (wire === 0) this.varint();
      else if (wire === 1) this.at += 8;
      else if (wire === 2) this.part();
      else this.at += 4;
    }
  };

  const unsigned = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

  function valueOf(whole) {
    let found = null;
    new Reader(whole.view, whole.at, whole.end).fields((field, reader) => {
      if (field === 1) found = reader.text();
      else if (field === 2 || field === 3) {
        const bytes = new DataView(reader.view.buffer, reader.view.byteOffset + reader.at, field === 2 ? 4 : 8);
        found = field === 2 ? bytes.getFloat32(0, true) : bytes.getFloat64(0, true);
        reader.at += field === 2 ? 4 : 8;
      } else if (field === 4 || field === 5) found = reader.varint();
      else if (field === 6) found = unsigned(reader.varint());
      else if (field === 7) found = reader.varint() !== 0;
    });
    return found;
  }

  // Rings, lines or points as pairs of whole units in one array each, and the box of all.
  function shapeOf(part) {
    const rings = [];
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    let ring = [];
    let x = 0;
    let y = 0;
    while (part.at < part.end) {
      const head = part.varint();
      const command = head & 7;
      if (command === 7) continue;
      for (let count = head >> 3; count > 0; count--) {
        if (command === 1 && ring.length) {
          rings.push(Int16Array.from(ring));
          ring = [];
        }
        x += unsigned(part.varint());
        y += unsigned(part.varint());
        ring.push(x, y);
        if (x < box[0]) box[0] = x;
        if (y < box[1]) box[1] = y;
        if (x > box[2]) box[2] = x;
        if (y > box[3]) box[3] = y;
      }
    }
    if (ring.length) rings.push(Int16Array.from(ring));
    return { rings, box };
  }

  // Values are read when first asked for, as most names never are.
  function Dictionary(keys, parts, keyName) {
    this.keys = keys;
    this.keyName = keyName;
    this.parts = parts;
    this.read = new Array(parts.length);
  }

  Dictionary.prototype.at = function (index) {
    if (this.read[index] === undefined) this.read[index] = valueOf(this.parts[index]);
    return this.read[index];
  };

  function Feature(dictionary) {
    this.dictionary = dictionary;
    this.tags = [];
    this.kind = 0;
    this.rings = [];
    this.box = [0, 0, 0, 0];
  }

  // One value of a feature; undefined where it has none of that name.
  Feature.prototype.value = function (name) {
    const { keys } = this.dictionary;
    for (let at = 0; at < this.tags.length; at += 2) if (keys[this.tags[at]] === name) return this.dictionary.at(this.tags[at + 1]);
    return undefined;
  };

  Object.defineProperty(Feature.prototype, "values", {
    get: function () {
      const found = {};
      for (let at = 0; at < this.tags.length; at += 2) found[this.dictionary.keys[this.tags[at]]] = this.dictionary.at(this.tags[at + 1]);
      return found;
    },
  });

  Object.defineProperty(Feature.prototype, "key", {
    get: function () {
      return String(this.value(this.dictionary.keyName));
    },
  });

  function featuresOf(layer, keyName) {
    const parts = [];
    const keys = [];
    const values = [];
    layer.fields((field, reader) => {
      if (field === 2) parts.push(reader.part());
      else if (field === 3) keys.push(reader.text());
      else if (field === 4) values.push(reader.part());
    });
    const dictionary = new Dictionary(keys, values, keyName);
    return parts.map((part) => {
      const feature = new Feature(dictionary);
      part.fields((field, reader) => {
        if (field === 2) {
          const tags = reader.part();
          while (tags.at < tags.end) feature.tags.push(tags.varint());
        } else if (field === 3) feature.kind = reader.varint();
        else if (field === 4) {
          const shape = shapeOf(reader.part());
          feature.rings = shape.rings;
          feature.box = shape.box;
        }
      });
      return feature;
    });
  }

  // The features of the one layer of a tile; `keyName` is the value that names a row.
  gridsight.readTile = function (buffer, keyName) {
    const bytes = new Uint8Array(buffer);
    let found = [];
    new Reader(bytes, 0, bytes.length).fields((field, reader) => {
      if (field === 3) found = found.concat(featuresOf(reader.part(), keyName));
    });
    return found;
  };
})();
