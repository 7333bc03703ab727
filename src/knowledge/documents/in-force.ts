/**
 * Whether a document holds on an ISO date: from `effective` (inclusive) until `repealed` (exclusive). Without
 * `effective` it has always held.
 */
export function isInForce(
  document: { readonly effective?: string; readonly repealed?: string },
  asOf: string,
): boolean {
  if (document.effective !== undefined && document.effective > asOf) return false;
  return document.repealed === undefined || asOf < document.repealed;
}
