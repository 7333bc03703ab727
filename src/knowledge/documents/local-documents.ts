import type { PolicyDocument } from "../policy-document.ts";
import { splitSections } from "../sections/split-sections.ts";
import type { LocalData } from "./local-data.ts";
import { hashOf } from "./read-document.ts";

/** The local data as documents, so that it is found and cited like everything else. */
export function localDocuments(local: LocalData): PolicyDocument[] {
  return [hotlineDocument(local), districtDocument(local), organisationDocument(local)];
}

function hotlineDocument(local: LocalData): PolicyDocument {
  const parts = local.hotlines.map(
    ({ number, name, purpose, when, topics }) =>
      `## ${number} ${name}\n\n${number}是${name}：${purpose}${when === undefined ? "" : `（${when}）`}常用于：${topics.join("、")}。`,
  );
  return localDocument(local, "local-hotlines", "服务和求助电话", parts, ["hotlines.yaml"]);
}

function districtDocument(local: LocalData): PolicyDocument {
  const {
    fallback_hotlines: [hotline],
  } = local.federation;
  const parts = local.districts.map(({ name, aliases, organisation }) => {
    const also = aliases.length === 0 ? "" : `（也叫${aliases.join("、")}）`;
    return `## ${name}\n\n在${name}${also}上班的职工，可以找${organisation}；电话打 ${hotline} 转问。`;
  });
  return localDocument(local, "local-districts", "各区县总工会", parts, ["districts.yaml"]);
}

function organisationDocument(local: LocalData): PolicyDocument {
  const parts = local.organisations.map(
    ({ name, role, hotline }) => `## ${name}\n\n${name}：${role}电话 ${hotline}。`,
  );
  return localDocument(local, "local-organisations", "办事机构和五方联动单位", parts, ["organisations.yaml"]);
}

function localDocument(
  local: LocalData,
  id: string,
  subject: string,
  parts: readonly string[],
  files: readonly string[],
): PolicyDocument {
  const { name, region } = local.federation;
  const text = `# ${name}：${subject}\n\n${parts.join("\n\n")}\n`;
  const described = {
    id,
    title: `${name}：${subject}`,
    kind: "local" as const,
    region,
    audience: [],
    sources: [{ report: subject, publisher: name, date: local.verified }],
    verified: local.verified,
    questions: [],
  };
  return {
    ...described,
    origin: "library",
    path: `local/${files.join(",")}`,
    text,
    sections: splitSections(text),
    warnings: [],
    contentHash: hashOf({ ...described, text }),
  };
}
