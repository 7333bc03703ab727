import { expect, test } from "vitest";
import { toPlatformEvent } from "../../../../../src/channels/wechat/official-account/receive.ts";

const receive = (fields: Record<string, string>) =>
  toPlatformEvent(
    new Map(Object.entries({ FromUserName: "open-1", CreateTime: "1", MsgId: "7", ...fields })),
  );

test("texts, links and menu keys are said", () => {
  expect(receive({ MsgType: "text", Content: " 工资 " })).toMatchObject({ externalId: "7", text: "工资" });
  expect(receive({ MsgType: "link", Title: "欠薪怎么办" })).toMatchObject({ text: "[链接] 欠薪怎么办" });
  expect(receive({ MsgType: "event", Event: "CLICK", EventKey: "人工" })).toMatchObject({ text: "人工" });
});

test("files are announced with the id under which they are fetched", () => {
  expect(receive({ MsgType: "voice", MediaId: "v-1", Format: "AMR" })).toMatchObject({
    attachments: [{ kind: "voice", reference: "v-1", mimeType: "audio/amr" }],
  });
  expect(receive({ MsgType: "image", MediaId: "../../x" })).toMatchObject({
    attachments: [{ kind: "photo", refused: "gone" }],
  });
});

test("a place has its coordinates, and one off the earth is unreadable", () => {
  const place = { MsgType: "location", Location_X: "29.5", Location_Y: "106.5", Label: "工地" };
  expect(receive(place)).toMatchObject({
    attachments: [{ kind: "location", location: { latitude: 29.5, longitude: 106.5, name: "工地" } }],
  });
  expect(receive({ ...place, Location_X: "north" })).toMatchObject({
    attachments: [{ kind: "location", refused: "unreadable" }],
  });
});

test("a door's code that is no code is no origin", () => {
  const event = receive({ MsgType: "event", Event: "subscribe", EventKey: "qrscene_<script>" });
  expect(event).toMatchObject({ text: "/start" });
  expect(event).not.toHaveProperty("origin");
});

test.each([
  { FromUserName: "" },
  { FromUserName: "a b" },
  { MsgType: "text", MsgId: "x" },
  { MsgType: "text", Content: "\u200B" },
  { MsgType: "event", Event: "LOCATION" },
  { MsgType: "hologram" },
])("nothing is made of %o", (fields) => {
  expect(receive(fields)).toBeUndefined();
});
