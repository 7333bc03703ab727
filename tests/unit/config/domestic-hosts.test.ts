import { describe, expect, it } from "vitest";
import { isDomestic } from "../../../src/domestic-hosts.ts";

describe("isDomestic", () => {
  it.each([
    "http://localhost:11434/v1",
    "http://127.0.0.1:8000",
    "http://[::1]:8000",
    "http://10.2.3.4/v1",
    "http://172.31.0.1",
    "http://192.168.1.5",
    "http://[fd00::1]/",
    "http://2130706433/",
    "http://ollama:11434",
    "http://models.corp.internal/v1",
    "https://api.deepseek.com/v1",
    "https://API.DeepSeek.com./v1",
    "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "https://ark.cn-beijing.volces.com/api/v3",
    "https://open.bigmodel.cn/api/paas/v4",
    "https://api.siliconflow.cn/v1",
    "https://api.hunyuan.cloud.tencent.com/v1",
    "https://llm.cqgh.org.cn/v1",
  ])("keeps %s at home", (url) => {
    expect(isDomestic(url)).toBe(true);
  });

  it.each([
    "https://api.openai.com/v1",
    "https://api.siliconflow.com/v1",
    "https://8.8.8.8/v1",
    "http://172.32.0.1",
    "http://[2001:4860:4860::8888]/",
    "http://[::ffff:8.8.8.8]/",
    "https://evil-aliyuncs.com/v1",
    "https://aliyuncs.com.example.org/v1",
    "https://api.deepseek.com.evil.io",
    "https://127.0.0.1.nip.io/",
    "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "https://dashscope-us.aliyuncs.com/v1",
    "https://oss.ap-southeast-1.aliyuncs.com",
    "https://x.cn-hongkong.aliyuncs.com",
    "https://localhost.example.com",
  ])("counts %s as abroad", (url) => {
    expect(isDomestic(url)).toBe(false);
  });
});
