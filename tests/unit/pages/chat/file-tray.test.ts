import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../../src/pages/chat/api-client.ts";
import { fileEnding, fileLabel, fileSize } from "../../../../src/pages/chat/file-label.ts";
import { createFileTray, type FileToUpload, type PickedFile } from "../../../../src/pages/chat/file-tray.ts";
import { createPictures } from "../../../../src/pages/chat/pictures.ts";
import { createSafeStorage } from "../../../../src/pages/chat/safe-storage.ts";

const file = (name: string, type = "image/jpeg", bytes = 10): PickedFile =>
  Object.assign(new Blob([new Uint8Array(bytes)], { type }), { name });

function setUp() {
  const values = new Map<string, string>();
  const storage = createSafeStorage(() => ({
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }));
  const released: string[] = [];
  let urls = 0;
  const pictures = createPictures({
    fetchFile: async () => new Blob([]),
    urls: { createObjectURL: () => `blob:${++urls}`, revokeObjectURL: (url) => void released.push(url) },
  });
  const uploads: {
    file: FileToUpload;
    progress: (share: number) => void;
    end: (id: string) => void;
    fail: (error: unknown) => void;
  }[] = [];
  let ids = 0;
  const open = () =>
    createFileTray({
      upload: (picked, progress, signal) =>
        new Promise((end, fail) => {
          signal.addEventListener("abort", () => fail(new ApiError(0, "")));
          uploads.push({ file: picked, progress, end, fail });
        }),
      storage,
      pictures,
      newId: () => `own-${++ids}`,
      largest: () => 1024 * 1024,
    });
  return { tray: open(), open, uploads, pictures, released, values };
}

const settle = () => vi.waitFor(() => Promise.resolve());
const states = (tray: ReturnType<typeof createFileTray>) => tray.state().files.map(({ state }) => state);

describe("the tray of files", () => {
  it("uploads one after the other and gives what is kept to a message, once", async () => {
    const { tray, uploads, values } = setUp();
    tray.add([file("a.jpg"), file("b.mp3", "audio/mpeg"), file("c.pdf", "application/pdf")]);
    expect(states(tray)).toEqual(["sending", "waiting", "waiting"]);
    expect(tray.take()).toEqual([]);
    uploads[0]?.progress(0.4);
    expect(tray.state().files[0]?.share).toBe(0.4);
    for (const [index, id] of ["x", "y", "z"].entries()) {
      uploads[index]?.end(id);
      await vi.waitFor(() => expect(tray.state().files[index]?.state).toBe("kept"));
    }
    expect(uploads.map(({ file: { kind } }) => kind)).toEqual(["photo", "voice", "file"]);
    expect(tray.take()).toEqual([
      { id: "x", kind: "photo", name: "a.jpg", size: 10 },
      { id: "y", kind: "voice", name: "b.mp3", size: 10 },
      { id: "z", kind: "file", name: "c.pdf", size: 10 },
    ]);
    expect(tray.state().files).toEqual([]);
    expect(values.size).toBe(0);
  });

  it("keeps over a reload what the server keeps, and nothing else", async () => {
    const { tray, open, uploads } = setUp();
    tray.add([file("a.jpg"), file("b.jpg")]);
    uploads[0]?.end("x");
    await vi.waitFor(() => expect(states(tray)).toEqual(["kept", "sending"]));
    const reloaded = open();
    expect(reloaded.state().files).toEqual([
      { id: "x", kind: "photo", name: "a.jpg", size: 10, state: "kept", share: 1 },
    ]);
  });

  it.each([
    ["no network", new ApiError(0, ""), "没传上去，可能是网络不好", true],
    ["a server that is down", new ApiError(503, "文件暂时存不了。"), "文件暂时存不了。", true],
    ["too many at once", new ApiError(429, "发得太快了"), "发得太快了", true],
    ["a harmful file", new ApiError(415, "这类文件不安全。"), "这类文件不安全。", false],
    ["a proxy's limit", new ApiError(413, ""), "太大了，请压缩一下再发", false],
  ])("says in words what went wrong: %s", async (_name, error, problem, canRetry) => {
    const { tray, uploads } = setUp();
    tray.add([file("a.jpg"), file("b.jpg")]);
    uploads[0]?.fail(error);
    await vi.waitFor(() => expect(states(tray)).toEqual(["failed", "sending"]));
    expect(tray.state().files[0]).toMatchObject({ problem, canRetry });
  });

  it("tries again what failed, behind what is on its way", async () => {
    const { tray, uploads } = setUp();
    tray.add([file("a.jpg")]);
    uploads[0]?.fail(new ApiError(0, ""));
    await vi.waitFor(() => expect(states(tray)).toEqual(["failed"]));
    tray.retry(tray.state().files[0]?.id ?? "");
    uploads[1]?.end("x");
    await vi.waitFor(() => expect(states(tray)).toEqual(["kept"]));
    expect(uploads).toHaveLength(2);
  });

  it("stops an upload that is taken out, and goes on with the next", async () => {
    const { tray, uploads, released } = setUp();
    tray.add([file("a.jpg"), file("b.jpg")]);
    tray.remove(tray.state().files[0]?.id ?? "");
    await vi.waitFor(() => expect(uploads).toHaveLength(2));
    expect(tray.state().files.map(({ name }) => name)).toEqual(["b.jpg"]);
    expect(released).toEqual(["blob:1"]);
  });

  it("does not send what the server would refuse for its size", async () => {
    const { tray, uploads } = setUp();
    tray.add([file("a.jpg", "image/jpeg", 1024 * 1024 + 1)]);
    await settle();
    expect(uploads).toEqual([]);
    expect(tray.state().files[0]).toMatchObject({
      state: "failed",
      problem: "太大了，每个不能超过1MB",
      canRetry: false,
    });
  });

  it("holds nine files and says that there were more", () => {
    const { tray } = setUp();
    tray.add(Array.from({ length: 11 }, (_, index) => file(`${index}.jpg`)));
    expect(tray.state().files).toHaveLength(9);
    expect(tray.state().note).toContain("9个");
    tray.remove(tray.state().files[8]?.id ?? "");
    expect(tray.state().note).toBe("");
  });

  it("keeps the picture of a file under the server's id, for the message that shows it", async () => {
    const { tray, uploads, pictures } = setUp();
    tray.add([file("a.jpg")]);
    expect(pictures.known(tray.state().files[0]?.id ?? "")).toBe("blob:1");
    uploads[0]?.end("x");
    await vi.waitFor(() => expect(pictures.known("x")).toBe("blob:1"));
  });

  it("takes back the files of a message that is to be changed", () => {
    const { tray } = setUp();
    tray.putBack([{ id: "x", kind: "photo" }]);
    expect(tray.take()).toEqual([{ id: "x", kind: "photo", name: "", size: 0 }]);
  });

  it("survives damaged storage", () => {
    const { open, values } = setUp();
    for (const damaged of ["{", "null", '[{"id":7}]', "[null]", '{"id":"x"}']) {
      values.set("niangjia.tray", damaged);
      expect(open().state().files).toEqual([]);
    }
  });
});

describe("pictures", () => {
  it("are fetched once, and a failure can be tried again", async () => {
    let isDown = true;
    const fetched: string[] = [];
    const pictures = createPictures({
      fetchFile: async (id) => {
        fetched.push(id);
        if (isDown) throw new ApiError(0, "");
        return new Blob([]);
      },
      urls: { createObjectURL: () => "blob:1", revokeObjectURL: () => {} },
    });
    await expect(pictures.open("x")).rejects.toThrow(ApiError);
    isDown = false;
    expect([await pictures.open("x"), await pictures.open("x")]).toEqual(["blob:1", "blob:1"]);
    expect(fetched).toEqual(["x", "x"]);
  });
});

describe("a file in words", () => {
  it("has its name, its size and a few letters for what it is", () => {
    expect(fileLabel({ kind: "photo", name: "IMG_1.jpg" })).toBe("照片");
    expect(fileLabel({ kind: "file", name: "合同.pdf" })).toBe("合同.pdf");
    expect(fileLabel({ kind: "voice" })).toBe("录音");
    expect([fileSize({}), fileSize({ size: 1 }), fileSize({ size: 5_000_000 })]).toEqual([
      "",
      "1KB",
      "4.8MB",
    ]);
    expect(fileEnding({ kind: "file", name: "合同.pdf" })).toBe("PDF");
    expect(fileEnding({ kind: "voice", name: "录音" })).toBe("录音");
  });
});
