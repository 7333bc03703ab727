import { describe, expect, it } from "vitest";
import { rankOfDocument, rankOfTitle } from "../../../../src/knowledge/documents/document-rank.ts";

describe("the rank of a rule by its title", () => {
  it.each([
    ["中华人民共和国劳动合同法", "law"],
    ["劳动法（2018年修正）", "law"],
    ["民法典", "law"],
    ["人民检察院组织法", "law"],
    ["海南自由贸易港法", "law"],
    ["涉外民事关系法律适用法", "law"],
    ["全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定", "law"],
    ["工伤保险条例", "administrative_regulation"],
    ["劳动合同法实施条例", "administrative_regulation"],
    ["国务院关于职工工作时间的规定", "administrative_regulation"],
    ["女职工劳动保护特别规定", "administrative_regulation"],
    ["最高人民法院关于审理劳动争议案件适用法律问题的解释（一）", "judicial_interpretation"],
    ["最高人民法院  最高人民检察院关于办理刑事案件若干问题的解释", "judicial_interpretation"],
    ["人民法院在线诉讼规则", "judicial_interpretation"],
    ["企业职工带薪年休假实施办法", "departmental_rule"],
    ["工资支付暂行规定", "departmental_rule"],
    ["关于加强城市管理的通知", "departmental_rule"],
    ["国务院办公厅关于全面治理拖欠农民工工资问题的意见", "departmental_rule"],
    ["重庆市工会条例", "local_rule"],
    ["深圳经济特区和谐劳动关系促进条例", "local_rule"],
    ["甘孜藏族自治州立法条例", "local_rule"],
    ["内蒙古自治区实施《工会法》办法", "local_rule"],
    ["中国（重庆）自由贸易试验区条例", "local_rule"],
    ["2024年工作报告", "other"],
    ["重庆市总工会工作总结", "other"],
    ["网上做法", "other"],
  ])("%s: %s", (title, rank) => {
    expect(rankOfTitle(title)).toBe(rank);
  });

  it("names guides and the federation's own data as such, whatever their titles say", () => {
    expect(rankOfDocument({ kind: "guide", title: "劳动合同法" })).toBe("guide");
    expect(rankOfDocument({ kind: "local", title: "服务电话" })).toBe("local");
    expect(rankOfDocument({ kind: "law", title: "劳动合同法" })).toBe("law");
  });
});
