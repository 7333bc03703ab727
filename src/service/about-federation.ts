import { fileURLToPath } from "node:url";
import { exampleQuestions } from "../conversation/wording/zh-cn.ts";
import type { About } from "../http/about.ts";
import type { LocalData } from "../knowledge/documents/local-data.ts";
import { longestMessage } from "../messaging/clean-text.ts";

/** Folder with the built pages. */
export const pagesFolder = fileURLToPath(new URL("../../dist/pages/", import.meta.url));

/** What the worker's page shows before the first message. */
export function aboutFederation({ federation, hotlines }: LocalData, fileBytes: number): About {
  return {
    federation: federation.name,
    assistant: federation.assistant.short_name,
    hotlines: hotlines.map(({ number, name, purpose, when }) => ({
      number,
      name,
      purpose,
      ...(when === undefined ? {} : { when }),
    })),
    examples: [...exampleQuestions],
    limits: { messageCharacters: longestMessage, fileBytes },
  };
}
