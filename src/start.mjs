/**
 * The entry that every Node can read. The service itself is TypeScript run from source, which an older Node cannot
 * parse: so the version is checked here, in one line that says what to do.
 */
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `需要 Node.js 22.18 或更新版本，现在是 ${process.versions.node}。请用 npm start 启动（npm ci 会带来 Node 24），或安装新版 Node.js。\n` +
      `Node.js 22.18 or newer is needed, this is ${process.versions.node}. Start by "npm start" ("npm ci" brings Node 24), or install a newer Node.js.\n`,
  );
  process.exit(1);
}

/**
 * With its defaults glibc keeps the memory of threads that have ended, such as the one that builds an index: about
 * 100 MB that the service would hold for good. It reads these settings only when a process begins, so the process
 * begins again in its own place.
 */
const memory = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "65536" };
const mayBeginAgain =
  process.platform === "linux" && process.execve !== undefined && process.env.MALLOC_ARENA_MAX === undefined;

if (process.argv.length > 2) {
  await import("./cli.ts");
} else {
  if (mayBeginAgain) {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, process.argv[1]], {
      ...process.env,
      ...memory,
    });
  }
  await import("./main.ts");
}
