/** Letters and digits without those that look alike in print: no 0/O, 1/I/L, and of B/8, S/5, Z/2 only the digit. */
const signs = "ACDEFGHJKMNPQRTUVWXY23456789";
const length = 8;
const pattern = new RegExp(`^[${signs}]{${length}}$`);

/** The largest multiple of `signs.length` in a byte: bytes from there on would make some signs more frequent. */
const fair = 256 - (256 % signs.length);

/** A new code of 8 signs, such as `K7PM3XQA`: there are more than 3 × 10¹¹. `randomBytes` as of `node:crypto`. */
export function newDoorCode(randomBytes: (length: number) => Uint8Array): string {
  let code = "";
  while (code.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < fair && code.length < length) code += signs.charAt(byte % signs.length);
    }
  }
  return code;
}

/** A code as a person types it, in the form that is stored; undefined where it cannot be one. */
export function readDoorCode(typed: string): string | undefined {
  const code = typed.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "");
  return pattern.test(code) ? code : undefined;
}
