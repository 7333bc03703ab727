/** The day whose law a question is about, as the contact told of it. */
export interface AskedDay {
  /** ISO date, never after today. Of a month or a year that was told, its last day. */
  readonly date: string;
  /** The contact's own words for it; undefined: nothing was told, the law of today is meant. */
  readonly told?: string;
  /** `rule`: the rules of that time are asked for. `former`: those before the present ones, without a date. */
  readonly asks?: "rule" | "former";
}
