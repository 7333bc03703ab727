import { describe, expect, it } from "vitest";
import { maskPersons } from "../../../src/answering/mask-persons.ts";

describe("a contact's words without what tells who they are", () => {
  it.each([
    ["我叫王芳，在厂里干了三年", "我叫〔姓名〕，在厂里干了三年"],
    ["姓名：欧阳，同事叫李建国的也没签", "姓名：欧阳，同事叫〔姓名〕的也没签"],
    ["我在重庆大江机械有限公司上班没签合同", "我在〔单位〕上班没签合同"],
    ["邮箱 lao.wang@qq.com 微信号：wang_8899", "邮箱 〔邮箱〕 微信号：〔账号〕"],
    ["住在幸福小区3栋2单元501室", "住在幸福小区〔地址〕"],
    ["手机13812345678，欠薪两个月", "手机〔手机号〕，欠薪两个月"],
    ["见 https://a.cn/x?id=7 写的", "见 〔网址〕 写的"],
  ])("%s", (said, masked) => expect(maskPersons(said)).toBe(masked));

  it.each([
    "公司叫我加班，不给加班费",
    "我叫老板赔钱，他不赔",
    "劳务派遣公司和用工单位谁发工资",
    "老板是我亲戚，3个月没发工资",
    "在有限公司当股东算不算职工",
  ])("leaves the matter as it is: %s", (said) => expect(maskPersons(said)).toBe(said));
});
