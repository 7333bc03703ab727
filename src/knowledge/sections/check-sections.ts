import { AppError } from "../../errors.ts";
import type { Section } from "../policy-document.ts";

/**
 * Proves that nothing of a document is lost or doubled: its sections, put together in order, are its text.
 *
 * @throws AppError `knowledge.document_refused` with the place where they part; the document is not taken in.
 */
export function assertLossless(text: string, sections: readonly Section[]): void {
  let place = 0;
  for (const [index, section] of sections.entries()) {
    if (section.ordinal !== index || section.start !== place || section.end <= section.start)
      throw broken(place);
    place = section.end;
  }
  if (place !== text.length) throw broken(place);
}

function broken(place: number): AppError {
  return new AppError(
    "knowledge.document_refused",
    `文档分段后与原文不一致（第 ${place} 字处），请把文件交给管理员检查`,
    {
      details: { reason: "sections_not_lossless", place },
    },
  );
}
