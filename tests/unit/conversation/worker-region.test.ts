import { describe, expect, it } from "vitest";
import { workerRegion } from "../../../src/conversation/worker-region.ts";

const home = {
  region: "重庆",
  districts: [
    { id: "yubei", name: "渝北区", aliases: ["渝北"], kind: "区", organisation: "渝北区总工会" },
    { id: "gaoxin", name: "西部科学城", aliases: ["高新区"], kind: "区", organisation: "高新区总工会" },
  ],
};
const of = (...texts: string[]) => workerRegion(texts, home);

describe("where a contact works", () => {
  it.each([
    ["我在成都", "四川"],
    ["我在成都上班，产假几天", "四川"],
    ["成都这边产假几天", "四川"],
    ["我在四川省绵阳市一个工地干活", "四川"],
    ["我在深圳的厂里上班，老板不发工资", "广东"],
    ["人在杭州，老板拖工资", "浙江"],
    ["北京的公司不发工资", "北京"],
    ["新疆石河子的工地欠我钱", "新疆"],
    ["我在内蒙古自治区包头市的公司上班", "内蒙古"],
    ["四川人在广东打工", "广东"],
    ["我在成都高新区上班", "四川"],
  ])("is the place of the workplace: %s", (text, region) => {
    expect(of(text)).toBe(region);
  });

  it.each([
    "产假几天",
    "我在渝北上班",
    "老家在四川，在重庆打工",
    "我是四川人",
    "户口在贵州，能入会吗",
    "去成都出差路上受伤算工伤吗",
    "帮我订张去成都的高铁票",
    "四川高温津贴好多钱",
    "我以前在成都上班，现在回重庆了",
    "大理石厂工人",
    "家在湖南",
  ])("is here where no other workplace is told: %s", (text) => {
    expect(of(text)).toBe("重庆");
  });

  it("is here where one text names several, or a place of the federation beside", () => {
    expect(of("公司在上海，我在北京上班")).toBe("重庆");
    expect(of("公司在上海，我在渝北上班")).toBe("重庆");
  });

  it("is remembered from earlier texts, and the newest holds", () => {
    expect(of("我在成都上班", "产假几天")).toBe("四川");
    expect(of("我在成都上班", "我现在到渝北上班了，产假几天")).toBe("重庆");
    expect(of("我在渝北上班", "下个月到广东打工，社保怎么转")).toBe("广东");
  });
});
