import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LawRegister } from "../../../../src/knowledge/documents/law-register.ts";

const register = LawRegister.parse(`
laws:
  - { law: 信访条例, published: 2005-01-10, status: repealed, until: 2022-04-30, by: 信访工作条例 }
  - { law: 最高人民法院关于审理劳动争议案件的解释（二）, published: 2006-08-14, status: repealed, until: 2020-12-31, by: 法释26号 }
  - { law: 国有企业富余职工安置规定, published: 1993-04-20, status: historical, by: 只供了解历史 }
  - { law: 重庆市工会条例, published: 2011-11-29, status: check, by: 核对新文本 }
  - { law: 住房公积金管理条例, published: 2019-03-24, status: in_force, by: 现行 }
`);

describe("the law register", () => {
  it("ends a text on the day after its last day in force", () => {
    expect(register.statusOf("信访条例", "2005-01-10")).toEqual({
      repealed: "2022-05-01",
      note: "信访工作条例",
    });
    expect(register.statusOf("信访条例")?.repealed).toBe("2022-05-01");
  });

  it("crosses the end of a year", () => {
    expect(register.statusOf("最高人民法院关于审理劳动争议案件的解释（二）")?.repealed).toBe("2021-01-01");
  });

  it("takes a text of the same name that is newer for another one", () => {
    expect(register.statusOf("信访条例", "2024-01-01")).toBeUndefined();
    expect(register.statusOf("国有企业富余职工安置规定", "2025-01-01")).toBeUndefined();
    expect(register.statusOf("重庆市工会条例", "2025-01-01")).toBeUndefined();
  });

  it.each([
    "最高人民法院关于审理劳动争议案件的解释(二)",
    "最高人民法院《关于审理劳动争议案件的解释》（二）",
    "最高人民法院 关于审理劳动争议案件的解释（二）",
  ])("knows %s whatever its brackets and spaces", (title) => {
    expect(register.statusOf(title)?.repealed).toBe("2021-01-01");
  });

  it("does not know the interpretation（三） by the one（二）", () => {
    expect(register.statusOf("最高人民法院关于审理劳动争议案件的解释（三）")).toBeUndefined();
  });

  it("knows a law with and without the formal prefix", () => {
    expect(register.statusOf("中华人民共和国信访条例")?.repealed).toBe("2022-05-01");
  });

  it("lets a historical text without a last day support nothing, and only remarks on one to be checked", () => {
    expect(register.statusOf("国有企业富余职工安置规定")?.repealed).toBe("1949-10-01");
    expect(register.statusOf("重庆市工会条例")).toEqual({ note: "核对新文本" });
    expect(register.statusOf("住房公积金管理条例")).toBeUndefined();
    expect(register.statusOf("劳动法")).toBeUndefined();
  });

  it("says from when an amended text holds, of that text alone", () => {
    const amended = LawRegister.parse(`
laws:
  - { law: 工会法, published: 2021-12-24, status: in_force, effective: 2022-01-01, by: 修正 }
  - { law: 工会法, published: 2009-08-27, status: replaced, effective: 2009-08-27, until: 2021-12-31, by: 修正 }
`);
    expect(amended.statusOf("工会法", "2021-12-24")).toEqual({ effective: "2022-01-01" });
    expect(amended.statusOf("工会法", "2009-08-27")).toEqual({
      effective: "2009-08-27",
      repealed: "2022-01-01",
      note: "修正",
    });
    expect(amended.statusOf("工会法", "2025-01-01")).toBeUndefined();
    expect(amended.statusOf("工会法")).toBeUndefined();
  });

  it("has another fingerprint when an entry changes", () => {
    const other = LawRegister.parse("laws: [{ law: 信访条例, status: repealed, by: 别的 }]");
    expect(other.fingerprint).not.toBe(register.fingerprint);
  });

  it.each([
    ["laws: [{ law: 信访条例, status: gone, by: x }]", "laws.0.status"],
    ["laws: [{ law: 信访条例, status: repealed, until: 2022-02-31, by: x }]", "laws.0.until"],
    ["laws: [{ law: 信访条例, status: repealed, untill: 2022-02-01, by: x }]", "untill"],
    ["laws: [", "行附近"],
    ["", "整份内容"],
  ])("names the fault of %s", (yaml, fault) => {
    expect(() => LawRegister.parse(yaml)).toThrow(
      expect.objectContaining({ code: "knowledge.local_data_invalid" }),
    );
    expect(() => LawRegister.parse(yaml)).toThrow(fault);
    expect(() => LawRegister.parse(yaml)).toThrow("laws.yaml");
  });

  it("that ships is valid", () => {
    const shipped = new URL("../../../../knowledge/laws.yaml", import.meta.url);
    const laws = LawRegister.parse(readFileSync(shipped, "utf8"));
    expect(laws.statusOf("信访条例")?.repealed).toBe("2022-05-01");
    expect(laws.statusOf("劳动合同法", "2012-12-28")).toEqual({ effective: "2013-07-01" });
  });
});
