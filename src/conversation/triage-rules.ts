/** The vocabulary of the first triage that other parts of the conversation use too. */
export { labourSubject } from "./signs/labour.ts";
export type { Sign } from "./signs/sign.ts";
