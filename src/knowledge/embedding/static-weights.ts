import { normalise } from "./embedder.ts";
import { FeatureDirectory, tableRows } from "./feature-directory.ts";

/**
 * First bytes of a weights file, then format, dimensions and rows as little-endian 32-bit numbers; after these the
 * marks of the directory, the centre, the scales and the packed values.
 */
const magic = "NJSE";
const format = 2;
const headerBytes = 16;
/** A stored value from 0 to 15 stands for itself minus this, times its row's scale. */
export const middle = 7.5;
const mostOccurrences = 65_535;

/**
 * A table with one vector a feature: four bits a value and one scale a row. It stays packed in memory. What all texts
 * have in common, the centre, is taken off every text's vector, so that cosines tell texts apart.
 */
export class StaticWeights {
  readonly dimensions: number;
  readonly directory: FeatureDirectory;
  readonly #centre: Float32Array;
  readonly #scales: Float32Array;
  /** The first half of a row's dimensions in the low four bits, the second half in the high ones. */
  readonly #packed: Uint8Array;
  readonly #occurrences = new Uint16Array(tableRows);
  readonly #sum: Float64Array;

  constructor(parts: {
    directory: FeatureDirectory;
    scales: Float32Array;
    packed: Uint8Array;
    centre: Float32Array;
  }) {
    const { directory, scales, packed, centre } = parts;
    this.dimensions = centre.length;
    this.directory = directory;
    this.#centre = centre;
    this.#scales = scales;
    this.#packed = packed;
    this.#sum = new Float64Array(centre.length);
  }

  /** Reads a weights file; undefined where it is none of this format or cut short. */
  static parse(bytes: Uint8Array): StaticWeights | undefined {
    if (bytes.length < headerBytes) return undefined;
    const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
    const dimensions = header.getUint32(8, true);
    const marksEnd = headerBytes + tableRows * 2;
    const centreEnd = marksEnd + dimensions * 4;
    const scalesEnd = centreEnd + tableRows * 4;
    if (
      Buffer.from(bytes.subarray(0, 4)).toString("latin1") !== magic ||
      header.getUint32(4, true) !== format
    )
      return undefined;
    if (header.getUint32(12, true) !== tableRows || bytes.length !== scalesEnd + (tableRows * dimensions) / 2)
      return undefined;
    const copy = (from: number, to: number) => new Uint8Array(bytes.subarray(from, to)).buffer;
    return new StaticWeights({
      directory: new FeatureDirectory(new Uint16Array(copy(headerBytes, marksEnd))),
      centre: new Float32Array(copy(marksEnd, centreEnd)),
      scales: new Float32Array(copy(centreEnd, scalesEnd)),
      packed: bytes.subarray(scalesEnd),
    });
  }

  /** The same table with another centre: what the unit vectors of many texts are on average. */
  withCentre(centre: Float32Array): StaticWeights {
    return new StaticWeights({
      directory: this.directory,
      scales: this.#scales,
      packed: this.#packed,
      centre,
    });
  }

  /** The inverse of `parse`. */
  serialize(): Uint8Array {
    const header = Buffer.alloc(headerBytes);
    header.write(magic, "latin1");
    header.writeUInt32LE(format, 4);
    header.writeUInt32LE(this.dimensions, 8);
    header.writeUInt32LE(tableRows, 12);
    return Buffer.concat([
      header,
      new Uint8Array(this.directory.marks.buffer),
      new Uint8Array(this.#centre.buffer),
      new Uint8Array(this.#scales.buffer),
      this.#packed,
    ]);
  }

  /** The unit vector of a bag of features, given as rows of the table: each counts with the root of how often it occurs. */
  vectorOf(features: ArrayLike<number>): Float32Array {
    const half = this.dimensions / 2;
    const sum = this.#sum.fill(0);
    const packed = this.#packed;
    for (let i = 0; i < features.length; i++) this.#count(features[i] as number);
    let shift = 0;
    for (let i = 0; i < features.length; i++) {
      const feature = features[i] as number;
      const occurrences = this.#occurrences[feature] as number;
      const scale = this.#scales[feature] as number;
      this.#occurrences[feature] = 0;
      if (occurrences === 0 || scale === 0) continue;
      const factor = scale * Math.sqrt(occurrences);
      shift += middle * factor;
      const row = feature * half;
      for (let d = 0; d < half; d++) {
        const pair = packed[row + d] as number;
        sum[d] = (sum[d] as number) + factor * (pair & 15);
        sum[half + d] = (sum[half + d] as number) + factor * (pair >> 4);
      }
    }
    const vector = new Float32Array(this.dimensions);
    for (let d = 0; d < vector.length; d++) vector[d] = (sum[d] as number) - shift;
    return this.#centred(normalise(vector));
  }

  /** A text without features has no vector and gets none of the centre. */
  #centred(unit: Float32Array): Float32Array {
    let length = 0;
    for (const value of unit) length += Math.abs(value);
    if (length === 0) return unit;
    for (let d = 0; d < unit.length; d++) unit[d] = (unit[d] as number) - (this.#centre[d] as number);
    return normalise(unit);
  }

  #count(feature: number): void {
    const before = this.#occurrences[feature] as number;
    if (before < mostOccurrences) this.#occurrences[feature] = before + 1;
  }
}
