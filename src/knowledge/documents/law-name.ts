const edition =
  /\((?:\d{4}[^()]*|[^()]*(?:修正|修订|公布|施行|版)[^()]*|[〇零一二三四五六七八九]{4}年?[^()]*)\)$/u;
const publisher =
  /^(?:国务院|最高人民法院|最高人民检察院|中华全国总工会|全国总工会|劳动部|劳动和社会保障部|人力资源和?社会保障部)(?:办公厅)?(?=关于)/u;

/**
 * One form for the names of one law's editions: width, spaces, marks, the prefix 中华人民共和国, the publisher and the
 * year of an edition (修正, 修订) are left out. 解释（一） and 解释（二） stay two, and so does a text 试行.
 */
export function lawIdOf(title: string): string {
  let name = title
    .normalize("NFKC")
    .replace(/[\s《》〈〉<>「」]/gu, "")
    .replaceAll("中华人民共和国", "");
  for (let before = ""; before !== name; ) {
    before = name;
    name = name.replace(edition, "");
  }
  return name.replace(publisher, "");
}
