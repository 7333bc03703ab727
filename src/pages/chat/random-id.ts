interface RandomSource {
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array;
}

/** A 32-character hexadecimal id. `crypto.randomUUID` is missing in old browsers and on plain http. */
export function randomId(random: RandomSource): string {
  const bytes = random.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
