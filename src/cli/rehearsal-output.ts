import type { GenerationEvent, GenerationEventName } from "../knowledge/generation-event.ts";
import type { CitingAnswers } from "../knowledge/knowledge-store.ts";
import type { AnswerGist, ChangedAnswer, RehearsalReport } from "../knowledge/rehearsal/rehearsal-report.ts";

const stateNames: Readonly<Record<string, string>> = {
  grounded: "有依据的回答",
  nothing_found: "没有找到",
  library_unavailable: "资料打不开",
  out_of_scope: "不在服务范围",
  small_talk: "寒暄",
  crisis: "紧急关怀",
  intake: "询问情况",
};

const eventNames: Readonly<Record<GenerationEventName, string>> = {
  first: "第一版，启用",
  passed: "试答通过，启用",
  accepted: "写明理由后启用",
  measured: "直接启用",
  refused: "没有启用",
  rolled_back: "恢复使用",
};

/** Answers that are shown one by one; `--json` has more. */
const mostShown = 12;
const longestQuestion = 60;

const timeInChina = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "medium",
});
const shownTime = (iso: string) => timeInChina.format(new Date(iso));
const shownDate = (iso: string) => shownTime(iso).slice(0, 10);

/** What known questions are answered now, for the editor: figures, then what got worse. */
export function rehearsalLines(report: RehearsalReport): string[] {
  const { golden, real, better, worse, changed, unasked, answers, milliseconds } = report;
  if (golden.asked + real.asked + unasked === 0) return [];
  const asked = [`标准题 ${golden.asked} 道`, ...(real.asked > 0 ? [`真实提问 ${real.asked} 个`] : [])];
  const met =
    golden.metBefore === undefined
      ? `答对 ${golden.metAfter} 道`
      : `答对 ${golden.metBefore} → ${golden.metAfter} 道`;
  const lost = real.lost > 0 ? `，真实提问里 ${real.lost} 个原来有回答、现在没有` : "";
  const poorer = answers.filter(({ verdict }) => verdict === "worse");
  return [
    `  试答 ${asked.join("，")}（${(milliseconds / 1_000).toFixed(1)} 秒）：标准题${met}${lost}`,
    `    变好 ${better} 个，变差 ${worse} 个，其他变化 ${changed} 个`,
    ...(unasked > 0 ? [`    时间不够，还有 ${unasked} 个问题没有试`] : []),
    ...poorer.slice(0, mostShown).flatMap(answerLines),
    ...(worse > mostShown ? [`    …… 变差的还有 ${worse - mostShown} 个，用 --json 看更多`] : []),
  ];
}

function answerLines({ kind, id, question, before, after, blocks }: ChangedAnswer): string[] {
  const name = kind === "real" ? "真实提问" : `标准题 ${id ?? ""}`;
  const said = question === undefined ? "" : `：${shorten(question)}`;
  return [
    `    ${blocks ? "✗" : "·"} ${name}${said}`,
    `        原来 ${gist(before)}`,
    `        现在 ${gist(after)}`,
  ];
}

function gist({ state, source, met }: AnswerGist): string {
  const said = source ?? stateNames[state] ?? state;
  return met === false ? `${said}（答得不对）` : said;
}

function shorten(text: string): string {
  const line = [...text.replace(/\s+/gu, " ")];
  return line.length > longestQuestion ? `${line.slice(0, longestQuestion).join("")}……` : line.join("");
}

/** Answers of the past that rest on what was changed or taken out: somebody may want to set them right. */
export function citedLines(cited: readonly CitingAnswers[]): string[] {
  if (cited.length === 0) return [];
  return [
    `  以前的回答引用过其中 ${cited.length} 份，请看看要不要更正（knowledge cited 编号 可看全部）`,
    ...cited.flatMap((one) => [
      `    ${summary(one)}`,
      `      对话 ${one.latest.map(({ conversationId }) => conversationId).join(" ")}${one.conversations > one.latest.length ? " ……" : ""}`,
    ]),
  ];
}

const summary = ({ documentId, title, answers, conversations, first, last }: CitingAnswers) =>
  `${title}（${documentId}）：${answers} 个回答，${conversations} 个对话，${shownDate(first)} 至 ${shownDate(last)}`;

/** Every conversation with an answer that cited a document, the latest first. */
export function printCited(cited: CitingAnswers | null): string {
  if (cited === null) return "没有回答引用过它\n";
  const rows = cited.latest.map(
    ({ conversationId, answers, last }) => `${conversationId}\t${answers} 个回答\t最近 ${shownTime(last)}`,
  );
  const more = cited.conversations - cited.latest.length;
  return `${[summary(cited), ...rows, ...(more > 0 ? [`…… 还有 ${more} 个更早的对话`] : [])].join("\n")}\n`;
}

/** One line an event, newest first; a report with its answers where they were asked for. */
export function printHistory(events: readonly GenerationEvent[]): string {
  if (events.length === 0) return "还没有记录\n";
  return `${events.flatMap(eventLines).join("\n")}\n`;
}

function eventLines({ event, generation, against, reason, by, report, at }: GenerationEvent): string[] {
  const replaced = against === undefined || event === "refused" ? "" : `（换下第 ${against} 版）`;
  const parts = [shownTime(at), `第 ${generation} 版`, `${eventNames[event]}${replaced}`, by ?? ""];
  return [
    parts.filter((part) => part !== "").join("\t"),
    ...(reason === undefined ? [] : [`  ${event === "measured" ? "没有试答" : "理由"}：${reason}`]),
    ...(report === undefined ? [] : rehearsalLines(report)),
  ];
}

/** Why a generation did not go live, and what can be done. */
export function printRefusal(message: string, report: RehearsalReport): string {
  return `${[
    message,
    ...rehearsalLines(report),
    "  请改好资料再更新；确实要启用，请写明理由：--accept “理由”（会留下记录）",
  ].join("\n")}\n`;
}
