import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withExclusiveFile } from "../../../src/storage/with-exclusive-file.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "niangjia-lock-"));
  file = join(folder, "lock");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it("several users of a file take turns", async () => {
  let inside = 0;
  const seen = await Promise.all(
    Array.from({ length: 5 }, () =>
      withExclusiveFile(file, 10_000, async () => {
        inside++;
        await new Promise((resolve) => setImmediate(resolve));
        return inside--;
      }),
    ),
  );
  expect(seen).toEqual([1, 1, 1, 1, 1]);
});

it("whoever waits too long gives up without running", async () => {
  let ran = false;
  await withExclusiveFile(file, 0, async () => {
    const second = await withExclusiveFile(file, 40, async () => {
      ran = true;
    });
    expect(second).toBeUndefined();
  });
  expect(ran).toBe(false);
});

it("the file is free again after a failure", async () => {
  const failing = withExclusiveFile(file, 0, async () => {
    throw new Error("inside");
  });
  await expect(failing).rejects.toThrow("inside");
  expect(await withExclusiveFile(file, 0, async () => "free")).toBe("free");
});

it("a file that cannot be opened or is no lock throws", async () => {
  await expect(withExclusiveFile(join(folder, "absent", "lock"), 0, async () => 1)).rejects.toThrow();
  await expect(withExclusiveFile(folder, 0, async () => 1)).rejects.toThrow();
});
