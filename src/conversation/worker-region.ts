import type { LocalData } from "../knowledge/documents/local-data.ts";
import { places, provinceOf } from "../knowledge/documents/regions.ts";

type Home = Pick<LocalData["federation"], "region"> & Pick<LocalData, "districts">;

/** Where somebody comes from, is registered, or stays for a while is not where they work. */
const notWork =
  /(?:老家|户口|户籍|籍贯|家|出生|来自|毕业|生|娘家|婆家|父母|儿子|女儿|老婆|老公|房子|亲戚|朋友|同学|法院|总部|总公司|母公司|注册|注册地|发货|客户)(?:是|在|于|为|都在|从)?$/u;
const origin =
  /^(?:省|市|自治区)?(?:人(?!民|力|社|员|事|均|才)|户口|户籍|籍|老家|话|口音|娃|妹|老乡|火锅|小面|大学|学院)/u;
/** 大理石, 中山路, 朝阳产业: the name is part of another word. */
const otherWord = /^(?:石|路|街|产业|牌|大道|西路|东路)/u;
const passing =
  /^[^，。,;；!！?？]{0,4}(?:出差|旅游|旅行|玩|耍|读书|上学|念书|培训|学习|开会|看病|探亲|过年|办事)/u;
const workedAt = /(?:在|到|去|来|来到|派到|派驻|驻|调到|调|调往|派往|位于|人在|地点(?:是|在|:)?|从)$/u;
const place =
  /^(?:省|市|自治区)?[^，。,;；!！?？\n]{0,12}?(?:上班|打工|工作|务工|干活|做工|做事|进厂|入职|送外卖|跑外卖|送快递|跑车|的?(?:公司|厂|工地|单位|企业|项目|店|分公司|饭店|酒店|学校|医院))/u;
const bare = /^(?:省|市|自治区)?(?:这边|这里|那边|这|$|[，。,;；!！?？\s吗呢])/u;
const elsewhereNow = /(?:之前|以前|原来|原先|曾经|过去|前年|去年)[^，。,;；!！?？]{0,6}$/u;
const left = /^[^，。,;；!！?？]{0,10}(?:回来了|回来|辞职回|离开)/u;

const named = new RegExp(places.join("|"), "gu");
/** Characters of a text that are looked at. */
const longest = 1_000;
const clauseEnd = /[，。,;；!！?？\n]/u;

/**
 * The region whose rules hold where a contact works, from what they wrote, oldest first: a province by its short
 * name. Where the newest text that names a workplace names one province, or places of the federation, it is that; one
 * that names several says nothing. Where nobody said anything, the federation's own.
 */
export function workerRegion(texts: readonly string[], { region, districts }: Home): string {
  const own = districts.flatMap(({ name, aliases }) => [name, ...aliases]).filter((name) => name.length > 1);
  for (const text of texts.toReversed()) {
    const plain = text.normalize("NFKC").slice(0, longest);
    const found = new Set([
      ...regionsIn(plain, named, (name) => provinceOf(name)),
      ...regionsIn(plain, anyOf(own), () => region),
    ]);
    const [only] = found;
    if (only !== undefined && found.size === 1) return only;
    if (found.size > 1) return region;
  }
  return region;
}

/** Names that are part of another word have been seen to mislead: 高新区 stands in every city. */
const anyOf = (names: readonly string[]) =>
  names.length === 0 ? /(?!)/gu : new RegExp(names.filter((name) => !everywhere.has(name)).join("|"), "gu");
const everywhere = new Set(["高新区", "科学城", "两江"]);

function regionsIn(text: string, names: RegExp, regionOf: (name: string) => string | undefined): string[] {
  return [...text.matchAll(names)].flatMap(({ 0: name, index }) => {
    const before = text.slice(0, index);
    const clause = before.slice(lastEnd(before));
    const after = text.slice(index + name.length);
    const region = isWorkplace(clause, after) ? regionOf(name) : undefined;
    return region === undefined ? [] : [region];
  });
}

function isWorkplace(plain: string, after: string): boolean {
  if (notWork.test(plain) || origin.test(after) || otherWord.test(after) || passing.test(after)) return false;
  if (elsewhereNow.test(plain.replace(workedAt, "")) || left.test(after)) return false;
  return (
    place.test(after) ||
    (workedAt.test(plain) && bare.test(after)) ||
    (/^我?$/u.test(plain) && bare.test(after) && after !== "")
  );
}

const lastEnd = (text: string) =>
  Math.max(0, ...[...text].map((sign, index) => (clauseEnd.test(sign) ? index + 1 : 0)));
