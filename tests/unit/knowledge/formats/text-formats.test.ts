import { describe, expect, it } from "vitest";
import { htmlFormat } from "../../../../src/knowledge/formats/html-format.ts";
import { markdownFormat } from "../../../../src/knowledge/formats/markdown-format.ts";
import { textFormat } from "../../../../src/knowledge/formats/text-format.ts";

const file = (content: string) => ({ name: "a", bytes: Buffer.from(content) });
const markdown = async (content: string) => (await markdownFormat.read(file(content))).text;
const html = async (content: string) => (await htmlFormat.read(file(content))).text;

describe("markdownFormat", () => {
  it("keeps front matter, lists and headings as they are", async () => {
    const text = "---\nid: a\ntitle: 标题\n---\n\n# 一\n\n- 甲\n- 乙\n\n文字\n\n---\n\n尾";
    expect(await markdown(text)).toBe(text);
  });

  it("turns underlined headings into # lines, outside code only", async () => {
    expect(await markdown("总则\n====\n\n一\n\n附则\n---\n二")).toBe("# 总则\n\n一\n\n## 附则\n二");
    expect(await markdown("```\n总则\n====\n```")).toBe("```\n总则\n====\n```");
  });

  it("leaves out comments, which no reader sees", async () => {
    expect(await markdown("前\n\n<!-- INFO\nEND -->\n\n后 <!-- 没有结束")).toBe("前\n\n\n后 <!-- 没有结束");
  });
});

describe("textFormat", () => {
  it("normalises and changes nothing else", async () => {
    expect(await textFormat.read(file("第一条\r\n# 不是标题也照留"))).toEqual({
      text: "第一条\n# 不是标题也照留",
      warnings: [],
    });
  });
});

describe("htmlFormat", () => {
  it("keeps headings as # lines, also those with a break inside, and drops empty ones", async () => {
    const text = await html("<html><h1>工会<br>条例</h1><h2></h2><h3>第一节</h3><p>文</p></html>");
    expect(text.split(/\n+/)).toEqual(["# 工会 条例", "### 第一节", "文"]);
  });

  it("writes a table row as one line and keeps caption and empty cells", async () => {
    const table = `<table><caption>标准</caption>
      <thead><tr><th>项目</th><th>金额</th><th>次数</th></tr></thead>
      <tbody><tr><td><p>困难</p><p>补助</p></td><td></td><td>1次</td></tr></tbody></table>`;
    expect(await html(`<html>${table}`)).toBe("标准\n项目 | 金额 | 次数\n困难 补助 |  | 1次");
  });

  it("reads a table that lays out the page as the page", async () => {
    const page =
      "<table><tr><td>左</td><td><h1>标题</h1><table><tr><td>甲</td><td>乙</td></tr></table></td></tr></table>";
    expect((await html(`<html>${page}`)).split(/\n+/)).toEqual(["左", "# 标题", "甲 | 乙"]);
  });

  it("keeps lists and the text of links and drops scripts, styles, navigation and pictures", async () => {
    const page =
      "<head><title>t</title><style>p{}</style></head><nav>菜单</nav><p>见<a href='http://x.cn'>办法</a><img alt='图'></p>" +
      "<ul><li>甲</li><li>乙</li></ul><ol><li>丙</li></ol><script>alert(1)</script>";
    expect(await html(`<html>${page}`)).toBe("见办法\n\n- 甲\n- 乙\n\n 1. 丙");
  });

  it("does not cut off a page that is longer than the converter's own limit", async () => {
    const page = `<html><body>${`<!--${"x".repeat(1000)}-->`.repeat(17_000)}<p>最后一句</p></body></html>`;
    expect(await html(page)).toBe("最后一句");
  });

  it("refuses a page nested without end", async () => {
    await expect(html(`<html>${"<div>".repeat(200_000)}x`)).rejects.toMatchObject({
      code: "knowledge.document_refused",
      details: { reason: "too_complex" },
    });
  });
});
