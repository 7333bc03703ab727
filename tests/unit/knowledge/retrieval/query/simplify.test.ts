import { describe, expect, it } from "vitest";
import { toSimplified } from "../../../../../src/knowledge/retrieval/query/simplify.ts";

describe("traditional characters", () => {
  it.each([
    ["老闆拖欠工資三個月了", "老板拖欠工资三个月了"],
    ["被公司無故解僱怎麼賠償", "被公司无故解雇怎么赔偿"],
    ["去哪裡、去哪裏", "去哪里、去哪里"],
    ["職業病診斷後", "职业病诊断后"],
  ])("%s: %s", (traditional, simplified) => {
    expect(toSimplified(traditional)).toBe(simplified);
  });

  it.each(["工资没发，怎么办？", "乾隆年间", "abc 123", ""])("%s is simplified already", (text) => {
    expect(toSimplified(text)).toBe(text);
  });
});
