import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLocalData } from "../../../../src/knowledge/documents/local-data.ts";
import { localDocuments } from "../../../../src/knowledge/documents/local-documents.ts";
import { assertLossless } from "../../../../src/knowledge/sections/check-sections.ts";
import { makeKnowledge, write } from "../../../support/knowledge-folder.ts";

async function changed(file: string, change: (yaml: string) => string): Promise<string> {
  const folder = join(await makeKnowledge({}), "local/chongqing");
  await write(folder, file, change(await readFile(join(folder, file), "utf8")));
  return folder;
}

describe("local data", () => {
  it("that ships is valid and becomes documents without loss", async () => {
    const local = await readLocalData(await changed("hotlines.yaml", (yaml) => yaml));
    const documents = localDocuments(local);
    expect(documents.map(({ id }) => id)).toEqual([
      "local-hotlines",
      "local-districts",
      "local-organisations",
    ]);
    for (const { text, sections } of documents) assertLossless(text, sections);
    for (const { number } of local.hotlines) expect(documents[0]?.text).toContain(number);
    for (const { name } of local.districts) expect(documents[1]?.text).toContain(name);
  });

  it("is refused where a fallback number is in no list of hotlines", async () => {
    const folder = await changed("federation.yaml", (yaml) => yaml.replace("'12351'", "'99999'"));
    await expect(readLocalData(folder)).rejects.toMatchObject({
      code: "knowledge.local_data_invalid",
      message: "本地数据 chongqing/hotlines.yaml 有误：没有登记号码 99999",
    });
  });

  it.each([
    ["federation.yaml", (yaml: string) => yaml.replace(/^city:.*$/mu, ""), "city:"],
    [
      "hotlines.yaml",
      (yaml: string) => yaml.replace(/number: '?(\d+)'?/u, "number: $1"),
      "hotlines.0.number: 号码要加引号",
    ],
    ["hotlines.yaml", (yaml: string) => `${yaml}\n  - [`, "行附近"],
    [
      "districts.yaml",
      (yaml: string) => yaml.replace(/verified:.*/u, "verified: 2026-02-30"),
      "verified: 没有这一天",
    ],
    ["organisations.yaml", (yaml: string) => yaml.replace(/^source:/mu, "sources:"), "sources"],
    ["organisations.yaml", () => "", "整份内容"],
  ])("a fault in %s is named by file and field", async (file, change, fault) => {
    const error = await readLocalData(await changed(file, change)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "knowledge.local_data_invalid",
      details: { file: `chongqing/${file}` },
    });
    expect((error as Error).message).toContain(`chongqing/${file} 有误`);
    expect((error as Error).message).toContain(fault);
  });

  it("a missing file is named", async () => {
    const folder = await changed("districts.yaml", (yaml) => yaml);
    await rm(join(folder, "districts.yaml"));
    await expect(readLocalData(folder)).rejects.toThrow("chongqing/districts.yaml 有误：无法读取");
  });
});
