import { normalise } from "./embedder.ts";
import { featureBuckets } from "./text-features.ts";

/** First bytes of a weights file, then format, dimensions and rows as little-endian 32-bit numbers. */
const magic = "NJSE";
const format = 1;
const headerBytes = 16;
/** A stored value from 0 to 15 stands for itself minus this, times its row's scale. */
export const middle = 7.5;
const mostOccurrences = 65_535;

/** A table with one vector a feature: four bits a value and one scale a row. It stays packed in memory. */
export class StaticWeights {
  readonly dimensions: number;
  readonly #scales: Float32Array;
  /** The first half of a row's dimensions in the low four bits, the second half in the high ones. */
  readonly #packed: Uint8Array;
  readonly #occurrences = new Uint16Array(featureBuckets);
  readonly #sum: Float64Array;

  constructor(dimensions: number, scales: Float32Array, packed: Uint8Array) {
    this.dimensions = dimensions;
    this.#scales = scales;
    this.#packed = packed;
    this.#sum = new Float64Array(dimensions);
  }

  /** Reads a weights file; undefined where it is none of this format or cut short. */
  static parse(bytes: Uint8Array): StaticWeights | undefined {
    if (bytes.length < headerBytes) return undefined;
    const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
    const dimensions = header.getUint32(8, true);
    const scalesEnd = headerBytes + featureBuckets * 4;
    if (
      Buffer.from(bytes.subarray(0, 4)).toString("latin1") !== magic ||
      header.getUint32(4, true) !== format
    )
      return undefined;
    if (
      header.getUint32(12, true) !== featureBuckets ||
      bytes.length !== scalesEnd + (featureBuckets * dimensions) / 2
    )
      return undefined;
    const scales = new Float32Array(featureBuckets);
    new Uint8Array(scales.buffer).set(bytes.subarray(headerBytes, scalesEnd));
    return new StaticWeights(dimensions, scales, bytes.subarray(scalesEnd));
  }

  /** The inverse of `parse`. */
  serialize(): Uint8Array {
    const header = Buffer.alloc(headerBytes);
    header.write(magic, "latin1");
    header.writeUInt32LE(format, 4);
    header.writeUInt32LE(this.dimensions, 8);
    header.writeUInt32LE(featureBuckets, 12);
    return Buffer.concat([header, new Uint8Array(this.#scales.buffer), this.#packed]);
  }

  /** The unit vector of a bag of features: each row counts with the root of how often the feature occurs. */
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
    return normalise(Float32Array.from(sum, (value) => value - shift));
  }

  #count(feature: number): void {
    const before = this.#occurrences[feature] as number;
    if (before < mostOccurrences) this.#occurrences[feature] = before + 1;
  }
}
