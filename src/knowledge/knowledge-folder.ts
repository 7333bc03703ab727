import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LawRegister } from "./documents/law-register.ts";
import { type LocalData, readLocalData } from "./documents/local-data.ts";

/** The knowledge that ships with the code. */
export const shippedKnowledge = fileURLToPath(new URL("../../knowledge/", import.meta.url));

/**
 * What a knowledge folder says beside its documents. A folder that has no law register or no local data of its own,
 * such as one with nothing but documents, is completed from the shipped one.
 */
export async function readFolderSettings(
  root: string,
  federation: string,
): Promise<{ register: LawRegister; local: LocalData }> {
  const registerFile = [join(root, "laws.yaml"), join(shippedKnowledge, "laws.yaml")].find(
    existsSync,
  ) as string;
  const localFolder = [join(root, "local", federation), join(shippedKnowledge, "local", federation)].find(
    existsSync,
  );
  const register = LawRegister.parse(await readFile(registerFile, "utf8"));
  return { register, local: await readLocalData(localFolder ?? join(root, "local", federation)) };
}
