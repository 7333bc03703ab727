/**
 * Builds and searches an index of invented chunks in a process of its own and prints one line of JSON. Started by
 * `measure-scale.ts`.
 *
 *   node --expose-gc --max-old-space-size=7000 scale-process.ts CHUNKS
 */
import { measureSize } from "./measure-size.ts";

const chunks = Number(process.argv[2]);
process.stdout.write(`${JSON.stringify(await measureSize(chunks))}\n`);
