import { describe } from "vitest";
import { describeOnPglite } from "../../support/databases.ts";
import { attachmentCases } from "./attachment-cases.ts";
import { changeCases } from "./change-cases.ts";
import { groupCases } from "./group-cases.ts";
import { hardshipCases } from "./hardship-cases.ts";
import { mannerCases } from "./manner-cases.ts";
import { createStage, type Subject } from "./stage.ts";
import { textCases } from "./text-cases.ts";

/**
 * The one contract of all channels, over the real road: stores on the embedded database, inbox, turns and outbox. What
 * a channel does not declare is passed over, and that it cannot be done is asserted instead.
 */
export function describeChannel(subject: Subject): void {
  describe(`the ${subject.name} channel`, () => {
    describeOnPglite((open) => {
      const stage = createStage(subject, open);
      textCases(stage);
      attachmentCases(stage);
      changeCases(stage);
      groupCases(stage);
      mannerCases(stage);
      hardshipCases(stage);
    });
  });
}
