import { describe, expect, it } from "vitest";
import {
  isKnownRegion,
  placeOfTitle,
  places,
  provinceOf,
  provinces,
} from "../../../../src/knowledge/documents/regions.ts";

describe("the places of the list", () => {
  it("are the 31 provinces of the mainland, each place in one of them and named once", () => {
    expect(provinces).toHaveLength(31);
    expect(new Set(places).size).toBe(places.length);
    for (const place of places) expect(provinces).toContain(provinceOf(place));
  });

  it.each([
    ["成都", "四川"],
    ["重庆", "重庆"],
    ["深圳", "广东"],
    ["火星", undefined],
    ["toString", undefined],
  ])("%s lies in %s", (place, province) => {
    expect(provinceOf(place)).toBe(province);
  });

  it("are what a document may hold for, beside all of China", () => {
    expect(["全国", "四川", "成都", "火星", "四川省", ""].map(isKnownRegion)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("the place that a title names first", () => {
  it.each([
    ["重庆市工会条例", "重庆"],
    ["四川省劳动和社会保障监察条例", "四川"],
    ["广西壮族自治区实施办法", "广西"],
    ["深圳市员工工资支付条例", "深圳"],
    ["盐城市养犬管理条例", "盐城"],
    ["昆明市出租汽车条例", "昆明"],
    ["凉山彝族自治州立法条例", "凉山彝族自治州"],
    ["中国（上海）自由贸易试验区条例", "上海"],
    ["关于加强城市管理的通知", undefined],
    ["住房公积金管理条例", undefined],
    ["国务院关于城市居民最低生活保障的规定", undefined],
    ["劳动力市场管理规定", undefined],
    ["城市房屋拆迁条例", undefined],
    ["海南自由贸易港法", undefined],
    ["上海航运交易所管理规定", undefined],
  ])("%s: %s", (title, place) => {
    expect(placeOfTitle(title)).toBe(place);
  });
});
